/**
 * cluster/schema-validation — does a custom resource of the registry fit the schema of its CRD? The
 * schemas are written short here, and read as the structural ones they stand for.
 */
import type { FieldError } from './field-error.ts';
import { type StructuralSchema, structuralErrors } from './structural-schema.ts';

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
export const schemaErrors = (schema: Schema, value: unknown, path: string): FieldError[] =>
  structuralErrors(structuralOf(schema), value, path);

const known = new WeakMap<Schema, StructuralSchema>();

/** The schema as a CRD writes it. */
export function structuralOf(schema: Schema): StructuralSchema {
  const found = known.get(schema) ?? written(schema);
  known.set(schema, found);
  return found;
}

function written(schema: Schema): StructuralSchema {
  const { default: otherwise } = schema;
  const common = otherwise === undefined ? {} : { default: otherwise };
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.fields);
      const properties = Object.fromEntries(fields.map(([name, of]) => [name, structuralOf(of)]));
      return { ...common, type: 'object', required: schema.required, properties };
    }
    case 'map':
      return { ...common, type: 'object', additionalProperties: structuralOf(schema.values) };
    case 'array': {
      const { items, minItems, maxItems } = schema;
      return { ...common, type: 'array', items: structuralOf(items), minItems, maxItems };
    }
    case 'int-or-string':
      return { ...common, 'x-kubernetes-int-or-string': true };
    default:
      return schema;
  }
}
