/**
 * net/sparse-address-map.test — goal: IPv6 allocation never gives anything twice and never misses.
 * Method: random commands on a /78 (four /80s) and a /64 against naive sets.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Cidr6, cidr6, contains, formatCidr, parseCidr6, sizeOf } from './cidr.ts';
import { parseIp } from './ip.ts';
import { SparseAddressMap } from './sparse-address-map.ts';

const SUBNET = parseCidr6('2600:1f14:0:ab00::/78')!;
const SIZE_80 = 1n << 48n;
const FIRST = SUBNET.first;

interface Naive {
  readonly singles: Set<bigint>;
  readonly prefixes: Set<bigint>;
}
const prefixOf = (ip: bigint): bigint => ip - (ip % SIZE_80);
const freeAddress = (naive: Naive, ip: bigint): boolean =>
  !naive.singles.has(ip) && !naive.prefixes.has(prefixOf(ip));
const freePrefix = (naive: Naive, prefix: bigint): boolean =>
  !naive.prefixes.has(prefix) && ![...naive.singles].some((ip) => prefixOf(ip) === prefix);

const command = fc.record({
  verb: fc.constantFrom('take', 'release', 'takePrefix', 'releasePrefix'),
  place: fc.bigInt({ min: 0n, max: 3n }),
  host: fc.constantFrom(0n, 1n, 2n, SIZE_80 - 1n),
});

function run(
  { verb, place, host }: { verb: string; place: bigint; host: bigint },
  map: SparseAddressMap,
  naive: Naive,
): void {
  const prefix = FIRST + place * SIZE_80;
  const ip = prefix + host;
  expect(map.isFree(ip)).toBe(freeAddress(naive, ip));
  expect(map.isFreePrefix(prefix)).toBe(freePrefix(naive, prefix));
  if (verb === 'take') {
    expect(map.take(ip)).toBe(freeAddress(naive, ip));
    if (freeAddress(naive, ip)) naive.singles.add(ip);
  } else if (verb === 'release') {
    expect(map.release(ip)).toBe(naive.singles.delete(ip));
  } else if (verb === 'takePrefix') {
    expect(map.takePrefix(prefix)).toBe(freePrefix(naive, prefix));
    if (freePrefix(naive, prefix)) naive.prefixes.add(prefix);
  } else {
    expect(map.releasePrefix(prefix)).toBe(naive.prefixes.delete(prefix));
  }
}

function expectSame(map: SparseAddressMap, naive: Naive, random: bigint, withheld?: Cidr6): void {
  const prefixes = [0n, 1n, 2n, 3n].map((place) => FIRST + place * SIZE_80);
  const free = prefixes.filter((prefix) => freePrefix(naive, prefix));
  expect(map.freePrefixCount()).toBe(free.length);
  const taken = BigInt(naive.singles.size) + BigInt(naive.prefixes.size) * SIZE_80;
  expect(map.freeCount()).toBe(sizeOf(SUBNET) - taken);
  const open = withheld === undefined ? free : free.filter((prefix) => !contains(withheld, prefix));
  const start = FIRST + (random % 4n) * SIZE_80;
  expect(map.pickPrefix(random)).toBe(open.find((prefix) => prefix >= start) ?? open[0]);
  const picked = map.pick(random);
  if (picked === undefined) {
    const closed = (p: bigint): boolean => withheld !== undefined && contains(withheld, p);
    expect(prefixes.every((p) => naive.prefixes.has(p) || closed(p))).toBe(true);
  } else {
    expect(freeAddress(naive, picked) && contains(SUBNET, picked)).toBe(true);
    expect(withheld !== undefined && contains(withheld, picked)).toBe(false);
  }
}

const commands = fc.array(command, { maxLength: 30 });
const randomBits = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

test('singles and /80s never overlap, and picking finds whatever is left', () => {
  const range = fc.option(fc.constantFrom(79, 80).map((bits) => cidr6(FIRST, bits)));
  fc.assert(
    fc.property(commands, randomBits, range, (list, random, withheld) => {
      const map = new SparseAddressMap(SUBNET);
      const naive: Naive = { singles: new Set(), prefixes: new Set() };
      if (withheld !== null) map.withhold(withheld);
      for (const one of list) run(one, map, naive);
      expectSame(map, naive, random, withheld ?? undefined);
      if (withheld !== null) map.unwithhold(withheld);
      expectSame(map, naive, random);
    }),
    { numRuns: 500 },
  );
});

test('a fork of an IPv6 subnet and its origin never see each other’s allocations', () => {
  fc.assert(
    fc.property(commands, commands, commands, randomBits, (before, here, there, random) => {
      const map = new SparseAddressMap(SUBNET);
      const naive: Naive = { singles: new Set(), prefixes: new Set() };
      for (const one of before) run(one, map, naive);
      const fork = map.clone();
      const naiveFork: Naive = {
        singles: new Set(naive.singles),
        prefixes: new Set(naive.prefixes),
      };
      for (const one of here) run(one, map, naive);
      for (const one of there) run(one, fork, naiveFork);
      expectSame(map, naive, random);
      expectSame(fork, naiveFork, random);
    }),
  );
});

test('a /64 gives 65,536 prefixes of /80 and then none; a reservation holds some back', () => {
  const map = new SparseAddressMap(parseCidr6('2001:db8::/64')!);
  const reservation = parseCidr6('2001:db8:0:0:8000::/65')!;
  map.withhold(reservation);
  let given = 0;
  for (let p = map.pickPrefix(7n); p !== undefined && given < 100; p = map.pickPrefix(7n)) {
    expect(map.takePrefix(p)).toBe(true);
    given++;
  }
  expect(given).toBe(100);
  expect(map.freePrefixCount()).toBe(65436);
  // The reserved half starts at place 32768: a pick that lands in it wraps to the free half.
  expect(map.pickPrefix(40000n)).toBe(parseIp('2001:db8::'));
  expect(map.pickPrefix(7n, reservation)).toBe(parseIp('2001:db8:0:0:8007::'));
  for (let place = 0n; place < 65536n; place++) map.takePrefix(map.cidr.first + place * SIZE_80);
  expect([map.freePrefixCount(), map.freeCount()]).toEqual([0, 0n]);
  expect([map.pick(1n), map.pickPrefix(1n)]).toEqual([undefined, undefined]);
});

test('one address in use spoils its whole /80 and no other', () => {
  const map = new SparseAddressMap(parseCidr6('2001:db8::/64')!);
  map.take(parseIp('2001:db8::2:3') as bigint);
  expect(map.freePrefixCount()).toBe(65535);
  expect(map.pickPrefix(0n)).toBe(parseIp('2001:db8:0:0:1::'));
  expect(map.takePrefix(map.cidr.first)).toBe(false);
});

test('addresses and prefixes outside the subnet are broken promises', () => {
  const map = new SparseAddressMap(parseCidr6('2001:db8::/64')!);
  expect(() => map.take(parseIp('2001:db9::') as bigint)).toThrow(RangeError);
  expect(() => map.takePrefix(map.cidr.first + 1n)).toThrow(RangeError);
  expect(() => map.withhold(parseCidr6('2001:db8::/63')!)).toThrow(RangeError);
  expect(() => new SparseAddressMap(parseCidr6('2001:db8::/32')!)).toThrow(RangeError);
  expect(formatCidr(map.cidr)).toBe('2001:db8::/64');
});
