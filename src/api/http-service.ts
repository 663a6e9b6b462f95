/**
 * api/http-service — what a server of ours does with a request: answers it on the response itself.
 * Listeners (src/up) know this interface only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpService {
  request(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** A connection that becomes something else: a WebSocket, SPDY. Absent = refused. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Ends what is still open (watches, streams), so that the process can stop. */
  close(): void;
}
