/**
 * api/kubernetes/apply/field-set — a set of fields of an object, as managedFields writes it: path
 * elements `f:name`, `k:{"key":"value"}`, `v:value`, `i:index`, and `.` for the field itself.
 *
 * Upstream: kubernetes-sigs/structured-merge-diff v6.3.0 fieldpath/{set,serialize,element}.go.
 */
import type { FieldsV1 } from '../../../model/kubernetes/meta.ts';

/** Path elements as they are serialized. */
export type FieldPath = readonly string[];

const ITSELF = '.';

export class FieldSet {
  /** Elements that are in the set themselves. */
  readonly members: Set<string> = new Set();
  /** What is in the set below an element. */
  readonly children: Map<string, FieldSet> = new Map();

  get isEmpty(): boolean {
    if (this.members.size > 0) return false;
    for (const child of this.children.values()) if (!child.isEmpty) return false;
    return true;
  }

  insert(path: FieldPath): void {
    let set: FieldSet = this;
    for (let i = 0; i < path.length - 1; i++) set = set.childAt(path[i]!);
    if (path.length > 0) set.members.add(path[path.length - 1]!);
  }

  /** The set below an element, made when it is not there. */
  childAt(element: string): FieldSet {
    let child = this.children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(element, child);
    }
    return child;
  }

  has(path: FieldPath): boolean {
    let set: FieldSet | undefined = this;
    for (let i = 0; i < path.length - 1; i++) set = set?.children.get(path[i]!);
    return path.length > 0 && set?.members.has(path[path.length - 1]!) === true;
  }

  union(other: FieldSet): FieldSet {
    const all = new FieldSet();
    for (const set of [this, other]) {
      for (const member of set.members) all.members.add(member);
      for (const [element, child] of set.children) {
        const known = all.children.get(element);
        all.children.set(element, known === undefined ? child : known.union(child));
      }
    }
    return all;
  }

  difference(other: FieldSet): FieldSet {
    const rest = new FieldSet();
    for (const member of this.members) if (!other.members.has(member)) rest.members.add(member);
    for (const [element, child] of this.children) {
      const less = other.children.get(element);
      const left = less === undefined ? child : child.difference(less);
      if (!left.isEmpty) rest.children.set(element, left);
    }
    return rest;
  }

  intersection(other: FieldSet): FieldSet {
    const both = new FieldSet();
    for (const member of this.members) if (other.members.has(member)) both.members.add(member);
    for (const [element, child] of this.children) {
      const more = other.children.get(element);
      const common = more === undefined ? undefined : child.intersection(more);
      if (common !== undefined && !common.isEmpty) both.children.set(element, common);
    }
    return both;
  }

  /** Without an element of the first level and all below it. */
  without(element: string): FieldSet {
    const rest = new FieldSet();
    for (const member of this.members) if (member !== element) rest.members.add(member);
    for (const [at, child] of this.children) if (at !== element) rest.children.set(at, child);
    return rest;
  }

  /** Only an element of the first level and all below it. */
  only(element: string): FieldSet {
    const kept = new FieldSet();
    if (this.members.has(element)) kept.members.add(element);
    const child = this.children.get(element);
    if (child !== undefined) kept.children.set(element, child);
    return kept;
  }

  /** Every path of the set, in the order of the path elements. */
  *paths(above: FieldPath = []): Iterable<FieldPath> {
    const elements = new Set([...this.members, ...this.children.keys()]);
    for (const element of [...elements].sort(compareElements)) {
      const path = [...above, element];
      if (this.members.has(element)) yield path;
      const child = this.children.get(element);
      if (child !== undefined) yield* child.paths(path);
    }
  }

  toFieldsV1(): FieldsV1 {
    const fields: Record<string, FieldsV1> = {};
    const elements = new Set([...this.members, ...this.children.keys()]);
    for (const element of [...elements].sort(compareElements)) {
      const child = this.children.get(element);
      const below = child === undefined || child.isEmpty ? undefined : child.toFieldsV1();
      if (below === undefined) {
        if (this.members.has(element)) fields[element] = {};
      } else fields[element] = this.members.has(element) ? { [ITSELF]: {}, ...below } : below;
    }
    return fields;
  }
}

/** Reads fieldsV1; what is no object says nothing. */
export function fieldSetOf(fields: FieldsV1 | undefined): FieldSet {
  const set = new FieldSet();
  if (typeof fields !== 'object' || fields === null) return set;
  for (const [element, below] of Object.entries(fields)) {
    if (element === ITSELF) continue;
    const names = typeof below === 'object' && below !== null ? Object.keys(below) : [];
    if (names.length === 0 || names.includes(ITSELF)) set.members.add(element);
    const child = fieldSetOf(below);
    if (!child.isEmpty) set.children.set(element, child);
  }
  return set;
}

const ORDER = 'fkvi';

/** Fields by name, then keys, values and indexes. */
function compareElements(a: string, b: string): number {
  const kinds = ORDER.indexOf(a[0]!) - ORDER.indexOf(b[0]!);
  if (kinds !== 0) return kinds;
  if (a[0] === 'i') return Number(a.slice(2)) - Number(b.slice(2));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A path as messages name it: `.spec.containers[name="web"].image`. */
export const pathText = (path: FieldPath): string => path.map(elementText).join('');

export function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
