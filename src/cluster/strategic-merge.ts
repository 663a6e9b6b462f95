/**
 * cluster/strategic-merge — strategic merge patch: lists merge by key, and directives say what to
 * delete, replace, keep and how to order.
 *
 * Upstream: kubernetes/apimachinery 0.30 pkg/util/strategicpatch/patch.go mergeMap:1322,
 * mergePatchIntoOriginal:1171, mergeSlice:1488, normalizeElementOrder:404. Values are shared with
 * the
 * original where the patch does not touch them; neither is written to.
 */
import { type FieldSchema, typeNamed, typeOfKind } from './schema/type-schema.ts';

type Plain = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const ORDER_MARK = '$setElementOrder';
const ORDER = `${ORDER_MARK}/`;
const DELETE = '$deleteFromPrimitiveList/';

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a patch that makes no sense leaves; the code is the API server's. */
export interface BadPatch {
  readonly badPatch: string;
  /**
   * 400 where upstream expects the mistake (patch.go interpretStrategicMergePatchError), else 500.
   */
  readonly code: 400 | 500;
}

/** Thrown inside this file only: a patch is refused as a whole. */
class Refusal extends Error {
  readonly code: 400 | 500;

  constructor(text: string, code: 400 | 500) {
    super(text);
    this.code = code;
  }
}

const refuse = (text: string, code: 400 | 500 = 400): never => {
  throw new Refusal(text, code);
};

/** Go's `%v` of a JSON value. */
const goValue = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (!isPlain(value)) return value === null ? '<nil>' : String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goValue(value[key])}`).join(' ')}]`;
};

/** Go's `%T` of a JSON value that is no list. */
const goType = (value: unknown): string => {
  if (isPlain(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? '<nil>' : 'string';
};

const refuseWithoutKey = (item: unknown, key: string): never =>
  refuse(`map: ${goValue(item)} does not contain declared merge key: ${key}`, 500);

const refuseDirective = (directive: unknown, item: unknown): never =>
  refuse(`unknown patch type: ${String(directive)} in map: ${goValue(item)}`, 500);

/** How a field takes a patch. */
export interface PatchSchema {
  /** The type of its value, or of the items of its list. */
  readonly type?: string | undefined;
  /** The merge key of a list of objects. */
  readonly key?: string | undefined;
  /** A list of scalars that merges. */
  readonly merge?: true;
  /** A patch of the object says which keys stay. */
  readonly retain?: true;
}

/** What every object is of whose kind no type is known: it has metadata. */
const OBJECT = 'Object';
const METADATA: PatchSchema = { type: 'meta.ObjectMeta' };
const NOTHING: PatchSchema = {};

/** The type of an object, as {@link fieldSchema} reads it. */
export const patchTypeOf = ({ apiVersion, kind }: Plain): string =>
  typeOfKind(String(apiVersion), String(kind))?.name ?? OBJECT;

const known = new Map<FieldSchema, PatchSchema>();

/** The schema of one field of a type. */
export function fieldSchema(type: string | undefined, field: string): PatchSchema {
  if (type === undefined) return NOTHING;
  if (type === OBJECT) return field === 'metadata' ? METADATA : NOTHING;
  const declared = typeNamed(type).fields.get(field);
  if (declared === undefined) return NOTHING;
  const found = known.get(declared) ?? patchSchemaOf(declared);
  known.set(declared, found);
  return found;
}

function patchSchemaOf({ type, patchMergeKey, patchStrategy }: FieldSchema): PatchSchema {
  const of = type.kind === 'list' || type.kind === 'map' ? type.of : type;
  const strategies = patchStrategy?.split(',') ?? [];
  return {
    // A map's values are merged as what they are, under whatever key.
    ...(of.kind === 'type' && type.kind !== 'map' ? { type: of.name } : {}),
    ...(patchMergeKey === undefined ? {} : { key: patchMergeKey }),
    ...(strategies.includes('merge') && patchMergeKey === undefined ? { merge: true } : {}),
    ...(strategies.includes('retainKeys') ? { retain: true } : {}),
  };
}

/** Applies a strategic merge patch to an object. */
export function strategicMerge(original: Plain, patch: Plain): Plain | BadPatch {
  try {
    return mergeMap(original, patch, patchTypeOf(original));
  } catch (cause) {
    if (cause instanceof Refusal) return { badPatch: cause.message, code: cause.code };
    throw cause;
  }
}

function mergeMap(original: Plain, patch: Plain, type: string | undefined): Plain {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return withoutKey(patch, DIRECTIVE);
  if (directive === 'delete') return {};
  if (directive !== undefined) refuseDirective(directive, patch);
  const merged: Draft = { ...original };
  retainKeys(merged, patch);
  const ordered = mergeOrdered(merged, patch, type);
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN || key.startsWith(ORDER_MARK) || ordered.has(key)) continue;
    if (key.startsWith(DELETE)) {
      const list = merged[key.slice(DELETE.length)];
      const doomed = new Set(value as readonly unknown[]);
      if (Array.isArray(list)) {
        merged[key.slice(DELETE.length)] = list.filter((item) => !doomed.has(item));
      }
      continue;
    }
    if (value === null) {
      delete merged[key];
      continue;
    }
    const before = merged[key];
    const schema = fieldSchema(type, key);
    if (isPlain(before) && isPlain(value)) merged[key] = mergeMap(before, value, schema.type);
    else if (Array.isArray(before) && Array.isArray(value)) {
      merged[key] = mergeList(before, value, schema);
    } else setNew(merged, key, value);
  }
  return merged;
}

const withoutKey = (value: Plain, key: string): Plain => {
  const { [key]: _, ...rest } = value;
  return rest;
};

function setNew(merged: Draft, key: string, value: unknown): void {
  const clean = withoutDirectives(value);
  if (clean === undefined) delete merged[key];
  else merged[key] = clean;
}

/**
 * A new value without nulls and directives. What a `$patch` stands in is not kept at all: there is
 * nothing for it to act on (patch.go:1282 removeDirectives).
 */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined);
  }
  if (!isPlain(value)) return value;
  if (value[DIRECTIVE] !== undefined) return undefined;
  const clean: Draft = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || key === RETAIN) continue;
    if (key.startsWith(ORDER) || key.startsWith(DELETE)) continue;
    const inner = withoutDirectives(item);
    if (inner !== undefined) clean[key] = inner;
  }
  return clean;
}

function retainKeys(merged: Draft, patch: Plain): void {
  const listed = patch[RETAIN];
  if (listed === undefined) return;
  if (!Array.isArray(listed)) refuse('invalid patch format of retainKeys');
  const kept = new Set(listed as readonly string[]);
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN || value === null || key.startsWith(DELETE) || key.startsWith(ORDER))
      continue;
    if (!kept.has(key)) refuse('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(merged)) if (!kept.has(key)) delete merged[key];
}

/** Merges the lists that come with an order; gives the fields it dealt with. */
function mergeOrdered(merged: Draft, patch: Plain, type: string | undefined): ReadonlySet<string> {
  const dealtWith = new Set<string>();
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ORDER_MARK)) continue;
    if (!Array.isArray(order)) {
      refuse(`expected a []interface {}, but received a ${goType(order)}`, 500);
    }
    if (!key.startsWith(ORDER)) refuse('invalid patch format of setElementOrder list');
    const field = key.slice(ORDER.length);
    const schema = fieldSchema(type, field);
    const before = merged[field];
    const change = patch[field];
    dealtWith.add(field);
    if (change === null) {
      delete merged[field];
      continue;
    }
    if (before === undefined && change === undefined) continue;
    checkOrder((change ?? []) as readonly unknown[], order as readonly unknown[], schema.key);
    const both =
      before === undefined
        ? (withoutDirectives(change) as readonly unknown[])
        : change === undefined
          ? (before as readonly unknown[])
          : mergeList(before as readonly unknown[], change as readonly unknown[], schema);
    const live = (before ?? []) as readonly unknown[];
    merged[field] = inOrder(both, order as readonly unknown[], live, schema.key);
  }
  return dealtWith;
}

/**
 * Items of the patch must be named in the order, and in it (patch.go
 * validatePatchWithSetOrderList).
 */
function checkOrder(
  patch: readonly unknown[],
  order: readonly unknown[],
  key: string | undefined,
): void {
  let at = 0;
  for (const item of patch) {
    if (isPlain(item) && item[DIRECTIVE] !== undefined) continue;
    const identity = identityOf(item, key);
    while (at < order.length && identityOf(order[at], key) !== identity) at++;
    if (at === order.length) {
      const said = `${goValue(patch)}\n doesn't match ${ORDER_MARK} list:\n${goValue(order)}\n`;
      refuse(`The order in patch list:\n${said}`, 500);
    }
    at++;
  }
}

const identityOf = (item: unknown, key: string | undefined): unknown =>
  key === undefined || !isPlain(item) ? item : item[key];

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  { key, merge, type }: PatchSchema,
): readonly unknown[] {
  if (key === undefined && merge !== true) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  if (key === undefined) {
    return inOrder([...new Set([...original, ...patch])], patch, original, undefined);
  }
  const special = withSpecialItems(original, patch, key);
  const merged = [...special.original];
  for (const item of special.patch) {
    if (!isPlain(item) || item[key] === undefined) refuseWithoutKey(item, key);
    const change = item as Plain;
    const at = merged.findIndex((it) => identityOf(it, key) === change[key]);
    if (at < 0) merged.push(withoutDirectives(change));
    else merged[at] = mergeMap(merged[at] as Plain, change, type);
  }
  return inOrder(merged, special.patch, special.original, key);
}

function withSpecialItems(
  original: readonly unknown[],
  patch: readonly unknown[],
  key: string,
): { readonly original: readonly unknown[]; readonly patch: readonly unknown[] } {
  const rest: unknown[] = [];
  let left = original;
  let replaces = false;
  for (const item of patch) {
    const directive = isPlain(item) ? item[DIRECTIVE] : undefined;
    if (directive === undefined) rest.push(item);
    else if (directive === 'replace') replaces = true;
    else if (directive === 'delete') {
      const doomed = (item as Plain)[key];
      if (doomed === undefined) refuseWithoutKey(item, key);
      left = left.filter((it) => identityOf(it, key) !== doomed);
    } else if (directive === 'merge') {
      refuse('merging lists cannot yet be specified in the patch', 500);
    } else refuseDirective(directive, item);
  }
  return replaces ? { original: rest, patch: [] } : { original: left, patch: rest };
}

/**
 * Items named in `order` in that order, the others where the live list had them relative to those.
 * Items the live list does not have come first (patch.go mergeSortedSlice).
 */
export function inOrder(
  items: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  key: string | undefined,
): readonly unknown[] {
  const positions = (list: readonly unknown[]): Map<unknown, number> => {
    const at = new Map<unknown, number>();
    list.forEach((item, i) => {
      const identity = identityOf(item, key);
      if (!at.has(identity)) at.set(identity, i);
    });
    return at;
  };
  const inPatch = positions(order);
  const inLive = positions(live);
  const by = (at: Map<unknown, number>) => (a: unknown, b: unknown) =>
    (at.get(identityOf(a, key)) ?? 0) - (at.get(identityOf(b, key)) ?? 0);
  const named = items.filter((it) => inPatch.has(identityOf(it, key))).sort(by(inPatch));
  const others = items.filter((it) => !inPatch.has(identityOf(it, key))).sort(by(inLive));
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < others.length || j < named.length) {
    const left = inLive.get(identityOf(others[i], key));
    const right = inLive.get(identityOf(named[j], key));
    const takesOther =
      j >= named.length ||
      (i < others.length && left !== undefined && right !== undefined && left < right);
    result.push(takesOther ? others[i++] : named[j++]);
  }
  return result;
}
