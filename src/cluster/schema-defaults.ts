/**
 * cluster/schema-defaults — what the schema of a CRD fills into a custom resource.
 *
 * Upstream: kubernetes/apiextensions-apiserver pkg/apiserver/schema/defaulting/algorithm.go: a
 * field's default first, then the defaults within it.
 */
import type { Schema } from './schema-validation.ts';

/** The value with its defaults; the same value where it has them all. */
export function withSchemaDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (schema.type !== 'array') return value;
    const items = value.map((it) => withSchemaDefaults(schema.items, it));
    return items.every((it, i) => it === value[i]) ? value : items;
  }
  if (schema.type !== 'object' || typeof value !== 'object' || value === null) return value;
  const before = value as Readonly<Record<string, unknown>>;
  const changed: Record<string, unknown> = {};
  for (const [field, of] of Object.entries(schema.fields)) {
    const given = before[field] ?? of.default;
    if (given === undefined) continue;
    const filled = withSchemaDefaults(of, given);
    if (filled !== before[field]) changed[field] = filled;
  }
  return Object.keys(changed).length === 0 ? value : { ...before, ...changed };
}
