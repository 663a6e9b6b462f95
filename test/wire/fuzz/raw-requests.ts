/**
 * test/wire/fuzz/raw-requests — sends bytes that somebody took for HTTP, and reads what comes back,
 * if anything does.
 */
import { connect, type Socket } from 'node:net';

export interface Heard {
  /** 0: nothing that is HTTP. */
  readonly status: number;
  readonly text: string;
}

/** How a client goes on after its bytes. */
export type Manners = 'waits' | 'hangs up' | 'half-closes';

/** For an answer that has to come. */
const WAITS_MS = 5_000;
/** For one that may not: to half a request. */
const WAITS_ALONE_MS = 150;
const SILENCE: Heard = { status: 0, text: '' };

/** Sends bytes on a connection of their own. */
export function sendAlone(port: number, bytes: Buffer, manners: Manners): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const pieces: Buffer[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(firstOf(Buffer.concat(pieces)) ?? SILENCE);
    };
    const timer = setTimeout(finish, WAITS_ALONE_MS);
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('end', finish);
    socket.on('data', (piece) => {
      pieces.push(piece);
      if (firstOf(Buffer.concat(pieces)) !== undefined) finish();
    });
    socket.write(bytes, () => {
      if (manners === 'hangs up') finish();
      if (manners === 'half-closes') socket.end();
    });
  });
}

/** The first response in these bytes; undefined while it is not whole. */
function firstOf(bytes: Buffer): (Heard & { readonly end: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const from = headEnd + 4;
  if (status === 101 || status === 204 || status === 304) return { status, text: '', end: from };
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = from + Number(length);
    return bytes.length < end
      ? undefined
      : { status, text: bytes.toString('utf8', from, end), end };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return undefined;
  const close = bytes.indexOf('0\r\n\r\n', from);
  const end = close + 5;
  return close < 0 ? undefined : { status, text: bytes.toString('utf8', from, close), end };
}

/** A connection on which one request follows the other, as long as the server keeps it. */
export class KeptConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #heard = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(bytes: Buffer, isHead: boolean): Promise<Heard> {
    const socket = this.#open();
    socket.write(bytes);
    const until = performance.now() + WAITS_MS;
    for (;;) {
      const first = isHead ? headOf(this.#heard) : firstOf(this.#heard);
      if (first !== undefined) {
        this.#heard = this.#heard.subarray(first.end);
        return first;
      }
      if (this.#socket === undefined || performance.now() > until) {
        const rest = this.#heard.toString('latin1');
        this.close();
        return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(rest)?.[1] ?? 0), text: rest };
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - performance.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#heard = Buffer.alloc(0);
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect({ port: this.#port, host: '127.0.0.1' });
    this.#socket = socket;
    this.#heard = Buffer.alloc(0);
    const gone = (): void => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#wake?.();
    };
    socket.on('data', (piece) => {
      this.#heard = Buffer.concat([this.#heard, piece]);
      this.#wake?.();
    });
    socket.on('error', gone);
    socket.on('end', gone);
    socket.on('close', gone);
    return socket;
  }
}

function headOf(bytes: Buffer): (Heard & { readonly end: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[1] ?? 0);
  return { status, text: '', end: headEnd + 4 };
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** The request in HTTP's words. */
export function bytesOf({ method, path, headers, body }: Asked): Buffer {
  const target = path.replaceAll(/[\s\0]/g, '+');
  const lines = headers.map(
    ([name, value]) =>
      `${name}: ${Buffer.from(value)
        .toString('latin1')
        .replaceAll(/[\r\n\0]/g, ' ')}`,
  );
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: twin',
    `Content-Length: ${body.length}`,
    ...lines,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'utf8'), body]);
}
