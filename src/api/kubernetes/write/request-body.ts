/**
 * api/kubernetes/write/request-body — the bytes a client sent, and the object in them.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/{rest.go limitedReadBody, create.go,
 * update.go}, rest.go transformDecodeError, negotiation/negotiate.go.
 */
import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { statusBadRequest } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { readBody } from '../../http-body.ts';
import { apiVersionOf, type ServedKind } from '../objects/served-kind.ts';
import { decodeProtobuf } from '../protobuf/decode-protobuf.ts';
import { failure, statusTooLarge, statusUnsupportedMediaType } from '../rest-status.ts';
import { goJsonError } from './go-json-error.ts';

/** apiserver options.go MaxRequestBodyBytes: what a request may send. */
export const BODY_MAX_BYTES = 3 * 1024 * 1024;

/** Media types of whole objects. */
const OBJECT_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
] as const;

/** The bytes, or the refusal; 'gone' when the client went away in the middle. */
export async function bytesOf(request: IncomingMessage): Promise<Buffer | ApiStatus | 'gone'> {
  const body = await readBody(request, BODY_MAX_BYTES);
  if (body.kind === 'body') return body.bytes;
  return body.kind === 'aborted' ? 'gone' : statusTooLarge(BODY_MAX_BYTES);
}

/** The media type without its parameters; `''` when none is said. */
export const mediaTypeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

/** The text of a JSON body; undefined for other forms. */
export const jsonTextOf = (request: IncomingMessage, bytes: Buffer): string | undefined =>
  ['', '*/*', 'application/json'].includes(mediaTypeOf(request)) ? bytes.toString() : undefined;

/** What one kind's decoder makes of a body. */
export function objectIn(
  request: IncomingMessage,
  bytes: Buffer,
  expected: string,
): Readonly<Record<string, unknown>> | ApiStatus {
  const type = mediaTypeOf(request);
  if (type === '' || type === 'application/json' || type === '*/*')
    return fromJson(bytes, expected);
  if (type === 'application/yaml') return fromYaml(bytes, expected);
  if (type === 'application/vnd.kubernetes.protobuf') return fromProtobuf(bytes, expected);
  return statusUnsupportedMediaType(OBJECT_TYPES);
}

function fromProtobuf(
  bytes: Buffer,
  expected: string,
): Readonly<Record<string, unknown>> | ApiStatus {
  const decoded = decodeProtobuf(bytes);
  if ('object' in decoded) return decoded.object;
  const { problem, apiVersion = '', kind = '' } = decoded;
  if (kind === '') return unrecognized(bytes, expected, problem);
  const version = apiVersion.split('/').at(-1);
  return statusBadRequest(
    `${kind} in version "${version}" cannot be handled as a ${expected}: ${problem}`,
  );
}

function fromJson(bytes: Buffer, expected: string): Readonly<Record<string, unknown>> | ApiStatus {
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const error = `couldn't get version/kind; json parse error: ${goJsonError(text)}`;
    return unrecognized(bytes, expected, error);
  }
  return asObject(value, bytes, expected);
}

function fromYaml(bytes: Buffer, expected: string): Readonly<Record<string, unknown>> | ApiStatus {
  try {
    return asObject(parseYaml(bytes.toString()), bytes, expected);
  } catch (error) {
    const first = error instanceof Error ? error.message.split('\n')[0] : '';
    return unrecognized(bytes, expected, `error converting YAML to JSON: yaml: ${first}`);
  }
}

function asObject(
  value: unknown,
  bytes: Buffer,
  expected: string,
): Readonly<Record<string, unknown>> | ApiStatus {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const error =
    value === null
      ? `Object 'Kind' is missing in 'null'`
      : "couldn't get version/kind; json parse error: json: cannot unmarshal " +
        `${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; ` +
        'Kind string "json:\\"kind,omitempty\\"" }';
  return unrecognized(bytes, expected, error);
}

const SUMMARY_MAX = 30;

function unrecognized(bytes: Buffer, expected: string, error: string): ApiStatus {
  const isObject = bytes[0] === 0x7b;
  const cut = bytes.subarray(0, SUMMARY_MAX);
  const shown = isObject ? cut.toString() : cut.toString('hex');
  const more = bytes.length > SUMMARY_MAX ? ' ...' : '';
  const summary = bytes.length === 0 ? '<empty>' : `${shown}${more}`;
  return statusBadRequest(
    `the object provided is unrecognized (must be of type ${expected}): ${error} (${summary})`,
  );
}

/** Go packages of the internal types, for the complaint about a body of another kind. */
const packageOf = (group: string): string => (group === '' ? 'core' : group.split('.')[0]!);

/**
 * The object of a body as the kind of the URL: what the body leaves out is taken from there, what
 * it says otherwise is refused.
 */
export function typedObject(
  given: Readonly<Record<string, unknown>>,
  kind: ServedKind,
): KubernetesObject | ApiStatus {
  const expectedVersion = apiVersionOf(kind);
  const { apiVersion = expectedVersion, kind: name = kind.resource.kind, metadata } = given;
  if (typeof apiVersion !== 'string' || typeof name !== 'string') {
    return statusBadRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ` +
        `${typeof apiVersion === 'string' ? typeof name : typeof apiVersion} into Go struct field`,
    );
  }
  if (name !== kind.resource.kind) {
    const version = apiVersion.split('/').at(-1)!;
    const own = kind.resource;
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
    return statusBadRequest(
      `${name} in version "${version}" cannot be handled as a ${own.kind}: converting ` +
        `(${version}.${name}) to (${packageOf(group)}.${own.kind}): unknown conversion`,
    );
  }
  if (apiVersion !== expectedVersion) {
    return statusBadRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version ` +
        `(${expectedVersion})`,
    );
  }
  if (metadata !== undefined && metadata !== null && !isPlain(metadata)) {
    return statusBadRequest(
      `${name} in version "${kind.version}" cannot be handled as a ${name}: json: cannot ` +
        `unmarshal ${Array.isArray(metadata) ? 'array' : typeof metadata} into Go struct field ` +
        `${name}.metadata of type v1.ObjectMeta`,
    );
  }
  return { ...given, apiVersion, kind: name, metadata: metadata ?? {} } as KubernetesObject;
}

const isPlain = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);

/** etcd refuses what is larger, and the API server passes its words on. */
const OBJECT_MAX_BYTES = 1.5 * 1024 * 1024;

/** 500 for an object that etcd would not take. */
export const sizeRefusal = (object: KubernetesObject, bytes: number): ApiStatus | undefined =>
  bytes > OBJECT_MAX_BYTES && JSON.stringify(object).length > OBJECT_MAX_BYTES
    ? failure(500, '', 'etcdserver: request is too large')
    : undefined;
