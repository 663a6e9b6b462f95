/**
 * api/kubernetes/apply/typed-value — values read by their shape: the fields one has, what differs
 * between two, two merged, one without some fields.
 *
 * Upstream: structured-merge-diff v6.3.0 typed/{tofieldset,compare,merge,remove,validate}.go.
 * Null and absent are one here but for where a config writes null on purpose.
 */
import { isEqual } from '../../../cluster/equal.ts';
import { elementText, type FieldPath, FieldSet } from './field-set.ts';
import { ANY, type ListShape, type MapShape, type Shape } from './shape.ts';

type Plain = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is taken as: `any` by what it is. */
function resolved(shape: Shape, value: unknown): Shape {
  if (shape.kind !== 'any') return shape;
  if (Array.isArray(value)) return ANY_LIST;
  return isMap(value) ? ANY_MAP : { kind: 'scalar' };
}

const ANY_MAP: MapShape = { kind: 'map', isAtomic: false, field: () => undefined, others: ANY };
const ANY_LIST: ListShape = {
  kind: 'list',
  relation: 'atomic',
  keys: [],
  keyDefaults: {},
  items: ANY,
};

const shapeAt = (shape: MapShape, name: string): Shape => shape.field(name) ?? shape.others ?? ANY;

/** Which item of its list this is; a text instead where it cannot be told. */
function elementOf(shape: ListShape, item: unknown): string | { readonly problem: string } {
  if (shape.relation === 'set') {
    if (isMap(item)) {
      return { problem: "associative list without keys has an element that's a map type" };
    }
    if (Array.isArray(item)) {
      return { problem: 'not supported: associative list with lists as elements' };
    }
    return item === null
      ? { problem: "associative list without keys has an element that's an explicit null" }
      : `v:${JSON.stringify(item)}`;
  }
  if (item === null) {
    return { problem: 'associative list with keys may not have a null element' };
  }
  if (!isMap(item)) {
    return { problem: 'associative list with keys may not have non-map elements' };
  }
  const key: Record<string, unknown> = {};
  for (const name of shape.keys.toSorted()) {
    const value = item[name] ?? shape.keyDefaults[name];
    if (value !== undefined) key[name] = value;
  }
  if (Object.keys(key).length > 0) return `k:${JSON.stringify(key)}`;
  const names = `[${shape.keys.map((it) => JSON.stringify(it)).join(' ')}]`;
  return {
    problem:
      `associative list with keys has an element that omits all key fields ${names} ` +
      "(and doesn't have default values for any key fields)",
  };
}

/** Items by their element, in their order; those that cannot be told are left out. */
function indexed(shape: ListShape, list: readonly unknown[]): Map<string, unknown[]> {
  const byElement = new Map<string, unknown[]>();
  for (const item of list) {
    const element = elementOf(shape, item);
    if (typeof element !== 'string') continue;
    const same = byElement.get(element);
    if (same === undefined) byElement.set(element, [item]);
    else same.push(item);
  }
  return byElement;
}

/** Complaints about items that cannot be told apart, with their place. */
export function typedErrors(value: unknown, shape: Shape, path = ''): string[] {
  const as = resolved(shape, value);
  if (as.kind === 'list' && Array.isArray(value)) {
    const errors: string[] = [];
    const seen = new Set<string>();
    value.forEach((item, i) => {
      if (as.relation === 'atomic') {
        errors.push(...typedErrors(item, as.items, `${path}[${i}]`));
        return;
      }
      const element = elementOf(as, item);
      if (typeof element !== 'string') {
        errors.push(`${path}: element ${i}: ${element.problem}`);
        return;
      }
      const text = elementText(element);
      if (seen.has(element)) errors.push(`${path}: duplicate entries for key ${text}`);
      seen.add(element);
      errors.push(...typedErrors(item, as.items, `${path}${text}`));
    });
    return errors;
  }
  if (as.kind !== 'map' || !isMap(value)) return [];
  return Object.entries(value).flatMap(([name, it]) => {
    const field = as.field(name) ?? as.others;
    if (field === undefined) return [`${path}.${name}: field not declared in schema`];
    return typedErrors(it, field, `${path}.${name}`);
  });
}

/** The fields a value has. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const set = new FieldSet();
  collect(value, shape, set, []);
  return set;
}

function collect(value: unknown, shape: Shape, set: FieldSet, path: FieldPath): void {
  const as = resolved(shape, value);
  if (as.kind === 'scalar') set.insert(path);
  else if (as.kind === 'list') {
    if (as.relation === 'atomic') set.insert(path);
    else if (Array.isArray(value)) {
      for (const [element, items] of indexed(as, value)) {
        const at = [...path, element];
        set.insert(at);
        if (items.length === 1) collect(items[0], as.items, set, at);
      }
    }
  } else if (as.kind === 'map') {
    if (as.isAtomic) set.insert(path);
    else if (isMap(value)) {
      for (const [name, it] of Object.entries(value)) {
        if (it === undefined) continue;
        const at = [...path, `f:${name}`];
        collect(it, shapeAt(as, name), set, at);
        const isNothing = it === null || (isMap(it) && Object.keys(it).length === 0);
        if (isNothing || as.field(name) === undefined) set.insert(at);
      }
    }
  }
}

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** What became of the fields of `before`. */
export function compared(before: unknown, after: unknown, shape: Shape): Comparison {
  const found = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compare(before, after, shape, found, []);
  return found;
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0);

function compare(
  before: unknown,
  after: unknown,
  shape: Shape,
  found: Comparison,
  path: FieldPath,
): void {
  if (before === after) return;
  const as = resolved(shape, after ?? before);
  const isWhole =
    as.kind === 'scalar' ||
    (as.kind === 'list' ? as.relation === 'atomic' : as.kind === 'map' && as.isAtomic) ||
    (isNothing(before) && isNothing(after)) ||
    (shape.kind === 'any' && before != null && after != null && !sameSort(before, after));
  if (isWhole) {
    if (before === undefined) found.added.insert(path);
    else if (after === undefined) found.removed.insert(path);
    else if (!isEqual(before, after)) found.modified.insert(path);
    return;
  }
  if (as.kind === 'list') compareItems(before, after, as, found, path);
  else if (as.kind === 'map') compareFields(before, after, as, found, path);
  if (before === undefined) found.added.insert(path);
  else if (after === undefined) found.removed.insert(path);
}

const sameSort = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) === Array.isArray(b) && isMap(a) === isMap(b);

function compareFields(
  before: unknown,
  after: unknown,
  shape: MapShape,
  found: Comparison,
  path: FieldPath,
): void {
  const left = isMap(before) ? before : {};
  const right = isMap(after) ? after : {};
  for (const name in right) {
    if (right[name] === left[name]) continue;
    compare(left[name], right[name], shapeAt(shape, name), found, [...path, `f:${name}`]);
  }
  for (const name in left) {
    if (right[name] !== undefined || left[name] === undefined) continue;
    compare(left[name], undefined, shapeAt(shape, name), found, [...path, `f:${name}`]);
  }
}

function compareItems(
  before: unknown,
  after: unknown,
  shape: ListShape,
  found: Comparison,
  path: FieldPath,
): void {
  const left = indexed(shape, Array.isArray(before) ? before : []);
  const right = indexed(shape, Array.isArray(after) ? after : []);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const at = [...path, element];
    const was = left.get(element) ?? [];
    const is = right.get(element) ?? [];
    if (was.length <= 1 && is.length <= 1) compare(was[0], is[0], shape.items, found, at);
    else if (was.length > 1 && is.length > 1) {
      if (!isEqual(was, is)) found.modified.insert(at);
    } else if (was.length > 1) {
      if (is.length > 0) compare(undefined, is[0], shape.items, found, at);
      found.removed.insert(at);
    } else {
      if (was.length > 0) compare(was[0], undefined, shape.items, found, at);
      found.added.insert(at);
    }
  }
}

/** What is written put over what is. */
export function merged(live: unknown, config: unknown, shape: Shape): unknown {
  if (config === undefined) return live;
  if (live === undefined || live === null) return config;
  const as = resolved(shape, config);
  if (as.kind === 'map' && !as.isAtomic && isMap(live) && isMap(config)) {
    if (isNothing(live) && isNothing(config)) return config;
    const all: Record<string, unknown> = { ...live };
    for (const [name, it] of Object.entries(config)) {
      all[name] = merged(live[name], it, shapeAt(as, name));
    }
    return all;
  }
  if (as.kind === 'list' && as.relation !== 'atomic' && Array.isArray(live)) {
    return Array.isArray(config) ? mergedItems(live, config, as) : live;
  }
  return config;
}

/** Items of both: the config's in its order, the live one's between their neighbours. */
function mergedItems(
  live: readonly unknown[],
  config: readonly unknown[],
  shape: ListShape,
): unknown[] {
  const left = live.map((item) => String(elementOf(shape, item)));
  const right = config.map((item) => String(elementOf(shape, item)));
  const inLeft = new Set(left);
  const inRight = new Set(right);
  const shared = right.filter((it) => inLeft.has(it));
  const taken = new Set<string>();
  const all: unknown[] = [];
  const take = (i: number): void => {
    const element = right[i]!;
    taken.add(element);
    all.push(merged(live[left.indexOf(element)], config[i], shape.items));
    if (shared[0] === element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const element = left[l];
    if (element !== undefined && r < right.length) {
      if (element === right[r]) {
        take(r++);
        l++;
        continue;
      }
      // A shared item whose turn has not come.
      if (inRight.has(element) && shared.length > 0 && shared[0] !== element) {
        l++;
        continue;
      }
    }
    if (element !== undefined) {
      if (!inRight.has(element)) {
        all.push(live[l++]);
        continue;
      }
      if (taken.has(element)) l++;
      else if (r >= right.length) l++;
    }
    if (r < right.length) take(r++);
  }
  return all;
}

/** The value without the fields of a set. */
export function withoutFields(value: unknown, set: FieldSet, shape: Shape): unknown {
  if (set.isEmpty) return value;
  const as = resolved(shape, value);
  if (as.kind === 'list' && Array.isArray(value)) {
    if (as.relation === 'atomic') return undefined;
    const left: unknown[] = [];
    for (const item of value) {
      const element = elementOf(as, item);
      if (typeof element !== 'string') left.push(item);
      else if (!set.members.has(element)) {
        const below = set.children.get(element);
        left.push(below === undefined ? item : withoutFields(item, below, as.items));
      }
    }
    return left.length === 0 ? undefined : left;
  }
  if (as.kind !== 'map' || !isMap(value)) return value;
  if (as.isAtomic) return undefined;
  const left: Record<string, unknown> = {};
  for (const [name, it] of Object.entries(value)) {
    const element = `f:${name}`;
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    const kept = below === undefined ? it : withoutFields(it, below, shapeAt(as, name));
    if (kept !== undefined) left[name] = kept;
  }
  return Object.keys(left).length === 0 ? undefined : left;
}

/** Declared fields on the way to a member count as members (EnsureNamedFieldsAreMembers). */
export function withNamedFields(set: FieldSet, shape: Shape, value: unknown): FieldSet {
  const as = resolved(shape, value);
  const all = new FieldSet();
  for (const member of set.members) all.members.add(member);
  for (const [element, child] of set.children) {
    let below: Shape = ANY;
    if (as.kind === 'map' && element.startsWith('f:')) {
      const name = element.slice(2);
      if (as.field(name) !== undefined) all.members.add(element);
      below = shapeAt(as, name);
    } else if (as.kind === 'list') below = as.items;
    all.children.set(element, withNamedFields(child, below, undefined));
  }
  return all;
}
