/**
 * cluster/decoding — does what a user wrote fit the Go types of its kind? The API server refuses a
 * text for a number before it validates anything, and so do we: `replicas: three` would otherwise
 * reach a controller that counts with it.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/create.go transformDecodeError;
 * sigs.k8s.io/json UnmarshalTypeError; the UnmarshalJSON of metav1.Time, resource.Quantity and
 * intstr.IntOrString.
 */
import { firstFound } from '../model/first-found.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { successorOf } from '../model/kubernetes/resources.ts';
import { statusBadRequest, statusNoMatch } from './api-status.ts';
import type { ApiStatus } from './kubernetes.ts';
import {
  type FieldType,
  type ScalarKind,
  type TypeSchema,
  typeNamed,
  typeOfKind,
} from './schema/type-schema.ts';

/**
 * A 404 for a version no cluster serves any more, or a 400 in the API server's words for the first
 * field of a wrong type; undefined if all fit.
 */
export function decodingRefusal(object: KubernetesObject): ApiStatus | undefined {
  if (successorOf(object) !== undefined) return statusNoMatch(object);
  const { apiVersion, kind } = object;
  const type = typeOfKind(apiVersion, kind);
  const problem = type === undefined ? metadataMisfit(object) : misfitIn(object, type, '');
  return problem === undefined ? undefined : statusCannotHandle(object, problem);
}

/** 400: a body that is not what its kind says (transformDecodeError). */
export const statusCannotHandle = (
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  problem: string,
): ApiStatus =>
  statusBadRequest(
    `${kind} in version "${apiVersion.split('/').at(-1)}" cannot be handled as a ${kind}: ${problem}`,
  );

/** A custom resource's metadata is decoded as everybody's. */
function metadataMisfit({ metadata }: KubernetesObject): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const type = typeNamed('meta.ObjectMeta');
  return typeof metadata === 'object'
    ? misfitIn(metadata as unknown as Plain, type, 'metadata')
    : undefined;
}

type Plain = Readonly<Record<string, unknown>>;

const jsonTypeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

/** The first misfit among the fields of a struct, in the order they are written. */
function misfitIn(value: Plain, type: TypeSchema, path: string): string | undefined {
  for (const key in value) {
    const field = type.fields.get(key);
    if (field === undefined) {
      if (!type.isRoot || (key !== 'apiVersion' && key !== 'kind')) continue;
      if (typeof value[key] === 'string') continue;
    }
    const at = path === '' ? key : `${path}.${key}`;
    const misfit = misfitOf(value[key], field?.type ?? TEXT, nameOf(type.name), at);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

const TEXT: FieldType = { kind: 'string' };
const nameOf = (typeName: string): string => typeName.slice(typeName.lastIndexOf('.') + 1);

/**
 * Why a value does not decode.
 *
 * @param holder  the struct that has the field
 * @param path  `spec.template.spec.containers.ports`: Go's path has no indexes
 */
function misfitOf(
  value: unknown,
  type: FieldType,
  holder: string,
  path: string,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = jsonTypeOf(value);
  const misfit = (what = found): string =>
    `json: cannot unmarshal ${what} into Go struct field ${holder}.${path} of type ${goName(type)}`;
  if (type.kind === 'type') {
    if (found !== 'object') return misfit();
    return misfitIn(value as Plain, typeNamed(type.name), path);
  }
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return misfit();
    return firstFound(value, (member) => misfitOf(member, type.of, holder, path));
  }
  if (type.kind === 'map') {
    if (found !== 'object') return misfit();
    return firstFound(Object.values(value), (member) => misfitOf(member, type.of, holder, path));
  }
  return scalarMisfit(value, found, type.kind, misfit);
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

function scalarMisfit(
  value: unknown,
  found: string,
  kind: ScalarKind,
  misfit: (what?: string) => string,
): string | undefined {
  switch (kind) {
    case 'string':
    case 'bool':
      return found === kind ? undefined : misfit();
    case 'bytes':
      return found === 'string' ? undefined : misfit();
    case 'double':
      return found === 'number' ? undefined : misfit();
    case 'int32':
    case 'int64':
      if (found !== 'number') return misfit();
      return fits(value as number, kind) ? undefined : misfit(`number ${value}`);
    case 'int-or-string':
      if (found === 'string') return undefined;
      if (found !== 'number') {
        return `json: cannot unmarshal ${found} into Go value of type int32`;
      }
      return fits(value as number, 'int32')
        ? undefined
        : `json: cannot unmarshal number ${value} into Go value of type int32`;
    case 'quantity':
      if (found === 'number' || (found === 'string' && QUANTITY.test(value as string))) {
        return undefined;
      }
      return found === 'string' && /^[+-]?[\d.]/.test(value as string)
        ? "unable to parse quantity's suffix"
        : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    case 'time':
    case 'micro-time':
      return timeMisfit(value, found);
    default:
      return undefined;
  }
}

const fits = (value: number, kind: 'int32' | 'int64'): boolean =>
  Number.isInteger(value) && (kind === 'int64' || Math.abs(value + 0.5) < 2 ** 31);

function timeMisfit(value: unknown, found: string): string | undefined {
  if (found !== 'string') return `json: cannot unmarshal ${found} into Go value of type string`;
  const text = value as string;
  if (RFC3339.test(text)) return undefined;
  const quoted = JSON.stringify(text);
  const rest = /^\d{4}/.test(text) ? JSON.stringify(text.slice(4)) : quoted;
  const wanted = rest === quoted ? '2006' : '-';
  return `parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${rest} as "${wanted}"`;
}

const GO_NAMES: Partial<Readonly<Record<ScalarKind, string>>> = {
  double: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  'int-or-string': 'intstr.IntOrString',
  raw: 'runtime.RawExtension',
  time: 'v1.Time',
};

/** Go's name of a type: the package's last part with it. */
function goName(type: FieldType): string {
  if (type.kind === 'list') return `[]${goName(type.of)}`;
  if (type.kind === 'map') {
    // The one map of quantities there is has a name.
    return type.of.kind === 'quantity' ? 'v1.ResourceList' : `map[string]${goName(type.of)}`;
  }
  if (type.kind !== 'type') return GO_NAMES[type.kind] ?? type.kind;
  const version = /\/(\w+)\./.exec(type.name)?.[1] ?? 'v1';
  return `${version}.${nameOf(type.name)}`;
}
