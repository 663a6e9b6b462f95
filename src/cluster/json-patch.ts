/**
 * cluster/json-patch — RFC 6902 and RFC 7386 over frozen values: what is not touched is shared.
 *
 * Upstream applies them with evanphx/json-patch; a path that is not there is a refused patch.
 */

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386: null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch;
  const merged: Record<string, unknown> = isPlain(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string | undefined;
  readonly value?: unknown;
}

/** What a failed operation leaves: nothing but the fact. */
export const REFUSED = Symbol('refused');

/** @param pointer  what a client wrote for one */
const parsePointer = (pointer: unknown): readonly string[] | undefined => {
  if (pointer === '') return [];
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
};

/** RFC 6902: all operations, or `REFUSED` when one of them cannot be carried out. */
export function jsonPatch(
  document: unknown,
  operations: readonly JsonPatchOperation[],
): unknown | typeof REFUSED {
  let it = document;
  for (const operation of operations) {
    it = applyOne(it, operation);
    if (it === REFUSED) return REFUSED;
  }
  return it;
}

function applyOne(document: unknown, { op, path, from, value }: JsonPatchOperation): unknown {
  const at = parsePointer(path);
  if (at === undefined) return REFUSED;
  const source = from === undefined ? undefined : parsePointer(from);
  switch (op) {
    case 'add':
      return edit(document, at, () => value, 'add');
    case 'replace':
      return edit(document, at, () => value, 'replace');
    case 'remove':
      return edit(document, at, () => undefined, 'remove');
    case 'test':
      return passes(read(document, at), value) ? document : REFUSED;
    case 'copy':
    case 'move': {
      const found = source === undefined ? REFUSED : read(document, source);
      if (found === REFUSED) return REFUSED;
      const without = op === 'copy' ? document : edit(document, source!, () => undefined, 'remove');
      return without === REFUSED ? REFUSED : edit(without, at, () => found, 'add');
    }
    default:
      return REFUSED;
  }
}

/** evanphx/json-patch takes a member that is not there for null. */
const passes = (found: unknown, wanted: unknown): boolean =>
  sameJson(found, wanted) || (found === REFUSED && wanted === null);

const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === REFUSED) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  if (isPlain(a) && isPlain(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => sameJson(a[key], b[key]));
  }
  return a === b;
};

function read(document: unknown, path: readonly string[]): unknown | typeof REFUSED {
  let it = document;
  for (const part of path) {
    if (Array.isArray(it)) {
      const index = indexIn(it, part, it.length - 1);
      if (index === undefined) return REFUSED;
      it = it[index];
    } else if (isPlain(it) && Object.hasOwn(it, part)) it = it[part];
    else return REFUSED;
  }
  return it;
}

const indexIn = (list: readonly unknown[], part: string, max: number): number | undefined => {
  if (!/^-?(0|[1-9]\d*)$/.test(part)) return undefined;
  // evanphx/json-patch counts negative indexes from the end.
  const index = Number(part) < 0 ? Number(part) + list.length : Number(part);
  return index < 0 || index > max ? undefined : index;
};

function edit(
  document: unknown,
  path: readonly string[],
  change: () => unknown,
  how: 'add' | 'replace' | 'remove',
): unknown | typeof REFUSED {
  if (path.length === 0) return how === 'remove' ? REFUSED : change();
  const [part, ...rest] = path as [string, ...string[]];
  if (Array.isArray(document)) return editList(document, part, rest, change, how);
  if (!isPlain(document)) return REFUSED;
  const exists = Object.hasOwn(document, part) && document[part] !== undefined;
  if (rest.length > 0) {
    if (!exists) return REFUSED;
    const inner = edit(document[part], rest, change, how);
    return inner === REFUSED ? REFUSED : { ...document, [part]: inner };
  }
  if (how !== 'add' && !exists) return REFUSED;
  if (how !== 'remove') return { ...document, [part]: change() };
  const { [part]: _, ...others } = document;
  return others;
}

function editList(
  list: readonly unknown[],
  part: string,
  rest: readonly string[],
  change: () => unknown,
  how: 'add' | 'replace' | 'remove',
): unknown | typeof REFUSED {
  const adds = how === 'add' && rest.length === 0;
  if (adds && part === '-') return [...list, change()];
  const index = indexIn(list, part, adds ? list.length : list.length - 1);
  if (index === undefined) return REFUSED;
  const copy = [...list];
  if (rest.length > 0) {
    const inner = edit(list[index], rest, change, how);
    if (inner === REFUSED) return REFUSED;
    copy[index] = inner;
  } else if (adds) copy.splice(index, 0, change());
  else if (how === 'remove') copy.splice(index, 1);
  else copy[index] = change();
  return copy;
}
