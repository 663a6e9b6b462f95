/**
 * api/kubernetes/openapi/type-definition — a type of the table as an OpenAPI schema, the way
 * kube-openapi writes it: fields, references, list types, merge keys, group, version and kind.
 *
 * Upstream: kubernetes/kube-openapi pkg/generators/openapi.go; the names are those of
 * kubernetes/kubernetes api/openapi-spec.
 */

import {
  apiVersionOf,
  type FieldSchema,
  type FieldType,
  type ScalarKind,
  type TypeSchema,
  typeNamed,
} from '../../../cluster/schema/type-schema.ts';
import { groupOf } from '../../../model/kubernetes/resources.ts';
import { DESCRIPTIONS } from './descriptions.data.ts';

export type Json = Readonly<Record<string, unknown>>;

/** OpenAPI 2 calls it definitions, OpenAPI 3 components; the two differ in small things. */
export type Dialect = 'v2' | 'v3';

const MACHINERY = 'io.k8s.apimachinery.pkg';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Types that are one scalar: named in upstream's document, and so referred to. */
const NAMED_SCALARS: Partial<Readonly<Record<ScalarKind, readonly [name: string, schema: Json]>>> =
  {
    quantity: [`${MACHINERY}.api.resource.Quantity`, { type: 'string' }],
    'int-or-string': [
      `${MACHINERY}.util.intstr.IntOrString`,
      { type: 'string', format: 'int-or-string' },
    ],
    time: [`${MACHINERY}.apis.meta.v1.Time`, { type: 'string', format: 'date-time' }],
    'micro-time': [`${MACHINERY}.apis.meta.v1.MicroTime`, { type: 'string', format: 'date-time' }],
    duration: [`${MACHINERY}.apis.meta.v1.Duration`, { type: 'string' }],
    raw: [`${MACHINERY}.runtime.RawExtension`, { type: 'object' }],
    fields: [`${MACHINERY}.apis.meta.v1.FieldsV1`, { type: 'object' }],
    json: [`${EXTENSIONS}.JSON`, {}],
    'json-or-bool': [`${EXTENSIONS}.JSONSchemaPropsOrBool`, {}],
    'json-or-array': [`${EXTENSIONS}.JSONSchemaPropsOrArray`, {}],
    'json-or-strings': [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`, {}],
  };

const PLAIN_SCALARS: Partial<Readonly<Record<ScalarKind, Json>>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  'strings-message': { type: 'array', items: { type: 'string' } },
};

/** Where a schema of a name stands in a document. */
export const refTo = (name: string, dialect: Dialect): string =>
  dialect === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}`;

/** `io.k8s.api.core.v1.PodSpec` of `core/v1.PodSpec`. */
export function openApiName(typeName: string): string {
  const dot = typeName.lastIndexOf('.');
  const name = typeName.slice(dot + 1);
  const at = typeName.slice(0, dot);
  if (at === 'meta') return `${MACHINERY}.apis.meta.v1.${name}`;
  if (at === 'apiextensions/v1') return `${EXTENSIONS}.${name}`;
  if (at === 'apiregistration/v1') {
    return `io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.${name}`;
  }
  return `io.k8s.api.${at.replace('/', '.')}.${name}`;
}

/** Collects the schemas of types and of all they refer to. */
export class Definitions {
  readonly #dialect: Dialect;
  readonly #found = new Map<string, Json>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Adds a type with all it refers to; what points to it. */
  add(typeName: string): string {
    const name = openApiName(typeName);
    if (!this.#found.has(name)) {
      // Held a place for first: JSONSchemaProps refers to itself.
      this.#found.set(name, {});
      this.#found.set(name, this.#schemaOf(typeNamed(typeName)));
    }
    return refTo(name, this.#dialect);
  }

  /** Adds a schema that is no type of the table. */
  put(name: string, schema: Json): string {
    this.#found.set(name, schema);
    return refTo(name, this.#dialect);
  }

  /** By name, in the alphabet's order. */
  all(): Json {
    return Object.fromEntries([...this.#found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #schemaOf(type: TypeSchema): Json {
    const properties: Record<string, Json> = {};
    if (type.isRoot) {
      properties.apiVersion = { description: DESCRIPTIONS.apiVersion, type: 'string' };
      properties.kind = { description: DESCRIPTIONS.kind, type: 'string' };
    }
    for (const field of type.fields.values()) {
      properties[field.name] = this.#property(field, type.name);
    }
    const required = [...type.fields.values()].filter((it) => it.isRequired).map((it) => it.name);
    const description = DESCRIPTIONS[type.name];
    return {
      ...(description === undefined ? {} : { description }),
      type: 'object',
      ...(required.length === 0 ? {} : { required: required.sort() }),
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(type.isAtomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...gvkOf(type),
    };
  }

  #property(field: FieldSchema, holder: string): Json {
    const { structure, listMapKeys, patchMergeKey, patchStrategy, type } = field;
    const description = DESCRIPTIONS[`${holder}.${field.name}`] ?? DESCRIPTIONS[field.name];
    const extra: Record<string, unknown> = {};
    if (description !== undefined) extra.description = description;
    if (field.default !== undefined) extra.default = field.default;
    if (type.kind === 'list' && structure !== undefined) {
      extra['x-kubernetes-list-type'] = structure;
      if (listMapKeys.length > 0) extra['x-kubernetes-list-map-keys'] = listMapKeys;
    } else if (structure !== undefined) extra['x-kubernetes-map-type'] = structure;
    if (patchMergeKey !== undefined) extra['x-kubernetes-patch-merge-key'] = patchMergeKey;
    if (patchStrategy !== undefined) extra['x-kubernetes-patch-strategy'] = patchStrategy;
    return this.#annotated(this.#typeSchema(type), extra);
  }

  /** OpenAPI 3 ignores what stands beside a reference, so the reference goes one deeper. */
  #annotated(schema: Json, extra: Json): Json {
    if (Object.keys(extra).length === 0) return schema;
    if ('$ref' in schema && this.#dialect === 'v3') return { ...extra, allOf: [schema] };
    return { ...extra, ...schema };
  }

  #typeSchema(type: FieldType): Json {
    if (type.kind === 'list') return { type: 'array', items: this.#typeSchema(type.of) };
    if (type.kind === 'map') {
      return { type: 'object', additionalProperties: this.#typeSchema(type.of) };
    }
    if (type.kind === 'type') return { $ref: this.add(type.name) };
    const plain = PLAIN_SCALARS[type.kind];
    if (plain !== undefined) return plain;
    const [name, schema] = NAMED_SCALARS[type.kind]!;
    return { $ref: this.put(name, this.#scalar(type.kind, schema)) };
  }

  #scalar(kind: ScalarKind, schema: Json): Json {
    if (this.#dialect === 'v2') return schema;
    if (kind === 'int-or-string') {
      return { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] };
    }
    return kind === 'quantity' ? { oneOf: [{ type: 'string' }, { type: 'number' }] } : schema;
  }
}

export const GVK = 'x-kubernetes-group-version-kind';

/** Of a kind; DeleteOptions and their like are of every group, and stand as core's. */
function gvkOf({ isRoot, name }: TypeSchema): Json {
  if (!isRoot) return {};
  const apiVersion = apiVersionOf(name) ?? 'v1';
  const group = groupOf(apiVersion);
  const kind = name.slice(name.lastIndexOf('.') + 1);
  return { [GVK]: [{ group, kind, version: apiVersion.slice(apiVersion.indexOf('/') + 1) }] };
}
