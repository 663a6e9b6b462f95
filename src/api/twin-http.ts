/**
 * api/twin-http — requests of real clients that go into the twin's network, and the answers that
 * come out of it: Node's messages to the shell's and back.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpHeader } from '../datapath/elb/http-request.ts';
import type { Request, Response, Url } from '../shell/http/message.ts';
import { readBody } from './http-body.ts';

/** What is for the next connection only (RFC 9110 7.6.1), and what proxies keep to themselves. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The built-in echo answers with what it was sent. */
const BODY_MAX_BYTES = 1024 * 1024;

/** A request as the twin's clients send one; or why it was not read. */
export async function twinRequest(
  incoming: IncomingMessage,
  url: Url,
): Promise<Request | 'too-large' | 'aborted'> {
  const body = await readBody(incoming, BODY_MAX_BYTES);
  if (body.kind !== 'body') return body.kind;
  const headers = passedOn(pairsOf(incoming.rawHeaders), incoming.headers.connection);
  return { method: incoming.method ?? 'GET', url, headers, body: body.bytes.toString('utf8') };
}

/** Writes what was answered; the length is what is written. */
export function writeTwinResponse(
  { method }: Pick<IncomingMessage, 'method'>,
  outgoing: ServerResponse,
  { status, reason, headers, body }: Response,
): void {
  if (outgoing.destroyed) return;
  const bytes = Buffer.from(body, 'utf8');
  outgoing.statusCode = status;
  if (reason !== '') outgoing.statusMessage = reason;
  for (const { name, value } of passedOn(headers, undefined)) {
    if (name.toLowerCase() !== 'content-length') outgoing.appendHeader(name, value);
  }
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304 && status >= 200;
  if (status >= 200 && status !== 204) outgoing.setHeader('Content-Length', bytes.length);
  outgoing.end(hasBody ? bytes : undefined);
}

const pairsOf = (raw: readonly string[]): HttpHeader[] =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [{ name, value: raw[i + 1] ?? '' }] : []));

/** @param connection  names more headers that are for this connection only */
function passedOn(headers: readonly HttpHeader[], connection = ''): HttpHeader[] {
  const named = connection.split(',').map((it) => it.trim().toLowerCase());
  return headers.filter(({ name }) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !named.includes(lower);
  });
}
