/** api/http-body — the body of a request, with a limit on how much a client may send. */
import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  /** More than the limit; the rest is not read. */
  | { readonly kind: 'too-large' }
  /** The client went away in the middle. */
  | { readonly kind: 'aborted' };

/** Reads the whole body, up to `limitBytes`. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      resolve({ kind: 'too-large' });
    });
    request.on('end', () => resolve({ kind: 'body', bytes: Buffer.concat(chunks, length) }));
    request.on('error', () => resolve({ kind: 'aborted' }));
    request.on('close', () => resolve({ kind: 'aborted' }));
  });
}
