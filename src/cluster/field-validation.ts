/**
 * cluster/field-validation — fields nobody reads: unknown ones and ones written twice. A request
 * says what becomes of them (fieldValidation): Strict refuses, Warn tells, Ignore drops silently.
 *
 * Upstream: kubernetes/apimachinery pkg/runtime/serializer/json/json.go (strict decoding),
 * pkg/runtime/error.go strictDecodingError; sigs.k8s.io/json internal/golang/encoding/json
 * saveStrictError.
 */
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { type FieldType, type TypeSchema, typeNamed, typeOfKind } from './schema/type-schema.ts';

type Plain = Readonly<Record<string, unknown>>;

/** kubernetes-sigs/json strict.go: no more are told than these. */
const TOLD_MAX = 100;

/** How a strict refusal reads: `strict decoding error: unknown field "spec.foo"`. */
export const strictDecodingError = (problems: readonly string[]): string =>
  `strict decoding error: ${problems.join(', ')}`;

/**
 * `unknown field "spec.foo"` for every field a built-in type does not have; of custom resources
 * for metadata's. Custom schemas are pruned elsewhere.
 */
export function unknownFields(object: KubernetesObject): string[] {
  const found: string[] = [];
  const type = typeOfKind(object.apiVersion, object.kind);
  if (type !== undefined) lookIn(object, type, '', found);
  else if (typeof object.metadata === 'object' && object.metadata !== null) {
    lookIn(object.metadata as unknown as Plain, typeNamed('meta.ObjectMeta'), 'metadata', found);
  }
  return found.slice(0, TOLD_MAX).map((path) => `unknown field ${JSON.stringify(path)}`);
}

function lookIn(value: Plain, type: TypeSchema, path: string, found: string[]): void {
  for (const key in value) {
    const at = path === '' ? key : `${path}.${key}`;
    const field = type.fields.get(key);
    if (field !== undefined) lookAt(value[key], field.type, at, found);
    else if (!type.isRoot || (key !== 'apiVersion' && key !== 'kind')) found.push(at);
  }
}

function lookAt(value: unknown, type: FieldType, path: string, found: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return;
    for (let i = 0; i < value.length; i++) lookAt(value[i], type.of, `${path}[${i}]`, found);
  } else if (type.kind === 'map') {
    const { kind } = type.of;
    if (kind !== 'type' && kind !== 'list' && kind !== 'map') return;
    for (const key in value) lookAt((value as Plain)[key], type.of, `${path}.${key}`, found);
  } else if (type.kind === 'type') lookIn(value as Plain, typeNamed(type.name), path, found);
}

interface Level {
  readonly keys: Set<string> | undefined;
  /** Of a list: which item. */
  index: number;
  key: string;
}

/**
 * `duplicate field "spec.replicas"` for every key that a JSON text has twice in one object. The
 * text must be JSON: what does not parse was refused before.
 */
export function duplicateFields(text: string): string[] {
  const levels: Level[] = [];
  const found = new Set<string>();
  let isKey = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const level = levels.at(-1);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      if (isKey && level?.keys !== undefined) {
        const quoted = text.slice(at, end + 1);
        const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
        level.key = key;
        if (level.keys.has(key)) found.add(pathOf(levels));
        level.keys.add(key);
        isKey = false;
      }
      at = end;
    } else if (char === OPEN_OBJECT) {
      levels.push({ keys: new Set(), index: 0, key: '' });
      isKey = true;
    } else if (char === OPEN_LIST) {
      levels.push({ keys: undefined, index: 0, key: '' });
      isKey = false;
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) {
      levels.pop();
      isKey = false;
    } else if (char === COMMA && level !== undefined) {
      if (level.keys === undefined) level.index++;
      else isKey = true;
    }
  }
  return [...found].slice(0, TOLD_MAX).map((path) => `duplicate field ${JSON.stringify(path)}`);
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Where the string that opens at `start` closes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function pathOf(levels: readonly Level[]): string {
  let path = '';
  for (const { keys, index, key } of levels) {
    if (keys === undefined) path += `[${index}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return path;
}

/** The object without the fields that {@link unknownFields} tells of, as decoding leaves it. */
export function withoutUnknownFields(object: KubernetesObject): KubernetesObject {
  const type = typeOfKind(object.apiVersion, object.kind);
  if (type !== undefined) return known(object, type) as KubernetesObject;
  const metadata = known(object.metadata as unknown as Plain, typeNamed('meta.ObjectMeta'));
  return { ...object, metadata: metadata as unknown as KubernetesObject['metadata'] };
}

const known = (value: Plain, type: TypeSchema): Plain =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
      const field = type.fields.get(key);
      if (field !== undefined) return [[key, knownOf(member, field.type)]];
      return type.isRoot && (key === 'apiVersion' || key === 'kind') ? [[key, member]] : [];
    }),
  );

function knownOf(value: unknown, type: FieldType): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (type.kind === 'list') {
    return Array.isArray(value) ? value.map((item) => knownOf(item, type.of)) : value;
  }
  if (type.kind === 'type') return known(value as Plain, typeNamed(type.name));
  if (type.kind !== 'map') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, knownOf(member, type.of)]),
  );
}
