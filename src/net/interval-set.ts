/**
 * net/interval-set — immutable sets of integers kept as sorted, separate intervals.
 *
 * Used for ports (0..65535), protocols (0..255) and IPv4 addresses. The set is held as a strictly
 * ascending list of boundaries [in, out, in, out, …): membership flips at each. Every set operation
 * is then one merge of two boundary lists, and equal sets have equal lists.
 */
import { invariant } from './invariant.ts';

/** Every integer from `first` to `last`, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** A set of integers 0..2^53-2. */
export class IntervalSet {
  // Made when first asked for: TypeScript 7.0.2 emits `new` of the class itself in a static
  // initializer as `new _a` before `_a` is set.
  static #empty: IntervalSet | undefined;

  /** Half-open boundaries: even positions open an interval, odd ones end it. */
  readonly #edges: readonly number[];

  private constructor(edges: readonly number[]) {
    this.#edges = edges;
  }

  /** The set with no member. */
  static get EMPTY(): IntervalSet {
    IntervalSet.#empty ??= new IntervalSet([]);
    return IntervalSet.#empty;
  }

  /**
   * The integers first..last, both included.
   *
   * @throws RangeError when `first` is above `last`, negative or not an integer
   */
  static range(first: number, last: number): IntervalSet {
    const sound = Number.isSafeInteger(first) && Number.isSafeInteger(last + 1);
    invariant(sound && first >= 0 && first <= last, `no interval ${first}..${last}`);
    return new IntervalSet([first, last + 1]);
  }

  /** The set of one integer. */
  static single(value: number): IntervalSet {
    return IntervalSet.range(value, value);
  }

  /** The union of intervals in any order; they may overlap or touch. */
  static of(intervals: Iterable<Interval>): IntervalSet {
    const sorted = [...intervals].sort((a, b) => a.first - b.first);
    const edges: number[] = [];
    for (const { first, last } of sorted) {
      invariant(first >= 0 && first <= last, `no interval ${first}..${last}`);
      const end = edges.at(-1);
      if (end === undefined || first > end) edges.push(first, last + 1);
      else if (last + 1 > end) edges[edges.length - 1] = last + 1;
    }
    return edges.length === 0 ? IntervalSet.EMPTY : new IntervalSet(edges);
  }

  /** True when the set has no member. */
  get isEmpty(): boolean {
    return this.#edges.length === 0;
  }

  /** How many integers the set has. */
  get size(): number {
    let size = 0;
    for (let i = 0; i < this.#edges.length; i += 2) size += this.#edges[i + 1]! - this.#edges[i]!;
    return size;
  }

  /** The lowest member; undefined when empty. */
  get lowest(): number | undefined {
    return this.#edges[0];
  }

  /** The highest member; undefined when empty. */
  get highest(): number | undefined {
    const end = this.#edges.at(-1);
    return end === undefined ? undefined : end - 1;
  }

  /** The separate intervals, ascending; no two touch. */
  intervals(): Interval[] {
    const list: Interval[] = [];
    for (let i = 0; i < this.#edges.length; i += 2) {
      list.push({ first: this.#edges[i]!, last: this.#edges[i + 1]! - 1 });
    }
    return list;
  }

  /** True when `value` is a member. */
  contains(value: number): boolean {
    let low = 0;
    let high = this.#edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#edges[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1; // an odd number of flips at or below the value: inside
  }

  /** Members of either set. */
  union(other: IntervalSet): IntervalSet {
    if (this.isEmpty || other === this) return other;
    if (other.isEmpty) return this;
    return this.#merge(other, (here, there) => here || there);
  }

  /** Members of both sets. */
  intersection(other: IntervalSet): IntervalSet {
    if (this.isEmpty || other === this) return this;
    if (other.isEmpty) return other;
    return this.#merge(other, (here, there) => here && there);
  }

  /** Members of this set that are not in the other. */
  difference(other: IntervalSet): IntervalSet {
    if (this.isEmpty || other.isEmpty) return this;
    return this.#merge(other, (here, there) => here && !there);
  }

  /** True when the sets share a member. */
  overlaps(other: IntervalSet): boolean {
    const a = this.#edges;
    const b = other.#edges;
    for (let i = 0, j = 0; i < a.length && j < b.length; ) {
      if (a[i + 1]! <= b[j]!) i += 2;
      else if (b[j + 1]! <= a[i]!) j += 2;
      else return true;
    }
    return false;
  }

  /** True when every member of the other set is in this one. */
  includes(other: IntervalSet): boolean {
    return other.difference(this).isEmpty;
  }

  /** True when both sets have the same members. */
  equals(other: IntervalSet): boolean {
    const a = this.#edges;
    const b = other.#edges;
    return a === b || (a.length === b.length && a.every((edge, i) => edge === b[i]));
  }

  /** Writes `80,443,8000-8999`; the empty set is the empty text. */
  toString(): string {
    return this.intervals()
      .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
      .join(',');
  }

  /** Walks both boundary lists upwards and keeps the places where `keep` changes its answer. */
  #merge(other: IntervalSet, keep: (here: boolean, there: boolean) => boolean): IntervalSet {
    const a = this.#edges;
    const b = other.#edges;
    const edges: number[] = [];
    let i = 0;
    let j = 0;
    let inside = false;
    while (i < a.length || j < b.length) {
      const x = i < a.length ? a[i]! : Number.POSITIVE_INFINITY;
      const y = j < b.length ? b[j]! : Number.POSITIVE_INFINITY;
      const edge = Math.min(x, y);
      if (x === edge) i++;
      if (y === edge) j++;
      const next = keep(i % 2 === 1, j % 2 === 1);
      if (next !== inside) edges.push(edge);
      inside = next;
    }
    return edges.length === 0 ? IntervalSet.EMPTY : new IntervalSet(edges);
  }
}
