/**
 * cluster/decoding — does what a user wrote fit the Go types of its kind? The API server refuses a
 * text for a number before it validates anything, and so do we: `replicas: three` would otherwise
 * reach a controller that counts with it.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/create.go transformDecodeError;
 * sigs.k8s.io/json UnmarshalTypeError.
 */
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { resourceOf, successorOf } from '../model/kubernetes/resources.ts';
import { statusBadRequest, statusNoMatch } from './api-status.ts';
import { KIND_FIELDS, STRUCT_FIELDS } from './field-types.data.ts';
import type { ApiStatus } from './kubernetes.ts';

/**
 * A 404 for a version no cluster serves any more, or a 400 in the API server's words for the first
 * field of a wrong type; undefined if all fit.
 */
export function decodingRefusal(object: KubernetesObject): ApiStatus | undefined {
  const { apiVersion, kind, metadata, spec } = object;
  if (successorOf(object) !== undefined) return statusNoMatch(object);
  const struct = KIND_FIELDS[kind];
  if (struct === undefined || resourceOf(object)?.storeKind !== kind) return undefined;
  const misfit =
    misfitOf(metadata, 'ObjectMeta', kind, 'metadata') ?? misfitOf(spec, struct, kind, 'spec');
  if (misfit === undefined) return undefined;
  const version = apiVersion.split('/').at(-1);
  return statusBadRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal ${misfit}`,
  );
}

const jsonTypeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

/**
 * What does not fit, from `string into Go struct field …` on.
 *
 * @param type  Go's type of the value, or a struct of the table
 * @param holder  the struct that has the field
 * @param path  `spec.template.spec.containers.ports`: Go's path has no indexes
 */
function misfitOf(value: unknown, type: string, holder: string, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = jsonTypeOf(value);
  const misfit = (as: string, what = found): string =>
    `${what} into Go struct field ${holder}.${path} of type ${as}`;
  if (type.startsWith('int')) {
    if (found !== 'number') return misfit(type);
    return Number.isInteger(value) ? undefined : misfit(type, `number ${value}`);
  }
  if (type === 'string' || type === 'bool') return found === type ? undefined : misfit(type);
  if (type === 'map[string]string') {
    if (found !== 'object') return misfit(type);
    return firstOf(Object.values(value), (member) => misfitOf(member, 'string', holder, path));
  }
  if (type.startsWith('[]')) {
    const item = type.slice(2);
    if (!Array.isArray(value)) return misfit(item in STRUCT_FIELDS ? `[]v1.${item}` : type);
    return firstOf(value, (member) => misfitOf(member, item, holder, path));
  }
  if (found !== 'object') return misfit(`v1.${type}`);
  const fields = Object.entries(STRUCT_FIELDS[type] ?? {});
  return firstOf(fields, ([field, of]) =>
    misfitOf((value as Record<string, unknown>)[field], of, type, `${path}.${field}`),
  );
}

function firstOf<Item>(
  items: readonly Item[],
  look: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
