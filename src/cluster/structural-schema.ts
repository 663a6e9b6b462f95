/**
 * cluster/structural-schema — the schema of a custom resource, as its CRD writes it, and what a
 * value has to be to fit. Complaints are worded as the API server words them.
 *
 * Upstream: kubernetes/apiextensions-apiserver v0.34.1 pkg/apiserver/validation/validation.go
 * kubeOpenAPIResultToFieldErrors, pkg/apiserver/schema/{listtype,defaulting,pruning};
 * kubernetes/kube-openapi pkg/validation/errors/schema.go, pkg/validation/validate/messages.go.
 */
import { parseCidr, parseIp } from '../net/index.ts';
import { isEqual } from './equal.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  typeInvalid,
} from './field-error.ts';

/** A JSONSchemaProps, as far as it is read. */
export interface StructuralSchema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly nullable?: boolean | undefined;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, StructuralSchema>> | undefined;
  readonly additionalProperties?: boolean | StructuralSchema | undefined;
  readonly items?: StructuralSchema | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: boolean | undefined;
  readonly exclusiveMaximum?: boolean | undefined;
  readonly multipleOf?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly uniqueItems?: boolean | undefined;
  readonly minProperties?: number | undefined;
  readonly maxProperties?: number | undefined;
  readonly allOf?: readonly StructuralSchema[] | undefined;
  readonly anyOf?: readonly StructuralSchema[] | undefined;
  readonly oneOf?: readonly StructuralSchema[] | undefined;
  readonly not?: StructuralSchema | undefined;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined;
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined;
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined;
  readonly 'x-kubernetes-list-type'?: string | undefined;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[] | undefined;
}

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Complaints about `value`, which stands at `path` (`spec`; empty: the object itself). */
export function structuralErrors(
  schema: StructuralSchema,
  value: unknown,
  path: string,
): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const wanted = typesOf(schema);
  const found = jsonType(value);
  if (wanted.length > 0 && !wanted.includes(found)) {
    if (!(found === 'integer' && wanted.includes('number'))) {
      const text = `${path} in body must be of type ${wanted.join(',')}: "${found}"`;
      return [typeInvalid(path, found, text)];
    }
  }
  const errors: FieldError[] = [];
  if (schema.enum !== undefined && !schema.enum.some((it) => isEqual(it, value))) {
    const words = schema.enum.map((it) => (typeof it === 'string' ? it : JSON.stringify(it)));
    errors.push(notSupported(path, value, words));
  }
  if (isPlain(value)) errors.push(...objectErrors(schema, value, path));
  else if (Array.isArray(value)) errors.push(...arrayErrors(schema, value, path));
  else if (typeof value === 'string') errors.push(...stringErrors(schema, value, path));
  else if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  errors.push(...compositeErrors(schema, value, path));
  return errors;
}

const typesOf = (schema: StructuralSchema): readonly string[] => {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
};

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const below = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

function objectErrors(schema: StructuralSchema, value: Plain, path: string): FieldError[] {
  const { properties = {}, additionalProperties: others } = schema;
  const errors = (schema.required ?? [])
    .filter((field) => value[field] === undefined)
    .map((field) => required(below(path, field)));
  for (const [field, it] of Object.entries(value)) {
    if (it === undefined) continue;
    const own = Object.hasOwn(properties, field) ? properties[field] : undefined;
    const of = own ?? (typeof others === 'object' ? others : undefined);
    if (of !== undefined) errors.push(...structuralErrors(of, it, below(path, field)));
  }
  const count = Object.keys(value).length;
  const { minProperties = 0, maxProperties } = schema;
  if (count < minProperties) {
    const text = `${path} in body should have at least ${minProperties} properties`;
    errors.push(invalid(path, value, text));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    errors.push(tooMany(path, count, maxProperties));
  }
  return errors;
}

const tooMany = (path: string, count: number, most: number): FieldError => ({
  field: path,
  type: 'FieldValueTooMany',
  body: `Too many: ${count}: must have at most ${most} items`,
});

function arrayErrors(
  schema: StructuralSchema,
  value: readonly unknown[],
  path: string,
): FieldError[] {
  const { items, minItems = 0, maxItems } = schema;
  const errors =
    items === undefined
      ? []
      : value.flatMap((it, i) => structuralErrors(items, it, `${path}[${i}]`));
  if (value.length < minItems) {
    const text = `${path} in body should have at least ${minItems} items`;
    errors.push(invalid(path, value.length, text));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(path, value.length, maxItems));
  }
  return [...errors, ...duplicateErrors(schema, value, path)];
}

/** A set has a value once, a map a key. */
function duplicateErrors(
  schema: StructuralSchema,
  value: readonly unknown[],
  path: string,
): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  if (kind !== 'set' && kind !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  value.forEach((item, i) => {
    const key = isPlain(item) && kind === 'map' ? pick(item, keys) : item;
    const text = JSON.stringify(key);
    if (seen.has(text)) errors.push(duplicate(`${path}[${i}]`, key));
    seen.add(text);
  });
  return errors;
}

const pick = (item: Plain, keys: readonly string[]): Plain =>
  Object.fromEntries(
    keys
      .toSorted()
      .filter((key) => item[key] !== undefined)
      .map((key) => [key, item[key]]),
  );

function stringErrors(schema: StructuralSchema, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { pattern, minLength = 0, maxLength, format = '' } = schema;
  const length = [...value].length;
  if (length < minLength) {
    const text = `${path} in body should be at least ${minLength} chars long`;
    errors.push(invalid(path, value, text));
  }
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  if (pattern !== undefined && matches(pattern, value) === false) {
    errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  }
  if (FORMATS[format]?.(value) === false) {
    errors.push(typeInvalid(path, value, `${path} in body must be of type ${format}: "${value}"`));
  }
  return errors;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  'date-time': (value) => RFC3339.test(value),
  ipv4: (value) => typeof parseIp(value) === 'number',
  ipv6: (value) => typeof parseIp(value) === 'bigint',
  cidr: (value) => parseCidr(value) !== undefined,
};

/** Undefined for what is a pattern of Go's and none of ours: nothing is said of it. */
function matches(pattern: string, value: string): boolean | undefined {
  try {
    return new RegExp(pattern.replace(/\(\?P</g, '(?<'), 'u').test(value);
  } catch {
    try {
      return new RegExp(pattern).test(value);
    } catch {
      return undefined;
    }
  }
}

function numberErrors(schema: StructuralSchema, value: number, path: string): FieldError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const errors: FieldError[] = [];
  const complain = (text: string): void => {
    errors.push(invalid(path, value, `${path} in body should be ${text}`));
  };
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    complain(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    complain(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(value / multipleOf)) {
    complain(`a multiple of ${multipleOf}`);
  }
  return errors;
}

/** Of no field, as upstream reports them (validation.go: no Name in a composite error). */
const ofNone = (text: string): FieldError => invalid('<nil>', '', text);

function compositeErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const { allOf, anyOf, oneOf, not } = schema;
  const fits = (it: StructuralSchema): boolean => structuralErrors(it, value, path).length === 0;
  const errors: FieldError[] = [];
  for (const it of allOf ?? []) errors.push(...structuralErrors(it, value, path));
  if (allOf !== undefined && errors.length > 0) {
    errors.push(ofNone(`"${path}" must validate all the schemas (allOf)`));
  }
  // int-or-string writes itself as anyOf, too, whose types were asked for above.
  if (anyOf !== undefined && !anyOf.some(fits)) {
    errors.push(ofNone(`"${path}" must validate at least one schema (anyOf)`));
  }
  if (oneOf !== undefined) {
    const count = oneOf.filter(fits).length;
    const only = `"${path}" must validate one and only one schema (oneOf)`;
    if (count === 0) errors.push(ofNone(`${only}. Found none valid`));
    else if (count > 1) errors.push(ofNone(`${only}. Found ${count} valid alternatives`));
  }
  if (not !== undefined && fits(not)) {
    errors.push(ofNone(`"${path}" must not validate the schema (not)`));
  }
  return errors;
}

/** The value with its defaults; the same value where it has them all. */
export function structuralDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const of = schema.items;
    if (of === undefined) return value;
    const items = value.map((it) => structuralDefaults(of, it));
    return items.every((it, i) => it === value[i]) ? value : items;
  }
  if (!isPlain(value)) return value;
  const changed: Record<string, unknown> = {};
  const { properties = {}, additionalProperties: others } = schema;
  for (const [field, of] of Object.entries(properties)) {
    const own = value[field];
    // Null where null may not be is as good as absent (defaulting/algorithm.go).
    const isMissing = own === undefined || (own === null && of.nullable !== true);
    const given = isMissing && of.default !== undefined ? of.default : own;
    if (given === undefined) continue;
    const filled = structuralDefaults(of, given);
    if (filled !== own) changed[field] = filled;
  }
  if (typeof others === 'object') {
    for (const [field, own] of Object.entries(value)) {
      if (Object.hasOwn(properties, field)) continue;
      const filled = structuralDefaults(others, own);
      if (filled !== own) changed[field] = filled;
    }
  }
  return Object.keys(changed).length === 0 ? value : { ...value, ...changed };
}

/**
 * The value without fields its schema does not name; the same value when it has none. `unknown`
 * gets the paths of what went.
 */
export function pruned(
  schema: StructuralSchema,
  value: unknown,
  path: string,
  unknown: string[],
): unknown {
  if (Array.isArray(value)) {
    const of = schema.items;
    if (of === undefined) return value;
    const items = value.map((it, i) => pruned(of, it, `${path}[${i}]`, unknown));
    return items.every((it, i) => it === value[i]) ? value : items;
  }
  if (!isPlain(value)) return value;
  const { properties = {}, additionalProperties: others } = schema;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || others === true;
  const isRoot = path === '' || schema['x-kubernetes-embedded-resource'] === true;
  let copy: Record<string, unknown> | undefined;
  for (const [field, own] of Object.entries(value)) {
    if (isRoot && ROOT_FIELDS.has(field)) continue;
    const declared = Object.hasOwn(properties, field) ? properties[field] : undefined;
    const of = declared ?? (typeof others === 'object' ? others : undefined);
    if (of === undefined) {
      if (isOpen) continue;
      unknown.push(below(path, field));
      copy ??= { ...value };
      delete copy[field];
      continue;
    }
    const after = pruned(of, own, below(path, field), unknown);
    if (after === own) continue;
    copy ??= { ...value };
    copy[field] = after;
  }
  return copy ?? value;
}

const ROOT_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Every x-kubernetes-validations rule of a schema, with the place it stands at. */
export function* rulesOf(
  schema: StructuralSchema,
  path = '',
): Iterable<{ readonly path: string; readonly rule: string }> {
  for (const { rule } of schema['x-kubernetes-validations'] ?? []) yield { path, rule };
  for (const [field, of] of Object.entries(schema.properties ?? {})) {
    yield* rulesOf(of, below(path, field));
  }
  if (schema.items !== undefined) yield* rulesOf(schema.items, `${path}[*]`);
  if (typeof schema.additionalProperties === 'object') {
    yield* rulesOf(schema.additionalProperties, `${path}[*]`);
  }
}
