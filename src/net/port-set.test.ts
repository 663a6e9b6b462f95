/** net/port-set.test — goal: algebra agrees with a set of (protocol, port) pairs; random rules. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntervalSet } from './interval-set.ts';
import { ALL_PORTS, icmpPoint, icmpPoints, PortSet } from './port-set.ts';

/** Rules over few protocols and ports; 255 is the one the canonical form treats specially. */
const protocol = fc.constantFrom(-1, 1, 6, 17, 255);
const rule = fc
  .tuple(protocol, fc.nat({ max: 5 }), fc.constantFrom(0, 1, 65535))
  .map(([proto, first, length]) => ({ proto, first, last: Math.min(first + length, 65535) }));
const rules = fc.array(rule, { maxLength: 5 });
type Rule = { proto: number; first: number; last: number };

const build = (list: readonly Rule[]): PortSet =>
  list.reduce((set, r) => set.union(PortSet.range(r.proto, r.first, r.last)), PortSet.EMPTY);
const holds = (list: readonly Rule[], p: number, port: number): boolean =>
  list.some((r) => (r.proto === -1 || r.proto === p) && port >= r.first && port <= r.last);
const POINTS = [0, 1, 6, 17, 47, 255].flatMap((p) =>
  [0, 1, 2, 3, 4, 5, 6, 7, 65535].map((port) => [p, port] as const),
);

test('union, intersection and difference of rules agree with asking every rule', () => {
  fc.assert(
    fc.property(rules, rules, (left, right) => {
      const [a, b] = [build(left), build(right)];
      for (const [p, port] of POINTS) {
        const [x, y] = [holds(left, p, port), holds(right, p, port)];
        expect(a.contains(p, port)).toBe(x);
        expect(a.union(b).contains(p, port)).toBe(x || y);
        expect(a.intersection(b).contains(p, port)).toBe(x && y);
        expect(a.difference(b).contains(p, port)).toBe(x && !y);
      }
    }),
  );
});

test('equal port sets compare equal however they were made', () => {
  fc.assert(
    fc.property(rules, rules, (left, right) => {
      const [a, b] = [build(left), build(right)];
      expect(a.difference(b).union(a.intersection(b)).equals(a)).toBe(true);
      expect(a.union(b).equals(b.union(a))).toBe(true);
      expect(PortSet.ALL.difference(PortSet.ALL.difference(a)).equals(a)).toBe(true);
      expect(a.includes(b)).toBe(a.union(b).equals(a));
      expect(a.overlaps(b)).toBe(!a.intersection(b).isEmpty);
      expect(a.equals(b)).toBe(a.toString() === b.toString());
    }),
  );
});

test('every protocol named one by one is the same as all', () => {
  let set = PortSet.EMPTY;
  for (let p = 0; p <= 255; p++) set = set.union(PortSet.of(p));
  expect(set.isAll).toBe(true);
  expect(set.equals(PortSet.of(-1))).toBe(true);
});

test('a port set reads like a security group', () => {
  const web = PortSet.of(
    6,
    IntervalSet.of([
      { first: 443, last: 443 },
      { first: 80, last: 80 },
    ]),
  );
  expect(web.union(PortSet.range(17, 53, 53)).toString()).toBe('tcp 80,443; udp 53');
  expect(web.union(PortSet.of(1, icmpPoints(8, -1))).toString()).toBe('icmp 8; tcp 80,443');
  expect(PortSet.of(1, icmpPoints(3, 4)).toString()).toBe('icmp 3/4');
  expect(PortSet.of(6).toString()).toBe('tcp');
  expect(PortSet.ALL.difference(PortSet.of(6)).toString()).toBe('tcp none; other');
  expect([PortSet.ALL.toString(), PortSet.EMPTY.toString()]).toEqual(['all', 'none']);
  expect(web.protocols().toString()).toBe('6');
  expect(icmpPoints(-1, -1)).toBe(ALL_PORTS);
  expect(icmpPoint(3, 4)).toBe(772);
});
