/**
 * bench/http-load — many requests over kept-open connections with as little of our own work as
 * possible, so that what is measured is the server: sockets and a reader of HTTP/1.1 answers.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Target {
  readonly url: URL;
  /** PEM; absent for plain HTTP. */
  readonly certificateAuthority?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds of each request, sorted. */
  readonly latencies: readonly number[];
  /** Answers that were not 2xx, by status, with the first body. */
  readonly failures: ReadonlyMap<number, string>;
}

export const perSecond = ({ requests, seconds }: LoadResult): number =>
  Math.round(requests / seconds);

/** The share `of` of the requests took at most so many milliseconds. */
export const percentile = ({ latencies }: LoadResult, of: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * of))] ?? Number.NaN;

export function openSocket({ url, certificateAuthority }: Target): Promise<Socket> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return new Promise((resolve, reject) => {
    const socket =
      certificateAuthority === undefined
        ? connect(port, url.hostname, () => resolve(socket))
        : connectTls({ port, host: url.hostname, ca: certificateAuthority }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

export function requestText(target: Target, request: LoadRequest): string {
  const body = request.body ?? '';
  const headers = { ...target.headers, ...request.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `${request.method} ${request.path} HTTP/1.1\r\nHost: ${target.url.host}\r\n${lines.join('')}` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/**
 * Sends `request(i)` for i = 0… over `connections` connections, one at a time each, until `count`
 * have been answered or `seconds` have passed.
 */
export async function load(
  target: Target,
  connections: number,
  until: { readonly count?: number; readonly seconds?: number },
  request: (i: number) => LoadRequest,
): Promise<LoadResult> {
  const latencies: number[] = [];
  const failures = new Map<number, string>();
  let next = 0;
  const startedAt = performance.now();
  const isOver = (): boolean =>
    next >= (until.count ?? Number.POSITIVE_INFINITY) ||
    performance.now() - startedAt >= (until.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const worker = async (): Promise<void> => {
    let connection = new Connection(await openSocket(target));
    while (!isOver()) {
      if (connection.isClosing) connection = new Connection(await openSocket(target));
      const text = requestText(target, request(next++));
      const sentAt = performance.now();
      const { status, body } = await connection.ask(text);
      latencies.push(performance.now() - sentAt);
      if ((status < 200 || status > 299) && !failures.has(status)) failures.set(status, body());
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  latencies.sort((a, b) => a - b);
  const seconds = (performance.now() - startedAt) / 1000;
  return { requests: latencies.length, seconds, latencies, failures };
}

export interface LoadAnswer {
  readonly status: number;
  /** Decoded when it is asked for. */
  readonly body: () => string;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKS_END = Buffer.from('0\r\n\r\n');

/** One request at a time. */
export class Connection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #headLength = -1;
  #wanted = 0;
  #isChunked = false;
  /** The server said that it closes, as those of HTTP/1.0 do. */
  isClosing = false;
  #status = 0;
  #answer: ((answer: LoadAnswer) => void) | undefined;
  #fail: ((cause: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (cause) => this.#fail?.(cause));
    socket.on('close', () => this.#fail?.(new Error('the server closed the connection')));
  }

  ask(text: string): Promise<LoadAnswer> {
    this.#chunks = [];
    this.#length = 0;
    this.#headLength = -1;
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#socket.write(text);
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#headLength < 0 && !this.#readHead()) return;
    if (!this.#isWhole(chunk)) return;
    const whole = Buffer.concat(this.#chunks, this.#length);
    const headLength = this.#headLength;
    const answer = this.#answer;
    this.#answer = undefined;
    this.#fail = undefined;
    answer?.({ status: this.#status, body: () => whole.subarray(headLength).toString() });
  }

  #readHead(): boolean {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const at = bytes.indexOf(HEAD_END);
    if (at < 0) return false;
    const head = bytes.subarray(0, at).toString('latin1').toLowerCase();
    this.#headLength = at + HEAD_END.length;
    this.#status = Number(head.slice(9, 12));
    this.isClosing = head.startsWith('http/1.0') || head.includes('\r\nconnection: close');
    this.#isChunked = head.includes('transfer-encoding: chunked');
    this.#wanted = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
    return true;
  }

  #isWhole(last: Buffer): boolean {
    if (!this.#isChunked) return this.#length >= this.#headLength + this.#wanted;
    if (last.length >= CHUNKS_END.length)
      return last.subarray(last.length - CHUNKS_END.length).equals(CHUNKS_END);
    return Buffer.concat(this.#chunks).subarray(-CHUNKS_END.length).equals(CHUNKS_END);
  }
}
