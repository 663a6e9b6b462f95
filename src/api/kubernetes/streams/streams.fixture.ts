/**
 * api/kubernetes/streams/streams.fixture — a server with nothing but streams, pods that run a few
 * made-up programs, and the client's end of SPDY.
 */
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { settledTwin, smallCluster } from '../../../twin/small-cluster.fixture.ts';
import { runningTwin } from '../../running-twin.fixture.ts';
import type { Programs } from './command-run.ts';
import {
  controlFrame,
  dataFrames,
  SpdyFrameReader,
  SYN_REPLY,
  SYN_STREAM,
} from './spdy/spdy-frame.ts';
import { SpdyHeaderReader, SpdyHeaderWriter, uint32 } from './spdy/spdy-headers.ts';
import { type PodBehaviour, StreamSessions, type StreamTarget } from './stream-sessions.ts';

const PODS = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec: {containers: [{name: nginx, image: nginx, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: default}
spec: {containers: [{name: a, image: nginx}, {name: b, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: debugger, namespace: default}
spec: {restartPolicy: Never, containers: [{name: c, image: busybox, stdin: true, command: ['false']}]}
---
apiVersion: v1
kind: Pod
metadata: {name: homeless, namespace: default}
spec: {nodeSelector: {no: where}, containers: [{name: a, image: nginx}]}
`;

/** What the programs of the fixture saw. */
export interface Seen {
  /** Lines that containers have written, by name. */
  readonly log: Map<string, string[]>;
  hangUps: number;
  interrupts: number;
}

const RUNNABLE = new Set(['echo', 'fail', 'false', 'big', 'cat', 'columns', 'wait', 'crash', 'sh']);

const programs = (seen: Seen): Programs => ({
  startFailure: (_world, _machine, [program = '']) =>
    RUNNABLE.has(program)
      ? undefined
      : 'OCI runtime exec failed: exec failed: unable to start container process: ' +
        `exec: "${program}": executable file not found in $PATH: unknown`,
  run: async (_world, _machine, [program = '', ...args], streams) => {
    streams.onHangUp(() => seen.hangUps++);
    streams.onInterrupt?.(() => seen.interrupts++);
    switch (program) {
      case 'echo':
        streams.stdout(`${args.join(' ')}\n`);
        return 0;
      case 'fail':
      case 'false':
        streams.stderr('oops\n');
        return 7;
      case 'big':
        streams.stdout('x'.repeat(200_000));
        return 0;
      case 'cat':
        for (;;) {
          const text = await streams.read();
          if (text === undefined) return 0;
          streams.stdout(text);
        }
      case 'sh': {
        const keys = await streams.read();
        streams.stdout(JSON.stringify(keys));
        return 0;
      }
      case 'columns':
        await streams.read();
        streams.stdout(`${streams.columns} ${streams.isTerminal}\n`);
        return 0;
      case 'crash':
        throw new Error('a bug of ours');
      default:
        streams.stdout('waiting\n');
        return new Promise<number>(() => {});
    }
  },
});

const behaviour = (seen: Seen): PodBehaviour => ({
  programs: programs(seen),
  log: (_twin, { container }) =>
    (seen.log.get(container.name) ?? []).map((text) => ({ atMs: 0, text })),
  connect: async (_twin, _pod, port, client) => {
    client.on('data', (bytes: Buffer) => client.write(`${port} heard ${bytes}`));
    await new Promise((resolve) => client.once('end', resolve));
    return undefined;
  },
});

export async function streamServer() {
  const twin = await settledTwin(smallCluster(2), PODS);
  const seen: Seen = { log: new Map(), hangUps: 0, interrupts: 0 };
  const sessions = new StreamSessions(runningTwin(twin), behaviour(seen));
  const server: Server = createServer();
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://server');
    const [, namespace = '', name = '', subresource] = url.pathname.split('/');
    const target = { namespace, name, subresource, query: url.searchParams } as StreamTarget;
    void sessions.upgrade(request, socket, head, target);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { twin, seen, sessions, server, port };
}

/** A stream as the client of a test has it. */
export interface ClientStream {
  readonly id: number;
  text(): string;
  write(text: string): void;
  end(): void;
  /** Resolves when the server ended its direction. */
  readonly ended: Promise<void>;
}

/** What came instead of an upgrade. */
export interface Refused {
  readonly code: number;
  readonly body: string;
}

interface Opened {
  readonly stream: ClientStream;
  receive(bytes: Buffer, isLast: boolean): void;
}

export class SpdyClient {
  readonly #socket: Duplex;
  readonly #frames = new SpdyFrameReader();
  readonly #writer = new SpdyHeaderWriter();
  readonly #reader = new SpdyHeaderReader();
  readonly #streams = new Map<number, Opened>();
  #nextId = 1;
  replies = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => this.receive(bytes));
  }

  static connect(port: number, path: string, protocol: string): Promise<SpdyClient | Refused> {
    return new Promise((resolve) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'SPDY/3.1',
        ...(protocol === '' ? {} : { 'X-Stream-Protocol-Version': protocol }),
      };
      const asked = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers });
      asked.on('upgrade', (_response, socket) => resolve(new SpdyClient(socket)));
      asked.on('response', async (response) => {
        const body = (await response.setEncoding('utf8').toArray()).join('');
        resolve({ code: response.statusCode ?? 0, body });
      });
      asked.end();
    });
  }

  receive(bytes: Buffer): void {
    for (const frame of this.#frames.push(bytes)) {
      if (frame.kind === 'data') {
        this.#streams.get(frame.streamId)?.receive(frame.body, (frame.flags & 1) !== 0);
      } else if (frame.type === SYN_REPLY) {
        this.#reader.read(frame.body.subarray(4));
        this.replies++;
      }
    }
  }

  open(headers: Readonly<Record<string, string>>): ClientStream {
    const id = this.#nextId;
    this.#nextId += 2;
    const block = this.#writer.write(headers);
    this.#socket.write(controlFrame(SYN_STREAM, uint32(id), uint32(0), Buffer.of(0, 0), block));
    const heard: Buffer[] = [];
    let finish = (): void => {};
    const ended = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const send = (text: string, isLast: boolean): void => {
      for (const frame of dataFrames(id, Buffer.from(text), isLast)) this.#socket.write(frame);
    };
    const stream: ClientStream = {
      id,
      text: () => Buffer.concat(heard).toString('utf8'),
      write: (text) => send(text, false),
      end: () => send('', true),
      ended,
    };
    const receive = (bytes: Buffer, isLast: boolean): void => {
      heard.push(bytes);
      if (isLast) finish();
    };
    this.#streams.set(id, { stream, receive });
    return stream;
  }

  /** Sends what is no frame that a client would send. */
  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  onClose(callback: () => void): void {
    this.#socket.on('close', callback);
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

/** A WebSocket with a subprotocol that the library's own client refuses to ask for. */
export function rawWebSocket(port: number, path: string, protocol: string): Promise<Duplex> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Protocol': protocol,
  };
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port, path, headers });
    asked.on('response', ({ statusCode }) => reject(new Error(String(statusCode))));
    asked.on('upgrade', (response, socket) => {
      if (response.headers['sec-websocket-protocol'] !== protocol) reject(new Error('protocol'));
      resolve(framed(socket));
    });
    asked.end();
  });
}

/** The payloads of short binary messages; masked with zeros, as a client may. */
function framed(socket: Duplex): Duplex {
  let rest = Buffer.alloc(0);
  return new Duplex({
    read() {
      socket.on('data', (bytes: Buffer) => {
        rest = Buffer.concat([rest, bytes]);
        while (rest.length > 1 && rest.length >= 2 + (rest[1] ?? 0)) {
          const end = 2 + (rest[1] ?? 0);
          this.push(rest.subarray(2, end));
          rest = rest.subarray(end);
        }
      });
      this._read = () => {};
    },
    write(bytes: Buffer, _encoding, done) {
      socket.write(Buffer.concat([Buffer.of(0x82, 0x80 | bytes.length, 0, 0, 0, 0), bytes]));
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
}
