/**
 * controllers/load-balancer/stack/stack-json — a stack as the controller logs it ("successfully
 * built model"): compact JSON with Go's order of keys and Go's escapes.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/deploy/stack_schema_builder.go; Go's
 * encoding/json: maps by key, structs as declared, `<>&` escaped.
 */
import { type ResourceType, type Stack, stackIdText } from './stack.ts';
import { isReference, tokenJson } from './token.ts';

/** Fields whose value is a map: their keys are sorted, others stand as the spec has them. */
const MAPS = new Set([
  'tags',
  'labels',
  'annotations',
  'matchLabels',
  'authenticationRequestExtraParams',
  'TargetGroups',
]);
const REDACTED = '"[REDACTED]"';

/** @param stack  built, whether deployed or not */
export function stackJson(stack: Stack): string {
  const types = [...stack.types()].sort().map((type) => `${text(type)}:{${ofType(stack, type)}}`);
  return `{"id":${text(stackIdText(stack.id))},"resources":{${types.join(',')}}}`;
}

const byBytes = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : 1;

const ofType = (stack: Stack, type: ResourceType): string =>
  [...stack.list(type)]
    .sort(byBytes)
    .map(
      ({ id, spec }) =>
        `${text(id)}:${type === 'FrontendNLBTargetGroup' ? json(spec) : `{"spec":${json(spec)}}`}`,
    )
    .join(',');

const text = (value: string): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function json(value: unknown, key = ''): string {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((it) => json(it)).join(',')}]`;
  if (isReference(value)) return json(tokenJson(value));
  const fields = Object.entries(value).filter(([name, it]) => !isOmitted(name, it));
  if (MAPS.has(key)) fields.sort(([a], [b]) => (a < b ? -1 : 1));
  const secret = key === 'authenticateOIDCConfig';
  return `{${fields
    .map(
      ([name, it]) =>
        `${text(name)}:${secret && name.startsWith('client') ? REDACTED : json(it, name)}`,
    )
    .join(',')}}`;
}

/** Lists that Go prints even where they hold nothing. */
const KEPT_EMPTY = new Set([
  'actions',
  'conditions',
  'targetGroups',
  'from',
  'ports',
  'rewrites',
  'subjectAlternativeNames',
  'TargetGroups',
]);

/** `omitempty`: absent, or an empty list or map. */
function isOmitted(name: string, value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null || KEPT_EMPTY.has(name)) return false;
  return (Array.isArray(value) ? value : Object.keys(value)).length === 0;
}
