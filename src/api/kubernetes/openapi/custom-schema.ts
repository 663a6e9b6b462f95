/**
 * api/kubernetes/openapi/custom-schema — the schema of a custom resource as OpenAPI publishes it:
 * the CRD's own with apiVersion, kind and metadata put in, and its list.
 *
 * Upstream: kubernetes/apiextensions-apiserver pkg/controller/openapi/builder/builder.go,
 * pkg/controller/openapi/v2/conversion.go ToStructuralOpenAPIV2.
 */
import type { ServedResource } from '../../../cluster/served-resources.ts';
import { DESCRIPTIONS } from './descriptions.data.ts';
import { type Definitions, type Dialect, GVK, type Json } from './type-definition.ts';

/** `com.example.v1.Widget`. */
export const customName = ({ group }: ServedResource, version: string, kind: string): string =>
  `${group.split('.').toReversed().join('.')}.${version}.${kind}`;

const isOpen = (schema: Json): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;

/** Where a schema names no field, clients take every field; where it names some, those only. */
function withObjectFields(own: Json, definitions: Definitions, dialect: Dialect): Json {
  const schema = dialect === 'v2' ? asV2(own) : own;
  const meta = definitions.add('meta.ObjectMeta');
  return {
    ...schema,
    type: 'object',
    properties: {
      ...(schema.properties as Json | undefined),
      apiVersion: { description: DESCRIPTIONS.apiVersion, type: 'string' },
      kind: { description: DESCRIPTIONS.kind, type: 'string' },
      metadata: dialect === 'v2' ? { $ref: meta } : { allOf: [{ $ref: meta }] },
    },
  };
}

/** Adds a custom resource and its list in a version. */
export function addCustom(
  definitions: Definitions,
  resource: ServedResource,
  version: string,
  dialect: Dialect,
): void {
  const { definition, group, kind } = resource;
  const declared = definition?.spec.versions.find((it) => it.name === version);
  const own = declared?.schema?.openAPIV3Schema as Json | undefined;
  const reference = definitions.put(customName(resource, version, kind), {
    ...(own === undefined || (dialect === 'v2' && isOpen(own))
      ? { type: 'object' }
      : withObjectFields(own, definitions, dialect)),
    [GVK]: [{ group, kind, version }],
  });
  const listKind = definition?.spec.names.listKind ?? `${kind}List`;
  const listMeta = definitions.add('meta.ListMeta');
  definitions.put(customName(resource, version, listKind), {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: DESCRIPTIONS.apiVersion, type: 'string' },
      items: { type: 'array', items: { $ref: reference } },
      kind: { description: DESCRIPTIONS.kind, type: 'string' },
      metadata: { $ref: listMeta },
    },
    [GVK]: [{ group, kind: listKind, version }],
  });
}

/** What OpenAPI 2 has no words for is left out, so that old clients take what they do not know. */
const ONLY_V3: ReadonlySet<string> = new Set([
  'nullable',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'x-kubernetes-validations',
]);

function asV2(schema: Json): Json {
  const isAnything = isOpen(schema);
  const isEither = schema['x-kubernetes-int-or-string'] === true;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (ONLY_V3.has(key)) continue;
    if (key === 'type' && (isAnything || isEither || schema.nullable === true)) continue;
    if (isAnything && (key === 'properties' || key === 'items' || key === 'required')) continue;
    kept[key] = value;
  }
  if (typeof kept.properties === 'object') {
    kept.properties = Object.fromEntries(
      Object.entries(kept.properties as Json).map(([name, it]) => [name, asV2(it as Json)]),
    );
  }
  for (const key of ['items', 'additionalProperties']) {
    if (typeof kept[key] === 'object' && kept[key] !== null) kept[key] = asV2(kept[key] as Json);
  }
  return kept;
}
