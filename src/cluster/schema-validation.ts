/**
 * cluster/schema-validation — does a custom resource fit the schema of its CRD? Complaints are
 * worded as the API server words those of structural schemas.
 *
 * Upstream: kubernetes/apiextensions-apiserver pkg/apiserver/validation/validation.go
 * kubeOpenAPIResultToFieldErrors; kubernetes/kube-openapi pkg/validation/errors/schema.go.
 */
import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  typeInvalid,
} from './field-error.ts';

/** A structural schema, as far as our CRDs use it; fields it does not name may hold anything. */
export type Schema = {
  /** What the API server fills in where the field is absent. */
  readonly default?: unknown;
} & (
  | {
      readonly type: 'object';
      readonly required?: readonly string[] | undefined;
      readonly fields: Readonly<Record<string, Schema>>;
    }
  | { readonly type: 'map'; readonly values: Schema }
  | {
      readonly type: 'array';
      readonly items: Schema;
      readonly minItems?: number | undefined;
      readonly maxItems?: number | undefined;
    }
  | {
      readonly type: 'string';
      readonly enum?: readonly string[] | undefined;
      readonly pattern?: string | undefined;
      readonly minLength?: number | undefined;
      readonly maxLength?: number | undefined;
    }
  | {
      readonly type: 'integer';
      readonly minimum?: number | undefined;
      readonly maximum?: number | undefined;
    }
  | { readonly type: 'boolean' | 'int-or-string' }
);

/** Complaints about `value`, which stands at `path` (`spec`). */
export function schemaErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  const wanted = NAMES[schema.type];
  const found = jsonType(value);
  if (!wanted.includes(found)) {
    const text = `${path} in body must be of type ${wanted.join(',')}: "${found}"`;
    return [typeInvalid(path, found, text)];
  }
  if (schema.type === 'object') return objectErrors(schema, value as Plain, path);
  if (schema.type === 'map') {
    return Object.entries(value as Plain).flatMap(([key, it]) =>
      schemaErrors(schema.values, it, `${path}.${key}`),
    );
  }
  if (schema.type === 'array') return arrayErrors(schema, value as readonly unknown[], path);
  if (schema.type === 'string') return stringErrors(schema, value as string, path);
  if (schema.type === 'integer') return integerErrors(schema, value as number, path);
  return [];
}

type Plain = Readonly<Record<string, unknown>>;
type Of<Type extends Schema['type']> = Extract<Schema, { readonly type: Type }>;

/** JSON's types, as the texts list them. */
const NAMES: Readonly<Record<Schema['type'], readonly string[]>> = {
  object: ['object'],
  map: ['object'],
  array: ['array'],
  string: ['string'],
  integer: ['integer'],
  boolean: ['boolean'],
  'int-or-string': ['integer', 'string'],
};

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function objectErrors(schema: Of<'object'>, value: Plain, path: string): FieldError[] {
  const errors = (schema.required ?? [])
    .filter((field) => value[field] === undefined)
    .map((field) => required(`${path}.${field}`));
  for (const [field, of] of Object.entries(schema.fields)) {
    if (value[field] !== undefined)
      errors.push(...schemaErrors(of, value[field], `${path}.${field}`));
  }
  return errors;
}

function arrayErrors(schema: Of<'array'>, value: readonly unknown[], path: string): FieldError[] {
  const { items, minItems = 0, maxItems } = schema;
  const errors = value.flatMap((it, i) => schemaErrors(items, it, `${path}[${i}]`));
  if (value.length < minItems) {
    const text = `${path} in body should have at least ${minItems} items`;
    errors.push(invalid(path, value.length, text));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(path, value.length, maxItems));
  }
  return errors;
}

const tooMany = (path: string, count: number, most: number): FieldError => ({
  field: path,
  type: 'FieldValueTooMany',
  body: `Too many: ${count}: must have at most ${most} items`,
});

function stringErrors(schema: Of<'string'>, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { pattern, minLength = 0, maxLength } = schema;
  if (value.length < minLength) {
    const text = `${path} in body should be at least ${minLength} chars long`;
    errors.push(invalid(path, value, text));
  }
  if (maxLength !== undefined && value.length > maxLength) {
    errors.push(tooLong(path, maxLength));
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    errors.push(notSupported(path, value, schema.enum));
  }
  return errors;
}

function integerErrors(schema: Of<'integer'>, value: number, path: string): FieldError[] {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) {
    const text = `${path} in body should be greater than or equal to ${minimum}`;
    return [invalid(path, value, text)];
  }
  if (maximum !== undefined && value > maximum) {
    const text = `${path} in body should be less than or equal to ${maximum}`;
    return [invalid(path, value, text)];
  }
  return [];
}
