/** net/interval-set.test — goal: set algebra agrees with a set of integers; random small sets. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntervalSet } from './interval-set.ts';

const MAX = 40;
const intervals = fc.array(
  fc
    .tuple(fc.nat({ max: MAX }), fc.nat({ max: 8 }))
    .map(([first, length]) => ({ first, last: first + length })),
  { maxLength: 8 },
);

function naiveOf(list: readonly { first: number; last: number }[]): Set<number> {
  const members = new Set<number>();
  for (const { first, last } of list) for (let i = first; i <= last; i++) members.add(i);
  return members;
}

function membersOf(set: IntervalSet): number[] {
  return [...naiveOf(set.intervals())];
}

const sorted = (members: Iterable<number>): number[] => [...members].sort((a, b) => a - b);

test('union, intersection and difference agree with counting members', () => {
  fc.assert(
    fc.property(intervals, intervals, (left, right) => {
      const [a, b] = [IntervalSet.of(left), IntervalSet.of(right)];
      const [x, y] = [naiveOf(left), naiveOf(right)];
      expect(membersOf(a)).toEqual(sorted(x));
      expect(a.size).toBe(x.size);
      expect([a.lowest, a.highest]).toEqual([sorted(x)[0], sorted(x).at(-1)]);
      expect(membersOf(a.union(b))).toEqual(sorted(new Set([...x, ...y])));
      expect(membersOf(a.intersection(b))).toEqual(sorted([...x].filter((v) => y.has(v))));
      expect(membersOf(a.difference(b))).toEqual(sorted([...x].filter((v) => !y.has(v))));
      expect(a.overlaps(b)).toBe([...x].some((v) => y.has(v)));
      expect(a.includes(b)).toBe([...y].every((v) => x.has(v)));
      for (let v = 0; v <= MAX + 10; v++) expect(a.contains(v)).toBe(x.has(v));
    }),
    { numRuns: 1000 },
  );
});

test('equal sets have the same form, however they were made', () => {
  fc.assert(
    fc.property(intervals, intervals, (left, right) => {
      const [a, b] = [IntervalSet.of(left), IntervalSet.of(right)];
      const again = a.difference(b).union(a.intersection(b));
      expect(again.equals(a)).toBe(true);
      expect(again.intervals()).toEqual(a.intervals());
      expect(a.equals(b)).toBe(a.toString() === b.toString());
      const found = a.intervals();
      for (let i = 1; i < found.length; i++) {
        expect(found[i]!.first).toBeGreaterThan(found[i - 1]!.last + 1);
      }
    }),
  );
});

test('ports 80, 443 and the NodePort range read the way people write them', () => {
  const ports = IntervalSet.single(443)
    .union(IntervalSet.range(30000, 32767))
    .union(IntervalSet.single(80));
  expect(ports.toString()).toBe('80,443,30000-32767');
  expect(ports.size).toBe(2770);
  expect(IntervalSet.EMPTY.toString()).toBe('');
  expect(() => IntervalSet.range(443, 80)).toThrow(RangeError);
  expect(() => IntervalSet.range(-1, 80)).toThrow(RangeError);
});
