/**
 * api/kubernetes/answer — what a request is answered with, and how it is written: JSON, gzip for
 * large bodies, the headers that every answer of an API server has.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/responsewriters/writers.go.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { stringify } from 'yaml';
import { type ApiStatus, isApiStatus } from '../../cluster/kubernetes.ts';
import { acceptedForm } from './accept.ts';

export interface Answer {
  readonly code: number;
  /** Text goes out as it is; anything else as JSON. */
  readonly body: unknown;
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A request is answered, refused, or its response was taken over by a stream. */
export type Outcome = Answer | ApiStatus | 'taken';

/** Bodies below this are not worth compressing (writers.go defaultGzipThresholdBytes). */
const GZIP_MIN_BYTES = 128 * 1024;

export const ok = (body: unknown): Answer => ({ code: 200, body });

/** Writes the outcome, unless the client has gone. */
export function writeOutcome(
  request: IncomingMessage,
  response: ServerResponse,
  outcome: Outcome,
): void {
  if (outcome === 'taken' || response.headersSent || response.destroyed) return;
  const answer: Answer = isApiStatus(outcome) ? { code: outcome.code, body: outcome } : outcome;
  const { body } = answer;
  const inYaml = answer.contentType === undefined && wantsYaml(request);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(inYaml ? stringify(JSON.parse(text)) : text);
  const headers = {
    'Content-Type': answer.contentType ?? (inYaml ? 'application/yaml' : 'application/json'),
    'Cache-Control': 'no-cache, private',
    // What is left of a body that is too large is not read, so nothing can follow it.
    ...(answer.code === 413 ? { Connection: 'close' } : {}),
    ...answer.headers,
  };
  const isPlain = bytes.length < GZIP_MIN_BYTES || request.method === 'HEAD';
  if (isPlain || !acceptsGzip(request)) {
    response.writeHead(answer.code, { ...headers, 'Content-Length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  gzip(bytes, { level: 1 }, (error, zipped) => {
    if (response.destroyed) return;
    const sent = error === null ? zipped : bytes;
    const encoding = error === null ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {};
    response.writeHead(answer.code, { ...headers, ...encoding, 'Content-Length': sent.length });
    response.end(sent);
  });
}

/** Nobody asks for YAML by the way: it stands first where it stands. */
const wantsYaml = ({ headers }: IncomingMessage): boolean =>
  acceptedForm(headers.accept, NOTHING)?.isYaml === true;

const NOTHING: ReadonlySet<string> = new Set();

const acceptsGzip = ({ headers }: IncomingMessage): boolean =>
  /(^|,)\s*(gzip|\*)\s*(,|;|$)/.test(String(headers['accept-encoding'] ?? ''));
