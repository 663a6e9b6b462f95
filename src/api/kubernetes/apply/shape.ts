/**
 * api/kubernetes/apply/shape — what server-side apply has to know of a value: is it taken as a
 * whole, by field, or by item, and which item is which. From the table of types for built-in kinds,
 * from the CRD's schema for others.
 *
 * Upstream: kubernetes/kube-openapi pkg/schemaconv; structured-merge-diff v6.3.0 schema.
 */

import {
  type FieldSchema,
  type FieldType,
  type Structure,
  type TypeSchema,
  typeNamed,
  typeOfKind,
} from '../../../cluster/schema/type-schema.ts';
import type { ServedResource } from '../../../cluster/served-resources.ts';

export type Shape =
  | { readonly kind: 'scalar' }
  | MapShape
  | ListShape
  /** Whatever it is: lists as wholes, maps by field. */
  | { readonly kind: 'any' };

export interface MapShape {
  readonly kind: 'map';
  readonly isAtomic: boolean;
  /** The declared field of a name. */
  field(name: string): Shape | undefined;
  /** What is under other names; undefined when there must be none. */
  readonly others: Shape | undefined;
}

export interface ListShape {
  readonly kind: 'list';
  /** `atomic`: one value. `set`: items are their values. `map`: items are known by their keys. */
  readonly relation: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
  /** Of keys nobody wrote. */
  readonly keyDefaults: Readonly<Record<string, unknown>>;
  readonly items: Shape;
}

const SCALAR: Shape = { kind: 'scalar' };
export const ANY: Shape = { kind: 'any' };

const shapes = new Map<string, MapShape>();

/** The shape of a type of the table. */
export function shapeOfType(name: string): MapShape {
  const known = shapes.get(name);
  if (known !== undefined) return known;
  const made = makeShape(typeNamed(name));
  shapes.set(name, made);
  return made;
}

function makeShape(type: TypeSchema): MapShape {
  const made = new Map<string, Shape>();
  return {
    kind: 'map',
    isAtomic: type.isAtomic,
    others: undefined,
    field(name) {
      let shape = made.get(name);
      if (shape !== undefined) return shape;
      const field = type.fields.get(name);
      if (field === undefined) {
        return type.isRoot && (name === 'apiVersion' || name === 'kind') ? SCALAR : undefined;
      }
      shape = shapeOfField(field);
      made.set(name, shape);
      return shape;
    },
  };
}

function shapeOfField({ type, structure, listMapKeys }: FieldSchema): Shape {
  const shape = shapeOfFieldType(type, structure, listMapKeys);
  // structType on a field: the whole is one value, whatever its type says elsewhere.
  if (structure === 'atomic' && shape.kind === 'map') return { ...shape, isAtomic: true };
  return shape;
}

function shapeOfFieldType(
  type: FieldType,
  structure: Structure | undefined,
  keys: readonly string[],
): Shape {
  if (type.kind === 'list') {
    const relation = structure === 'set' || structure === 'map' ? structure : 'atomic';
    return {
      kind: 'list',
      relation,
      keys,
      keyDefaults: defaultsOf(type.of, keys),
      items: shapeOfFieldType(type.of, undefined, []),
    };
  }
  if (type.kind === 'map') {
    return {
      kind: 'map',
      isAtomic: structure === 'atomic',
      field: () => undefined,
      others: shapeOfFieldType(type.of, undefined, []),
    };
  }
  if (type.kind === 'type') return shapeOfType(type.name);
  if (type.kind === 'raw' || type.kind.startsWith('json')) return ANY;
  if (type.kind === 'fields') {
    return { kind: 'map', isAtomic: true, field: () => undefined, others: ANY };
  }
  if (type.kind === 'strings-message') {
    return { kind: 'list', relation: 'atomic', keys: [], keyDefaults: {}, items: SCALAR };
  }
  return SCALAR;
}

function defaultsOf(type: FieldType, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (type.kind !== 'type' || keys.length === 0) return {};
  const { fields } = typeNamed(type.name);
  const known = keys.map((key) => [key, fields.get(key)?.default] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

type Json = Readonly<Record<string, unknown>>;

/** The shape of a schema of a CRD. */
export function shapeOfSchema(schema: Json): Shape {
  const { type } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) return SCALAR;
  if (type === 'array') return listOfSchema(schema);
  if (type === 'object' || schema.properties !== undefined) return mapOfSchema(schema);
  return type === undefined ? ANY : SCALAR;
}

function listOfSchema(schema: Json): ListShape {
  const given = schema['x-kubernetes-list-type'];
  const items = (schema.items ?? {}) as Json;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []) as readonly string[];
  const properties = (items.properties ?? {}) as Readonly<Record<string, Json>>;
  const defaults = keys.map((key) => [key, properties[key]?.default] as const);
  return {
    kind: 'list',
    relation: given === 'set' || given === 'map' ? given : 'atomic',
    keys,
    keyDefaults: Object.fromEntries(defaults.filter(([, value]) => value !== undefined)),
    items: shapeOfSchema(items),
  };
}

function mapOfSchema(schema: Json): MapShape {
  const properties = new Map(
    Object.entries((schema.properties ?? {}) as Readonly<Record<string, Json>>),
  );
  const more = schema.additionalProperties;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || more === true;
  const made = new Map<string, Shape>();
  return {
    kind: 'map',
    isAtomic: schema['x-kubernetes-map-type'] === 'atomic',
    others: typeof more === 'object' ? shapeOfSchema(more as Json) : isOpen ? ANY : undefined,
    field(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      const property = properties.get(name);
      if (property === undefined) return undefined;
      const shape = shapeOfSchema(property);
      made.set(name, shape);
      return shape;
    },
  };
}

const custom = new WeakMap<object, Map<string, MapShape>>();

/** The shape of a served kind in a version. */
export function shapeOf(resource: ServedResource, version: string): MapShape {
  const { group, kind, definition } = resource;
  const type = typeOfKind(group === '' ? version : `${group}/${version}`, kind);
  if (type !== undefined) return shapeOfType(type.name);
  const holder: object = definition ?? resource;
  const known = custom.get(holder) ?? new Map<string, MapShape>();
  custom.set(holder, known);
  const found = known.get(version) ?? customShape(resource, version);
  known.set(version, found);
  return found;
}

/** A custom resource's own fields, with the metadata everybody has. */
function customShape({ definition }: ServedResource, version: string): MapShape {
  const schema = definition?.spec.versions.find((it) => it.name === version)?.schema;
  const own = mapOfSchema((schema?.openAPIV3Schema ?? OPEN) as Json);
  const metadata = shapeOfType('meta.ObjectMeta');
  return {
    ...own,
    field(name) {
      if (name === 'metadata') return metadata;
      return name === 'apiVersion' || name === 'kind' ? SCALAR : own.field(name);
    },
  };
}

const OPEN: Json = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
