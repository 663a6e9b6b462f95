/**
 * api/kubernetes/streams/spdy-upgrade — from an HTTP request to a SPDY/3.1 connection, and for an
 * exec or attach to its streams.
 *
 * Upstream: kubernetes/apimachinery pkg/util/httpstream/httpstream.go Handshake, spdy/upgrade.go;
 * kubernetes/kubernetes staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ByteInput } from './byte-input.ts';
import { type CommandChannels, Loss, sizeOf, type TerminalSize } from './command-channels.ts';
import { endStatus } from './command-end.ts';
import type { StreamOptions } from './command-request.ts';
import { SpdyConnection, type SpdyStream } from './spdy/spdy-connection.ts';
import { answerUpgrade, socketTransport } from './upgraded-socket.ts';

/** Newest first; v5 is v4 over SPDY. Older ones tell an exit code in no way. */
const COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
export const PORT_FORWARD_PROTOCOLS = ['portforward.k8s.io'];

/** Streams a client announced must be there by then (DefaultStreamCreationTimeout). */
const STREAMS_WAIT_MS = 30_000;

const PROTOCOL_HEADER = 'X-Stream-Protocol-Version';

const listOf = (header: string | string[] | undefined): string[] =>
  [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');

export const isSpdyRequest = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').toLowerCase() === 'spdy/3.1';

/** An upgraded connection; its streams come to `onStream`. */
export interface SpdyUpgrade {
  readonly connection: SpdyConnection;
  readonly loss: Loss;
}

/** Negotiates, answers 101 and carries on as SPDY; undefined when it was refused. */
export function upgradeToSpdy(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocols: readonly string[],
  onStream: (stream: SpdyStream) => void,
): SpdyUpgrade | undefined {
  const asked = listOf(request.headers['x-stream-protocol-version']);
  const chosen = asked.find((it) => protocols.includes(it));
  if (chosen === undefined) {
    refuseProtocols(socket, asked, protocols);
    return undefined;
  }
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n' +
      `${PROTOCOL_HEADER}: ${chosen}\r\n\r\n`,
  );
  const loss = new Loss();
  const connection = new SpdyConnection(socketTransport(socket), onStream);
  const gone = (): void => {
    connection.lost();
    loss.lost();
  };
  socket.on('data', (bytes: Buffer) => connection.receive(bytes));
  socket.on('end', () => {
    gone();
    socket.end();
  });
  socket.on('close', gone);
  if (head.length > 0) connection.receive(head);
  return { connection, loss };
}

function refuseProtocols(
  socket: Duplex,
  asked: readonly string[],
  protocols: readonly string[],
): void {
  if (asked.length === 0) {
    const text = `unable to upgrade: ${PROTOCOL_HEADER} is required\n`;
    answerUpgrade(socket, 400, 'text/plain; charset=utf-8', text);
    return;
  }
  const text =
    'unable to upgrade: unable to negotiate protocol: client supports ' +
    `[${asked.join(' ')}], server accepts [${protocols.join(' ')}]\n`;
  const accepted = protocols.map((it) => `X-Accepted-Stream-Protocol-Versions: ${it}`);
  answerUpgrade(socket, 403, 'text/plain; charset=utf-8', text, accepted);
}

/** Which streams the client has to open. */
const expected = ({ stdin, stdout, stderr, tty }: StreamOptions): readonly string[] => [
  'error',
  ...(stdin ? ['stdin'] : []),
  ...(stdout ? ['stdout'] : []),
  ...(stderr ? ['stderr'] : []),
  ...(tty ? ['resize'] : []),
];

/** The channels of an exec or attach; undefined when it was refused or the streams did not come. */
export function spdyCommand(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: StreamOptions,
): Promise<CommandChannels | undefined> {
  const wanted = expected(options);
  const streams = new Map<string, SpdyStream>();
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve) => {
    const onStream = (stream: SpdyStream): void => {
      const type = stream.headers.streamtype ?? '';
      if (!wanted.includes(type)) {
        stream.input.discard();
        stream.end();
        return;
      }
      streams.set(type, stream);
      if (streams.size < wanted.length) return;
      clearTimeout(timer);
      // Streams may come with the request's own bytes, before there is a connection to close.
      queueMicrotask(() => resolve(channels(upgraded!, streams)));
    };
    const upgraded = upgradeToSpdy(request, socket, head, COMMAND_PROTOCOLS, onStream);
    if (upgraded === undefined) {
      resolve(undefined);
      return;
    }
    if (streams.size === wanted.length) return;
    timer = setTimeout(() => upgraded.connection.close(), STREAMS_WAIT_MS);
    upgraded.loss.onLost(() => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

function channels(
  { connection, loss }: SpdyUpgrade,
  streams: ReadonlyMap<string, SpdyStream>,
): CommandChannels {
  const error = streams.get('error')!;
  const stdin = streams.get('stdin');
  return {
    stdin: stdin?.input,
    stdout: (bytes) => streams.get('stdout')?.write(bytes),
    stderr: (bytes) => streams.get('stderr')?.write(bytes),
    onResize: (callback) => void readSizes(streams.get('resize')?.input, callback),
    onLost: (callback) => loss.onLost(callback),
    finish(end) {
      error.write(Buffer.from(JSON.stringify(endStatus(end, 'kubelet'))));
      for (const stream of streams.values()) stream.end();
      stdin?.input.discard();
      connection.close();
    },
    abandon: () => connection.close(),
  };
}

async function readSizes(
  input: ByteInput | undefined,
  callback: (size: TerminalSize) => void,
): Promise<void> {
  for (;;) {
    const bytes = await input?.read();
    if (bytes === undefined) return;
    const size = sizeOf(bytes);
    if (size !== undefined) callback(size);
  }
}
