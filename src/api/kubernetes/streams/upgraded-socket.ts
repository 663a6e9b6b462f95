/**
 * api/kubernetes/streams/upgraded-socket — a connection that was HTTP and becomes something else:
 * refused in HTTP's words before that, carried on as bytes after it.
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { Transport } from './spdy/spdy-connection.ts';

/** A client that leaves so much unread is cut off. */
const UNREAD_MAX_BYTES = 64 * 1024 * 1024;
/** How long a client may take to close its end after we closed ours. */
const LINGER_MS = 5_000;

/** Answers the request that asked for the upgrade with plain HTTP, and closes. */
export function answerUpgrade(
  socket: Duplex,
  code: number,
  contentType: string,
  body: string,
  headers: readonly string[] = [],
): void {
  if (!socket.writable) return;
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Unknown'}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...headers,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  linger(socket);
}

/** Answers with a Status, as the API server itself refuses. */
export const refuseUpgrade = (socket: Duplex, status: ApiStatus): void =>
  answerUpgrade(socket, status.code, 'application/json', `${JSON.stringify(status)}\n`);

/** Reads what still comes so that the client is not cut off in the middle, but not for ever. */
function linger(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** The socket as what carries SPDY. */
export function socketTransport(socket: Duplex): Transport {
  let held = 0;
  return {
    write(bytes) {
      if (!socket.writable) return;
      socket.write(bytes);
      if (socket.writableLength > UNREAD_MAX_BYTES) socket.destroy();
    },
    end() {
      socket.end();
      linger(socket);
    },
    pause() {
      if (++held === 1) socket.pause();
    },
    resume() {
      if (--held === 0) socket.resume();
    },
  };
}
