/**
 * cluster/schema/type-schema — the types of the kinds we serve, read from their table when
 * first asked for: what OpenAPI, protobuf, field validation and server-side apply go by.
 */
import { SCHEMA_TABLE } from './schema-table.data.ts';

/** `string`, … or the full name of a type; lists and maps of it. */
export type FieldType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'list' | 'map'; readonly of: FieldType }
  | { readonly kind: 'type'; readonly name: string };

export type ScalarKind =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'quantity'
  | 'int-or-string'
  | 'time'
  | 'micro-time'
  | 'duration'
  | 'raw'
  | 'fields'
  | 'strings-message'
  | 'json'
  | 'json-or-bool'
  | 'json-or-array'
  | 'json-or-strings';

/** How server-side apply takes a list, a map or a struct. */
export type Structure = 'atomic' | 'set' | 'map' | 'granular';

export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  /** The protobuf field number; 0 for what has none. */
  readonly number: number;
  readonly isRequired: boolean;
  /** Written in JSON even when zero. */
  readonly isAlwaysWritten: boolean;
  readonly isPointer: boolean;
  readonly patchMergeKey: string | undefined;
  readonly patchStrategy: string | undefined;
  readonly structure: Structure | undefined;
  readonly listMapKeys: readonly string[];
  readonly default: unknown;
}

export interface TypeSchema {
  /** `core/v1.PodSpec`. */
  readonly name: string;
  readonly isAtomic: boolean;
  /** It has apiVersion and kind. */
  readonly isRoot: boolean;
  /** By JSON name; the fields of inlined types among them. */
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** By protobuf number; an inlined type is a message of its own there. */
  readonly byNumber: ReadonlyMap<number, FieldSchema | { readonly inlined: string }>;
}

const SCALARS: Readonly<Record<string, ScalarKind>> = {
  s: 'string',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  d: 'double',
  y: 'bytes',
  Q: 'quantity',
  X: 'int-or-string',
  T: 'time',
  M: 'micro-time',
  D: 'duration',
  R: 'raw',
  F: 'fields',
  E: 'strings-message',
  J: 'json',
  JB: 'json-or-bool',
  JA: 'json-or-array',
  JS: 'json-or-strings',
};

const STRUCTURES: Readonly<Record<string, Structure>> = {
  a: 'atomic',
  s: 'set',
  m: 'map',
  g: 'granular',
};

/** API groups by package; others are the package's name with `.k8s.io`. */
const GROUPS: Readonly<Record<string, string>> = {
  core: '',
  apps: 'apps',
  batch: 'batch',
  autoscaling: 'autoscaling',
  policy: 'policy',
  rbac: 'rbac.authorization.k8s.io',
};

/** Versions served with the fields of a later one. */
const SAME_AS: Readonly<Record<string, string>> = {
  'batch/v1beta1': 'batch/v1',
  'policy/v1beta1': 'policy/v1',
};

const lines = new Map<string, string>();
const packageByVersion = new Map<string, string>();
let opened = '';
for (const line of SCHEMA_TABLE.split('\n')) {
  if (line.startsWith('#')) {
    opened = line.slice(1);
    const [name = '', version = ''] = opened.split('/');
    const group = GROUPS[name] ?? `${name}.k8s.io`;
    packageByVersion.set(group === '' ? version : `${group}/${version}`, opened);
    continue;
  }
  const bar = line.indexOf('|');
  const isAtomic = line.startsWith('=a', bar - 2);
  lines.set(`${opened}.${line.slice(0, isAtomic ? bar - 2 : bar)}`, line);
}

const parsed = new Map<string, TypeSchema>();

/** A type of the table: `core/v1.PodSpec`. */
export function typeNamed(name: string): TypeSchema {
  const known = parsed.get(name) ?? parse(name);
  parsed.set(name, known);
  return known;
}

/** The type of a kind the API server has built in: also lists, Status, DeleteOptions. */
export function typeOfKind(apiVersion: string, kind: string): TypeSchema | undefined {
  const version = SAME_AS[apiVersion] ?? apiVersion;
  const name = `${packageByVersion.get(version) ?? ''}.${kind}`;
  if (lines.has(name)) return rootOnly(typeNamed(name));
  const shared = `meta.${kind}`;
  return lines.has(shared) ? rootOnly(typeNamed(shared)) : undefined;
}

const rootOnly = (type: TypeSchema): TypeSchema | undefined => (type.isRoot ? type : undefined);

/** Group and version of a type, `apps/v1`; undefined for those of every group. */
export function apiVersionOf(typeName: string): string | undefined {
  const at = typeName.slice(0, typeName.lastIndexOf('.'));
  for (const [apiVersion, name] of packageByVersion) {
    if (name === at && name !== 'meta') return apiVersion;
  }
  return undefined;
}

function parse(name: string): TypeSchema {
  const line = lines.get(name);
  if (line === undefined) throw new Error(`no type ${name} in the table`);
  const at = name.slice(0, name.lastIndexOf('.'));
  const [head = '', ...rest] = line.split('|');
  const fields = new Map<string, FieldSchema>();
  const byNumber = new Map<number, FieldSchema | { readonly inlined: string }>();
  let isRoot = false;
  for (const text of rest) {
    if (text === '^') {
      isRoot = true;
      continue;
    }
    if (text === '') continue;
    if (text.startsWith('~')) {
      const [, type = '', number = ''] = text.split(' ');
      const inlined = qualified(type, at);
      for (const [key, field] of typeNamed(inlined).fields) fields.set(key, field);
      if (number !== '') byNumber.set(Number(number), { inlined });
      else for (const [key, field] of typeNamed(inlined).byNumber) byNumber.set(key, field);
      continue;
    }
    const field = fieldOf(text, at);
    fields.set(field.name, field);
    if (field.number > 0) byNumber.set(field.number, field);
  }
  return { name, isAtomic: head.endsWith('=a'), isRoot, fields, byNumber };
}

const qualified = (type: string, at: string): string =>
  type.includes('.') ? type : `${at}.${type}`;

function fieldTypeOf(text: string, at: string): FieldType {
  if (text.startsWith('[]')) return { kind: 'list', of: fieldTypeOf(text.slice(2), at) };
  if (text.startsWith('{}')) return { kind: 'map', of: fieldTypeOf(text.slice(2), at) };
  const scalar = SCALARS[text];
  return scalar === undefined ? { kind: 'type', name: qualified(text, at) } : { kind: scalar };
}

function fieldOf(text: string, at: string): FieldSchema {
  const [name = '', type = '', number = '', ...marks] = text.split(' ');
  const marked = (letter: string): string | undefined =>
    marks.find((it) => it.startsWith(letter))?.slice(1);
  const otherwise = marked('d');
  return {
    name,
    type: fieldTypeOf(type, at),
    number: Number(number),
    isRequired: marks.includes('!'),
    isAlwaysWritten: marks.includes('+'),
    isPointer: marks.includes('*'),
    patchMergeKey: marked('k'),
    patchStrategy: marked('p'),
    structure: STRUCTURES[marked('t') ?? ''],
    listMapKeys: marked('l')?.split(',') ?? [],
    default: otherwise === undefined ? undefined : JSON.parse(otherwise),
  };
}
