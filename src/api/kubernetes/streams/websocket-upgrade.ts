/**
 * api/kubernetes/streams/websocket-upgrade — from an HTTP request to a WebSocket, and for an exec
 * or attach to its numbered channels: the first byte of every message is the channel's number.
 *
 * Upstream: kubernetes/apimachinery pkg/util/httpstream/wsstream/conn.go;
 * kubernetes/kubernetes staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go;
 * staging/src/k8s.io/apiserver/pkg/util/proxy/websocket.go (v5 and its CLOSE signal).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type Brake, ByteInput } from './byte-input.ts';
import { type CommandChannels, Loss, sizeOf, type TerminalSize } from './command-channels.ts';
import { endStatus, type ToldBy } from './command-end.ts';
import type { StreamOptions } from './command-request.ts';
import { answerUpgrade } from './upgraded-socket.ts';

/** By this one the API server itself answers; by v4 it hands the connection to the kubelet. */
export const TRANSLATED = 'v5.channel.k8s.io';
export const CHANNELS = 'v4.channel.k8s.io';
/** port-forward of kubectl 1.31 and later: SPDY inside the WebSocket. */
export const TUNNELLED = 'SPDY/3.1+portforward.k8s.io';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5: the second byte names a channel of which one direction is over. */
const CLOSE = 255;

/** A message larger than this is no client's of ours. */
const MESSAGE_MAX_BYTES = 16 * 1024 * 1024;
/** A client that leaves so much unread is cut off. */
const UNREAD_MAX_BYTES = 64 * 1024 * 1024;

const NORMAL_CLOSURE = 1000;

export const isWebSocketRequest = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').toLowerCase() === 'websocket';

/** The subprotocols a client offers, in its order. */
export const offeredProtocols = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');

const server = new WebSocketServer({
  noServer: true,
  maxPayload: MESSAGE_MAX_BYTES,
  perMessageDeflate: false,
  clientTracking: false,
});

/** Refuses a client that offers none of the subprotocols; some are old, some never were. */
export function refuseSubprotocols(
  socket: Duplex,
  offered: readonly string[],
  supported: readonly string[],
): void {
  const text =
    `requested protocol(s) are not supported: [${offered.join(' ')}]; ` +
    `supports [${supported.join(' ')}]\n`;
  answerUpgrade(socket, 403, 'text/plain; charset=utf-8', text);
}

const chosen = new WeakMap<IncomingMessage, string>();
server.on('headers', (headers, request) => {
  headers.push(`Sec-WebSocket-Protocol: ${chosen.get(request)}`);
});

/** Answers 101 with the subprotocol; what is no WebSocket handshake is refused by `ws`. */
export function upgradeToWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string,
  onOpen: (opened: WebSocketBytes) => void,
): void {
  // `ws` takes no subprotocol with a slash, as kubectl's has: it sees none, and we answer for it.
  delete request.headers['sec-websocket-protocol'];
  chosen.set(request, protocol);
  server.handleUpgrade(request, socket, head, (opened) => onOpen(new WebSocketBytes(opened)));
}

/** A WebSocket whose messages are bytes. */
export class WebSocketBytes implements Brake {
  readonly #socket: WebSocket;
  readonly #loss = new Loss();
  #held = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('close', () => this.#loss.lost());
    // A broken frame: `ws` closes by itself after it.
    socket.on('error', () => this.#loss.lost());
  }

  onMessage(callback: (bytes: Buffer) => void): void {
    this.#socket.on('message', (data: RawData) => {
      callback(Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer));
    });
  }

  onLost(callback: () => void): void {
    this.#loss.onLost(callback);
  }

  write(...parts: readonly Uint8Array[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    if (this.#socket.bufferedAmount > UNREAD_MAX_BYTES) this.#socket.terminate();
  }

  end(): void {
    this.#socket.close(NORMAL_CLOSURE);
  }

  pause(): void {
    if (++this.#held === 1) this.#socket.pause();
  }

  resume(): void {
    if (--this.#held === 0) this.#socket.resume();
  }
}

/** The channels of an exec or attach over an open WebSocket. */
export function webSocketCommand(
  socket: WebSocketBytes,
  options: StreamOptions,
  protocol: string,
): CommandChannels {
  const by: ToldBy = protocol === TRANSLATED ? 'api-server' : 'kubelet';
  const stdin = options.stdin ? new ByteInput(socket) : undefined;
  let resized: ((size: TerminalSize) => void) | undefined;
  socket.onLost(() => stdin?.end());
  socket.onMessage((bytes) => {
    const body = bytes.subarray(1);
    if (bytes[0] === STDIN) stdin?.push(body);
    else if (bytes[0] === RESIZE) {
      const size = sizeOf(body);
      if (size !== undefined) resized?.(size);
    } else if (bytes[0] === CLOSE && by === 'api-server' && body[0] === STDIN) stdin?.end();
  });
  const send = (channel: number, bytes: Uint8Array): void =>
    socket.write(Buffer.of(channel), bytes);
  // The kubelet's sign that it is there: nothing, on the first channel that it writes to.
  if (by === 'kubelet') send(options.stdout ? STDOUT : options.stderr ? STDERR : ERROR, NOTHING);
  return {
    stdin,
    stdout: (bytes) => options.stdout && send(STDOUT, bytes),
    stderr: (bytes) => options.stderr && send(STDERR, bytes),
    onResize: (callback) => {
      resized = callback;
    },
    onLost: (callback) => socket.onLost(callback),
    finish(end) {
      send(ERROR, Buffer.from(JSON.stringify(endStatus(end, by))));
      stdin?.discard();
      socket.end();
    },
    abandon: () => socket.end(),
  };
}

const NOTHING = new Uint8Array();
