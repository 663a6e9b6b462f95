/**
 * api/kubernetes/answer — what a request is answered with, and how it is written: JSON, gzip for
 * large bodies, the headers that every answer of an API server has. Long lists leave in parts, so
 * that the client reads while we write and others have their turn in between.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/responsewriters/writers.go.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { stringify } from 'yaml';
import { type ApiStatus, isApiStatus } from '../../cluster/kubernetes.ts';
import { acceptedForm } from './accept.ts';

export interface Answer {
  readonly code: number;
  /** Text, whole or in parts, and bytes go out as they are; anything else as JSON. */
  readonly body: unknown;
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A request is answered, refused, or its response was taken over by a stream. */
export type Outcome = Answer | ApiStatus | 'taken';

/** A body in parts, made as they are sent. */
export class TextParts {
  readonly parts: Iterable<string>;

  constructor(parts: Iterable<string>) {
    this.parts = parts;
  }
}

/**
 * Bodies below this are not worth compressing (writers.go defaultGzipThresholdBytes), and are
 * sent whole.
 */
const LARGE_BYTES = 128 * 1024;

export const ok = (body: unknown): Answer => ({ code: 200, body });

/** Writes the outcome, unless the client has gone. */
export function writeOutcome(
  request: IncomingMessage,
  response: ServerResponse,
  outcome: Outcome,
): void {
  if (outcome === 'taken' || response.headersSent || response.destroyed) return;
  const answer: Answer = isApiStatus(outcome) ? { code: outcome.code, body: outcome } : outcome;
  const inYaml = answer.contentType === undefined && wantsYaml(request);
  const headers = {
    'Content-Type': answer.contentType ?? (inYaml ? 'application/yaml' : 'application/json'),
    'Cache-Control': 'no-cache, private',
    // What is left of a body that is too large is not read, so nothing can follow it.
    ...(answer.code === 413 ? { Connection: 'close' } : {}),
    ...answer.headers,
  };
  const parts = partsOf(answer.body, inYaml);
  const first = parts.next().value ?? '';
  const isHead = request.method === 'HEAD';
  if (isHead || Buffer.byteLength(first) < LARGE_BYTES) {
    response.writeHead(answer.code, { ...headers, 'Content-Length': Buffer.byteLength(first) });
    // Text leaves in one write with its head.
    response.end(isHead ? undefined : first);
    return;
  }
  const zip = acceptsGzip(request) ? createGzip({ level: 1 }) : undefined;
  const encoding = { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' };
  response.writeHead(answer.code, zip === undefined ? headers : { ...headers, ...encoding });
  const all = Readable.from(bytesOf(first, parts));
  // A client that goes away in the middle is no failure.
  const done = (): void => {};
  if (zip === undefined) pipeline(all, response, done);
  else pipeline(all, zip, response, done);
}

type Part = string | Uint8Array;

/** A body as it leaves: all of it, or one large part after the other. */
function* partsOf(body: unknown, inYaml: boolean): Generator<Part, undefined> {
  if (body instanceof Uint8Array) yield body;
  else if (inYaml) yield stringify(JSON.parse(wholeText(body)));
  else if (body instanceof TextParts) yield* gathered(body.parts);
  else yield wholeText(body);
}

function wholeText(body: unknown): string {
  if (body instanceof TextParts) return [...body.parts].join('');
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Texts joined until they are large; what is shorter is the last. */
function* gathered(texts: Iterable<string>): Generator<string, undefined> {
  let held: string[] = [];
  let length = 0;
  for (const text of texts) {
    held.push(text);
    length += text.length;
    if (length < LARGE_BYTES) continue;
    yield held.join('');
    held = [];
    length = 0;
  }
  if (length > 0) yield held.join('');
}

function* bytesOf(first: Part, rest: Iterator<Part>): Generator<Uint8Array> {
  for (let part: Part | undefined = first; part !== undefined; part = rest.next().value)
    yield typeof part === 'string' ? Buffer.from(part) : part;
}

/** Nobody asks for YAML by the way: it stands first where it stands. */
const wantsYaml = ({ headers: { accept = '' } }: IncomingMessage): boolean =>
  accept.includes('yaml') && acceptedForm(accept, NOTHING)?.isYaml === true;

const NOTHING: ReadonlySet<string> = new Set();

const acceptsGzip = ({ headers }: IncomingMessage): boolean =>
  /(^|,)\s*(gzip|\*)\s*(,|;|$)/.test(String(headers['accept-encoding'] ?? ''));
