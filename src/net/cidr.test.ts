/** net/cidr.test — goal: block arithmetic agrees with ipaddr.js and counting; random blocks. */
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import {
  addressAt,
  type Cidr,
  canonicalCidr,
  cidr4,
  cidr6,
  cidrOf,
  compareCidr,
  contains,
  containsCidr,
  firstAddress,
  formatCidr,
  isCanonical,
  lastAddress,
  overlaps,
  parseCanonicalCidr,
  parseCidr,
  parseCidr4,
  parseCidr6,
  parseCidrOrIp,
  sameCidr,
  sizeOf,
  subnets,
} from './cidr.ts';
import {
  canonicalCidrText,
  cidrTextContains,
  cidrTextContainsCidr,
  cidrTextsOverlap,
  cidrTextsSame,
} from './cidr-text.ts';
import { formatIp, type Ip, parseIp } from './ip.ts';

const ip4 = fc.integer({ min: 0, max: 0xffffffff });
const ip6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const block4 = fc.tuple(ip4, fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => cidr4(ip, bits));
const block6 = fc.tuple(ip6, fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => cidr6(ip, bits));
const block: fc.Arbitrary<Cidr> = fc.oneof(block4, block6);

/** An address near the block: its ends, one past them, or anything. */
function near(cidr: Cidr, random4: number, random6: bigint): Ip[] {
  if (cidr.family === 6) {
    const max = (1n << 128n) - 1n;
    const [first, last] = [firstAddress(cidr), lastAddress(cidr)];
    return [first, last, first - 1n, last + 1n, random6].filter((ip) => ip >= 0n && ip <= max);
  }
  const [first, last] = [firstAddress(cidr), lastAddress(cidr)];
  return [first, last, first - 1, last + 1, random4].filter((ip) => ip >= 0 && ip <= 0xffffffff);
}

test('a block contains an address exactly when ipaddr.js says so', () => {
  fc.assert(
    fc.property(block, ip4, ip6, (cidr, random4, random6) => {
      const [range, bits] = ipaddr.parseCIDR(formatCidr(cidr));
      for (const ip of near(cidr, random4, random6)) {
        const address = ipaddr.parse(formatIp(ip));
        // ipaddr.js types match() per family; both sides here have the block's.
        const expected = (address as ipaddr.IPv4).match(range as ipaddr.IPv4, bits);
        expect(contains(cidr, ip)).toBe(expected);
        expect(cidrTextContains(formatCidr(cidr), formatIp(ip))).toBe(expected);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the ends of a block agree with ipaddr.js', () => {
  fc.assert(
    fc.property(block, (cidr) => {
      const Family = cidr.family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
      const text = formatCidr(cidr);
      const network = Family.networkAddressFromCIDR(text).toString();
      const broadcast = Family.broadcastAddressFromCIDR(text).toString();
      expect(firstAddress(cidr)).toBe(parseIp(network));
      expect(lastAddress(cidr)).toBe(parseIp(broadcast));
      expect(addressAt(cidr as never, 0)).toBe(firstAddress(cidr));
      expect(BigInt(lastAddress(cidr)) - BigInt(firstAddress(cidr)) + 1n).toBe(
        BigInt(sizeOf(cidr)),
      );
    }),
  );
});

test('two blocks overlap exactly when the ranges they span do', () => {
  const close4 = fc
    .tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 24, max: 32 }))
    .map(([ip, bits]) => cidr4(0xc0000000 + ip, bits));
  const pair = fc.oneof(fc.tuple(close4, close4), fc.tuple(block, block));
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const [a1, a2, b1, b2] = [firstAddress(a), lastAddress(a), firstAddress(b), lastAddress(b)];
      const sameFamily = a.family === b.family;
      expect(overlaps(a, b)).toBe(sameFamily && a1 <= b2 && b1 <= a2);
      expect(containsCidr(a, b)).toBe(sameFamily && a1 <= b1 && b2 <= a2);
      expect(sameCidr(a, b)).toBe(sameFamily && a1 === b1 && a2 === b2);
      expect(cidrTextsOverlap(formatCidr(a), formatCidr(b))).toBe(overlaps(a, b));
      expect(cidrTextContainsCidr(formatCidr(a), formatCidr(b))).toBe(containsCidr(a, b));
      expect(cidrTextsSame(formatCidr(a), formatCidr(b))).toBe(sameCidr(a, b));
    }),
    { numRuns: 2000 },
  );
});

test('a block survives being written and read, and masking is idempotent', () => {
  fc.assert(
    fc.property(block, (cidr) => {
      expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
      const masked = canonicalCidr(cidr);
      expect(isCanonical(masked)).toBe(true);
      expect(canonicalCidr(masked)).toBe(masked);
      expect(sameCidr(masked, cidr)).toBe(true);
      expect(cidrOf(cidr.first as never, cidr.bits)).toEqual(masked);
      expect(parseCanonicalCidr(formatCidr(cidr)) !== undefined).toBe(isCanonical(cidr));
    }),
  );
});

test('cutting a block gives neighbouring blocks that fill it', () => {
  fc.assert(
    fc.property(block, fc.integer({ min: 0, max: 6 }), (cidr, added) => {
      const bits = Math.min(cidr.bits + added, cidr.family === 4 ? 32 : 128);
      const parts = [...subnets(cidr, bits)];
      expect(parts.length).toBe(2 ** (bits - cidr.bits));
      expect(parts[0]!.first).toBe(firstAddress(cidr));
      expect(lastAddress(parts.at(-1)!)).toBe(lastAddress(cidr));
      for (let i = 1; i < parts.length; i++) {
        expect(BigInt(parts[i]!.first)).toBe(BigInt(lastAddress(parts[i - 1]!)) + 1n);
        expect(compareCidr(parts[i - 1]!, parts[i]!)).toBe(-1);
      }
    }),
  );
});

test('a VPC of 10.0.0.0/16 cuts into 256 subnets of /24, and its /56 into 256 of /64', () => {
  const cut = [...subnets(parseCidr4('10.0.0.0/16')!, 24)].map(formatCidr);
  expect([cut.length, cut[0], cut[255]]).toEqual([256, '10.0.0.0/24', '10.0.255.0/24']);
  const cut6 = [...subnets(parseCidr6('2600:1f14:0:ab00::/56')!, 64)].map(formatCidr);
  expect([cut6.length, cut6[255]]).toEqual([256, '2600:1f14:0:abff::/64']);
});

test('host bits are reported, not silently dropped', () => {
  const written = parseCidr('10.0.1.7/24')!;
  expect(isCanonical(written)).toBe(false);
  expect(parseCanonicalCidr('10.0.1.7/24')).toBeUndefined();
  expect(formatCidr(written)).toBe('10.0.1.7/24');
  expect(canonicalCidrText('100.68.0.18/18')).toBe('100.68.0.0/18');
  expect(canonicalCidrText('2001:db8::1/64')).toBe('2001:db8::/64');
});

test('0.0.0.0/0 and ::/0 hold every address of their own family and none of the other', () => {
  const [all4, all6] = [parseCidr('0.0.0.0/0')!, parseCidr('::/0')!];
  for (const text of ['0.0.0.0', '127.255.255.255', '128.0.0.0', '255.255.255.255']) {
    expect([contains(all4, parseIp(text)!), contains(all6, parseIp(text)!)]).toEqual([true, false]);
  }
  expect(contains(all6, parseIp('ffff::')!)).toBe(true);
  expect(contains(all4, parseIp('::ffff:10.0.0.1')!)).toBe(false);
  expect([sizeOf(all4), sizeOf(all6)]).toEqual([2 ** 32, 1n << 128n]);
});

test('text that is no block is refused as Go refuses it', () => {
  const bad = ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/+8', '10.0.0.0/-1'];
  bad.push(
    '10.0.0/8',
    '/8',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '::/129',
    '::/',
    '::1',
    '::/064',
    'x/8',
  );
  for (const text of bad) expect(parseCidr(text), text).toBeUndefined();
  expect(cidrTextContains('10.0.0.0', '10.0.0.0')).toBe(false);
  expect(parseCidrOrIp('10.0.0.7')).toEqual(parseCidr('10.0.0.7/32'));
  expect(parseCidrOrIp('fd00::7')).toEqual(parseCidr('fd00::7/128'));
  expect(parseCidrOrIp('10.0.0.256')).toBeUndefined();
});

test('asking for an address outside the block or a wider sub-block is a broken promise', () => {
  const cidr = parseCidr4('10.0.1.0/24')!;
  expect(addressAt(cidr, 255)).toBe(parseIp('10.0.1.255'));
  expect(() => addressAt(cidr, 256)).toThrow(RangeError);
  expect(() => addressAt(cidr, -1)).toThrow(RangeError);
  expect(() => subnets(cidr, 23)).toThrow(RangeError);
  expect(() => subnets(cidr, 33)).toThrow(RangeError);
  expect(addressAt(parseCidr6('2001:db8::/64')!, 2 ** 40)).toBe(parseIp('2001:db8::100:0:0'));
});
