/** net/cidr-cover.test — goal: covers hold exactly the right addresses and no block too many. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Cidr,
  cidr4,
  cidr6,
  contains,
  formatCidr,
  isCanonical,
  lastAddress,
  parseCidr,
} from './cidr.ts';
import { addressesOf, blocksOf, coverRange4, mergeCidrs, subtractCidrs } from './cidr-cover.ts';

const BASE = 0xc0a80000;
const small = fc
  .tuple(fc.nat({ max: 63 }), fc.integer({ min: 25, max: 32 }))
  .map(([ip, bits]) => cidr4(BASE + ip, bits));
const small6 = fc
  .tuple(fc.nat({ max: 63 }), fc.integer({ min: 121, max: 128 }))
  .map(([ip, bits]) => cidr6(0xfd00n * 2n ** 112n + BigInt(ip), bits));

/** True when no two blocks could be one: neither nested nor halves of the same block. */
function isMinimal(blocks: readonly Cidr[]): boolean {
  return blocks.every((a) =>
    blocks.every((b) => {
      if (a === b || a.family !== b.family || a.bits !== b.bits) return true;
      return !contains({ ...a, bits: a.bits - 1 } as Cidr, b.first);
    }),
  );
}

test('a range is covered exactly, by the fewest blocks', () => {
  const end = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(end, end, (a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const blocks = coverRange4(first, last);
      expect(addressesOf(blocks).intervals()).toEqual([{ first, last }]);
      expect(blocks.every(isCanonical)).toBe(true);
      expect(isMinimal(blocks)).toBe(true);
    }),
  );
  expect(coverRange4(0, 0xffffffff).map(formatCidr)).toEqual(['0.0.0.0/0']);
  expect(coverRange4(0xffffffff, 0xffffffff).map(formatCidr)).toEqual(['255.255.255.255/32']);
});

test('a block minus its exceptions holds what the ipBlock of a NetworkPolicy allows', () => {
  fc.assert(
    fc.property(small, fc.array(small, { maxLength: 5 }), (cidr, holes) => {
      const rest = subtractCidrs(cidr, holes);
      const expected = addressesOf([cidr]).difference(addressesOf(holes));
      expect(addressesOf(rest).equals(expected)).toBe(true);
      expect(rest).toEqual(blocksOf(expected));
    }),
  );
  const open = subtractCidrs(parseCidr('172.17.0.0/16')!, [parseCidr('172.17.1.0/24')!]);
  expect(open.map(formatCidr)).toEqual([
    '172.17.0.0/24',
    '172.17.2.0/23',
    '172.17.4.0/22',
    '172.17.8.0/21',
    '172.17.16.0/20',
    '172.17.32.0/19',
    '172.17.64.0/18',
    '172.17.128.0/17',
  ]);
});

test('merged blocks hold the same addresses and are the fewest, in both families', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(small, small6), { maxLength: 12 }), (blocks) => {
      const merged = mergeCidrs(blocks);
      expect(isMinimal(merged)).toBe(true);
      for (const cidr of [...blocks, ...merged]) {
        for (const ip of [cidr.first, lastAddress(cidr)]) {
          const before = blocks.some((block) => contains(block, ip));
          expect(merged.some((block) => contains(block, ip))).toBe(before);
        }
      }
      const four = merged.filter((block) => block.family === 4);
      const given = blocks.filter((block) => block.family === 4);
      expect(four).toEqual(blocksOf(addressesOf(given)));
    }),
  );
});

test('the whole of IPv6 minus the documentation range is 32 blocks', () => {
  const rest = subtractCidrs(parseCidr('::/0')!, [
    parseCidr('2001:db8::/32')!,
    parseCidr('10.0.0.0/8')!,
  ]);
  expect(rest.length).toBe(32);
  expect(mergeCidrs([...rest, parseCidr('2001:db8::/32')!]).map(formatCidr)).toEqual(['::/0']);
});
