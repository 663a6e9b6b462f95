/**
 * net/address-map.test — goal: every count and choice is exact at all times.
 * Method: random commands against a naive model that keeps two sets of offsets and counts afresh.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressMap, BLOCK_SIZE } from './address-map.ts';
import { type Cidr4, cidr4, contains, mask4, parseCidr4, sizeOf } from './cidr.ts';

/** The slow truth. */
class NaiveMap {
  readonly cidr: Cidr4;
  readonly taken = new Set<number>();
  readonly withheld = new Set<number>();

  constructor(cidr: Cidr4) {
    this.cidr = cidr;
  }

  all(): number[] {
    return Array.from({ length: sizeOf(this.cidr) }, (_, i) => this.cidr.first + i);
  }

  free(): number[] {
    return this.all().filter((ip) => !this.taken.has(ip));
  }

  assignable(): number[] {
    return this.free().filter((ip) => !this.withheld.has(ip));
  }

  blocks(open: readonly number[]): number[] {
    const set = new Set(open);
    const starts = this.all().filter((ip) => ip % BLOCK_SIZE === 0);
    return starts.filter((ip) =>
      Array.from({ length: 16 }, (_, i) => ip + i).every((x) => set.has(x)),
    );
  }

  longestRun(): number {
    let [longest, run] = [0, 0];
    for (const ip of this.all()) {
      run = this.taken.has(ip) ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }
}

function expectSame(map: AddressMap, naive: NaiveMap): void {
  const free = naive.free();
  const assignable = naive.assignable();
  const assignableBlocks = naive.blocks(assignable);
  expect(map.freeCount()).toBe(free.length);
  expect(map.takenCount()).toBe(naive.taken.size);
  expect(map.assignableCount()).toBe(assignable.length);
  expect(map.freeBlocks()).toEqual(naive.blocks(free));
  expect(map.freeBlockCount()).toBe(naive.blocks(free).length);
  expect(map.assignableBlockCount()).toBe(assignableBlocks.length);
  expect(map.freeRunMax()).toBe(naive.longestRun());
  expect(assignable.map((_, n) => map.nthFree(n))).toEqual(assignable);
  expect(assignableBlocks.map((_, n) => map.nthFreeBlock(n))).toEqual(assignableBlocks);
  expect(map.nthFree(assignable.length)).toBeUndefined();
  expect(map.nthFreeBlock(assignableBlocks.length)).toBeUndefined();
  expect(map.nthFree(-1)).toBeUndefined();
}

type Command = { readonly verb: string; readonly at: number; readonly bits: number };

function run(command: Command, map: AddressMap, naive: NaiveMap): void {
  const ip = naive.cidr.first + (command.at % sizeOf(naive.cidr));
  const block = mask4(ip, 28);
  const sixteen = Array.from({ length: 16 }, (_, i) => block + i);
  const range = cidr4(ip, Math.max(command.bits, naive.cidr.bits));
  if (command.verb === 'take') {
    expect(map.take(ip)).toBe(!naive.taken.has(ip));
    naive.taken.add(ip);
  } else if (command.verb === 'release') {
    expect(map.release(ip)).toBe(naive.taken.delete(ip));
  } else if (command.verb === 'takeBlock') {
    const free = sixteen.every((x) => !naive.taken.has(x));
    expect(map.isFreeBlock(block)).toBe(free);
    expect(map.takeBlock(block)).toBe(free);
    if (free) for (const x of sixteen) naive.taken.add(x);
  } else if (command.verb === 'releaseBlock') {
    const full = sixteen.every((x) => naive.taken.has(x));
    expect(map.releaseBlock(block)).toBe(full);
    if (full) for (const x of sixteen) naive.taken.delete(x);
  } else if (command.verb === 'withhold') {
    map.withhold(range);
    for (const x of naive.all()) if (contains(range, x)) naive.withheld.add(x);
  } else if (command.verb === 'unwithhold') {
    map.unwithhold(range);
    for (const x of naive.all()) if (contains(range, x)) naive.withheld.delete(x);
  }
  expect(map.isFree(ip)).toBe(!naive.taken.has(ip));
  expect(map.isWithheld(ip)).toBe(naive.withheld.has(ip));
  const within = naive.free().filter((x) => contains(range, x));
  expect(map.freeCountIn(range)).toBe(within.length);
  expect(map.freeBlocksIn(range)).toEqual(naive.blocks(within));
  expect(map.nthFreeIn(range, within.length - 1)).toBe(within.at(-1));
  expect(map.nthFreeIn(range, within.length)).toBeUndefined();
}

const command: fc.Arbitrary<Command> = fc.record({
  verb: fc.constantFrom(
    'take',
    'take',
    'take',
    'release',
    'takeBlock',
    'releaseBlock',
    'withhold',
    'unwithhold',
  ),
  at: fc.nat({ max: 1023 }),
  bits: fc.integer({ min: 24, max: 32 }),
});

test('the map agrees with counting by hand after any sequence of allocations', () => {
  const bits = fc.constantFrom(28, 28, 27, 26, 25, 24, 23, 22);
  fc.assert(
    fc.property(bits, fc.array(command, { maxLength: 60 }), (subnetBits, commands) => {
      const cidr = cidr4(mask4(0xac1ff400, subnetBits), subnetBits); // 172.31.244.0: sign bit set
      const [map, naive] = [new AddressMap(cidr), new NaiveMap(cidr)];
      for (const one of commands) run(one, map, naive);
      expectSame(map, naive);
    }),
    { numRuns: 150 },
  );
});

test('a fork and its origin never see each other’s allocations', () => {
  const commands = fc.array(command, { maxLength: 25 });
  fc.assert(
    fc.property(commands, commands, commands, (before, here, there) => {
      const cidr = parseCidr4('10.0.1.0/25')!;
      const [map, naive] = [new AddressMap(cidr), new NaiveMap(cidr)];
      for (const one of before) run(one, map, naive);
      const [fork, naiveFork] = [map.clone(), new NaiveMap(cidr)];
      for (const ip of naive.taken) naiveFork.taken.add(ip);
      for (const ip of naive.withheld) naiveFork.withheld.add(ip);
      for (const one of here) run(one, map, naive);
      for (const one of there) run(one, fork, naiveFork);
      expectSame(map, naive);
      expectSame(fork, naiveFork);
    }),
    { numRuns: 60 },
  );
});

test('a /16 filled at random ends with no address left and none given twice', () => {
  const cidr = parseCidr4('10.0.0.0/16')!;
  const map = new AddressMap(cidr);
  const seen = new Set<number>();
  let state = 1;
  for (let left = 65536; left > 0; left--) {
    expect(map.freeCount()).toBe(left);
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const ip = map.nthFree(state % left)!;
    expect(map.take(ip)).toBe(true);
    seen.add(ip);
  }
  expect(seen.size).toBe(65536);
  expect([map.freeCount(), map.freeBlockCount(), map.freeRunMax()]).toEqual([0, 0, 0]);
  expect(map.nthFree(0)).toBeUndefined();
});

test('one scattered address per /28 leaves 240 addresses in a /24 but not one prefix', () => {
  const map = new AddressMap(parseCidr4('10.0.1.0/24')!);
  for (let block = 0; block < 16; block++) map.take(map.cidr.first + block * 16 + 7);
  expect(map.freeCount()).toBe(240);
  expect(map.freeBlocks()).toEqual([]);
  expect(map.nthFreeBlock(0)).toBeUndefined();
  expect(map.freeRunMax()).toBe(15);
});

test('a reservation for prefixes keeps single addresses out and still gives its own blocks', () => {
  const map = new AddressMap(parseCidr4('10.0.1.0/24')!);
  const reservation = parseCidr4('10.0.1.128/25')!;
  map.withhold(reservation);
  expect([map.freeCount(), map.assignableCount()]).toEqual([256, 128]);
  expect(map.nthFree(127)).toBe(map.cidr.first + 127);
  expect(map.freeBlocksIn(reservation).length).toBe(8);
  expect(map.takeBlock(map.freeBlocksIn(reservation)[0]!)).toBe(true);
  expect([map.freeCount(), map.assignableCount()]).toEqual([240, 128]);
});

test('addresses outside the subnet and subnets EC2 does not allow are broken promises', () => {
  const map = new AddressMap(parseCidr4('10.0.1.0/28')!);
  expect(map.isFree(map.cidr.first + 16)).toBe(false);
  expect(map.isFreeBlock(map.cidr.first + 16)).toBe(false);
  expect(() => map.take(map.cidr.first + 16)).toThrow(RangeError);
  expect(() => map.takeBlock(map.cidr.first + 1)).toThrow(RangeError);
  expect(() => map.withhold(parseCidr4('10.0.0.0/24')!)).toThrow(RangeError);
  expect(() => new AddressMap(parseCidr4('10.0.0.0/15')!)).toThrow(RangeError);
  expect(() => new AddressMap(parseCidr4('10.0.0.0/29')!)).toThrow(RangeError);
});
