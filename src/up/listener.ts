/**
 * up/listener — a port somebody listens on: one of the APIs, with or without TLS. A port that is
 * taken is no failure where it was only the default.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpService } from '../api/http-service.ts';
import { InputError } from '../model/input-error.ts';

export interface ListenOptions {
  /** What to call it in messages: `the Kubernetes API`. */
  readonly name: string;
  /** The option that names its port, for messages. */
  readonly flag: string;
  readonly host: string;
  readonly port: number;
  /** The port was asked for by name: another is no answer. */
  readonly isAsked: boolean;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** A line for every request that was answered. */
  readonly onRequest?: ((line: string) => void) | undefined;
}

export interface Listener {
  readonly port: number;
  /** The port that was wanted was taken. */
  readonly movedFrom: number | undefined;
  /** Takes no more requests, lets go of those that wait for nothing, and ends the others soon. */
  close(): Promise<void>;
}

/** How long open requests have when the process stops. */
const GRACE_MS = 500;

/** Opens the port for a service that comes later: until `serve` is called, requests wait. */
export async function listen(
  options: ListenOptions,
  service: Promise<HttpService>,
): Promise<Listener> {
  const { tls } = options;
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  // Watches and long answers are open as long as they like; a slow head is not.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  server.keepAliveTimeout = 90_000;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
  });
  const { onRequest } = options;
  server.on('request', (request, response) => {
    if (onRequest !== undefined) logged(request, response, onRequest);
    void answer(service, request, response);
  });
  const taken = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    void upgrade(service, request, socket, head);
  };
  server.on('upgrade', taken);
  server.on('connect', taken);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  const movedFrom = await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    movedFrom,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      (await service.catch(() => undefined))?.close();
      server.closeIdleConnections();
      const ending = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, GRACE_MS);
      await closed;
      clearTimeout(ending);
    },
  };
}

/** `GET /api/v1/pods 200 3 ms`, once it is answered or the client has gone. */
function logged(
  request: IncomingMessage,
  response: ServerResponse,
  onRequest: (line: string) => void,
): void {
  const began = performance.now();
  response.once('close', () => {
    const { method, url } = request;
    const status = response.headersSent ? response.statusCode : 'gone';
    onRequest(`${method} ${url} ${status} ${Math.round(performance.now() - began)} ms`);
  });
}

async function answer(
  service: Promise<HttpService>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await (await service).request(request, response);
  } catch (cause) {
    if (process.env.EKSTWIN_DEBUG === '1') console.error(cause);
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end('Internal Server Error\n');
  }
}

async function upgrade(
  service: Promise<HttpService>,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  try {
    const { upgrade: take } = await service;
    if (take === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    await take.call(await service, request, socket, head);
  } catch (cause) {
    if (process.env.EKSTWIN_DEBUG === '1') console.error(cause);
    socket.destroy();
  }
}

/** Binds the port, or a free one instead. @returns the port that was taken */
async function bind(server: Server, options: ListenOptions): Promise<number | undefined> {
  const { host, port, isAsked, flag, name } = options;
  const refused = await tryPort(server, host, port);
  if (refused === undefined) return undefined;
  if (refused.code === 'EADDRINUSE' && !isAsked) {
    const again = await tryPort(server, host, 0);
    if (again === undefined) return port;
  }
  const [problem, hint] = PORT_ANSWERS[refused.code ?? ''] ?? [refused.message, `give another`];
  throw new InputError(`${flag} ${port}`, `${name} cannot listen on ${host}: ${problem}`, hint);
}

const PORT_ANSWERS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  EADDRINUSE: ['the port is taken', 'name another, or leave the option out for a free one'],
  EACCES: ['permission denied', 'name a port above 1023'],
  EADDRNOTAVAIL: ['this machine has no such address', 'name an address of this machine'],
  ENOTFOUND: ['no such host', 'give --listen an address of this machine'],
};

function tryPort(
  server: Server,
  host: string,
  port: number,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error);
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });
}
