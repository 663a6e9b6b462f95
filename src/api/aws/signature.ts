/**
 * api/aws/signature — who signed a request, and whether the signature is right (Signature Version
 * 4, in the Authorization header or in the URL).
 *
 * Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests"; the texts of refusals are
 * AWS's, as public reports quote them.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from './protocol.ts';
import { Refused } from './refused.ts';

/** What a signature says of itself. */
export interface Signing {
  readonly accessKeyId: string;
  /** `20260101` */
  readonly date: string;
  readonly region: string;
  /** The name a service is signed for: `ec2`, `elasticloadbalancing`. */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260101T000000Z` */
  readonly signedAt: string;
  /** A request signed in its URL is good for so long. */
  readonly expiresSeconds: number | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SCOPE_PARTS = 5;

const incomplete = (message: string): Refused => new Refused('IncompleteSignature', message, 400);

/** The signature of a request; undefined when there is none. @throws Refused when cut short */
export function signingOf(request: WireRequest): Signing | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) return fromHeader(header, request);
  return request.parameters.has('X-Amz-Algorithm') || request.parameters.has('X-Amz-Credential')
    ? fromUrl(request.parameters)
    : undefined;
}

function fromHeader(header: string, { headers }: WireRequest): Signing {
  const [algorithm = '', rest = ''] = splitOnce(header.trim(), ' ');
  if (algorithm !== ALGORITHM) {
    throw new Refused(
      'IncompleteSignature',
      `Unsupported AWS 'algorithm': '${algorithm.slice(0, 64)}'`,
      400,
    );
  }
  const parts = new Map(rest.split(',').map((part) => splitOnce(part.trim(), '=')));
  const signedAt = String(headers['x-amz-date'] ?? headers.date ?? '');
  const lacks = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => (parts.get(name) ?? '') === '')
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (signedAt === '') {
    lacks.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  if (lacks.length > 0) throw incomplete(`${lacks.join(' ')} Authorization=${hashed(header)}`);
  return {
    ...scopeOf(parts.get('Credential')!),
    signedHeaders: parts.get('SignedHeaders')!.split(';'),
    signature: parts.get('Signature')!,
    signedAt,
    expiresSeconds: undefined,
  };
}

/** A header of a refusal is not repeated, but can be recognised. */
const hashed = (header: string): string =>
  `(Hashed with SHA-256 and encoded with Base64) Authorization=${createHash('sha256').update(header).digest('base64')}`;

function fromUrl(parameters: URLSearchParams): Signing {
  const names = ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date'] as const;
  const lacks = names
    .filter((name) => (parameters.get(`X-Amz-${name}`) ?? '') === '')
    .map((name) => `AWS query-string parameters must include 'X-Amz-${name}'.`);
  if (lacks.length > 0)
    throw incomplete(`${lacks.join(' ')} Re-examine the query-string parameters.`);
  return {
    ...scopeOf(parameters.get('X-Amz-Credential')!),
    signedHeaders: parameters.get('X-Amz-SignedHeaders')!.split(';'),
    signature: parameters.get('X-Amz-Signature')!,
    signedAt: parameters.get('X-Amz-Date')!,
    expiresSeconds: Number(parameters.get('X-Amz-Expires') ?? 0),
  };
}

function scopeOf(credential: string): Pick<Signing, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const parts = credential.split('/');
  const [accessKeyId = '', date = '', region = '', service = '', end = ''] = parts;
  if (parts.length !== SCOPE_PARTS) {
    throw incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. ' +
        `keyid/date/region/service/term, got '${credential.slice(0, 200)}'`,
    );
  }
  if (end !== 'aws4_request') {
    throw new Refused(
      'SignatureDoesNotMatch',
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${end}'.`,
      403,
    );
  }
  return { accessKeyId, date, region, service };
}

const splitOnce = (text: string, mark: string): [string, string] => {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
};

/** EC2 API reference, "Common client errors": RequestExpired. */
const SKEW_MAX_MS = 15 * 60_000;

/**
 * Refuses a request that was not signed with the secret, or too long ago.
 *
 * @param body   as it was sent
 * @param nowMs  the wall clock's, which clients sign by
 * @throws Refused
 */
export function verifySignature(
  signing: Signing,
  request: WireRequest,
  body: Uint8Array,
  secret: string,
  nowMs: number,
): void {
  const signedMs = timeOf(signing.signedAt);
  const lastMs = signedMs + (signing.expiresSeconds ?? 0) * 1000 + SKEW_MAX_MS;
  if (Number.isNaN(signedMs))
    throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${signing.signedAt}'.`);
  if (nowMs > lastMs || nowMs < signedMs - SKEW_MAX_MS)
    throw new Refused('RequestExpired', 'Request has expired.', 400);
  const expected = Buffer.from(signatureOf(signing, request, body, secret));
  const given = Buffer.from(signing.signature);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new Refused(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your ' +
      'AWS Secret Access Key and signing method. Consult the service documentation for details.',
    403,
  );
}

function timeOf(signedAt: string): number {
  const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt);
  if (basic === null) return Date.parse(signedAt);
  const [, year, month, day, hour, minute, second] = basic;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();

function signatureOf(
  signing: Signing,
  request: WireRequest,
  body: Uint8Array,
  secret: string,
): string {
  const scope = [signing.date, signing.region, signing.service, 'aws4_request'];
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...signing.signedHeaders.map((name) => `${name}:${headerText(request, name)}`),
    '',
    signing.signedHeaders.join(';'),
    sha256(body),
  ].join('\n');
  const text = [ALGORITHM, signing.signedAt, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

const headerText = ({ headers }: WireRequest, name: string): string =>
  String(headers[name] ?? '')
    .trim()
    .replace(/\s+/g, ' ');

/** What RFC 3986 leaves as it is, and nothing else. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The path as it was sent, encoded once more, without `.`, `..` and empty parts. */
function canonicalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(encoded(part));
  }
  const end = parts.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${parts.join('/')}${end}`;
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}
