/** net/prefix-trie.test — goal: the trie answers as a linear scan would; random nested blocks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Cidr,
  canonicalCidr,
  cidr4,
  cidr6,
  compareCidr,
  contains,
  containsCidr,
  formatCidr,
  lastAddress,
  parseCidr,
} from './cidr.ts';
import { parseIp } from './ip.ts';
import { PrefixTrie } from './prefix-trie.ts';

/** Few distinct bits, so that random blocks nest and fork often; the sign bit included. */
const word = fc.constantFrom(0, 1, 0x80000000, 0xc0000000, 0xffffffff, 0x0a000000, 0x0a000001);
const block4 = fc.tuple(word, fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => cidr4(ip, bits));
const block6 = fc
  .tuple(word, word, word, word, fc.integer({ min: 0, max: 128 }))
  .map(([a, b, c, d, bits]) => {
    const high = (BigInt(a) << 96n) | (BigInt(b) << 64n);
    return cidr6(high | (BigInt(c) << 32n) | BigInt(d), bits);
  });
const block: fc.Arbitrary<Cidr> = fc.oneof(block4, block6);
const step = fc.tuple(fc.constantFrom('insert', 'insert', 'delete'), block, fc.nat());

test('after any inserts and deletes every question has the answer a linear scan gives', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.array(block, { maxLength: 8 }),
      (steps, asked) => {
        const trie = new PrefixTrie<number>();
        const naive = new Map<string, { cidr: Cidr; value: number }>();
        for (const [verb, cidr, value] of steps) {
          const key = formatCidr(canonicalCidr(cidr));
          if (verb === 'insert') {
            trie.insert(cidr, value);
            naive.set(key, { cidr: canonicalCidr(cidr), value });
          } else {
            expect(trie.delete(cidr)).toBe(naive.delete(key));
          }
        }
        const sorted = [...naive.values()].sort((a, b) => compareCidr(a.cidr, b.cidr));
        expect(trie.size).toBe(naive.size);
        expect(trie.nodeCount()).toBeLessThanOrEqual(2 * naive.size + 2);
        expect(trie.entries()).toEqual(sorted);
        for (const cidr of [...asked, ...steps.map(([, c]) => c)]) {
          const key = formatCidr(canonicalCidr(cidr));
          expect(trie.get(cidr)).toBe(naive.get(key)?.value);
          expect(trie.has(cidr)).toBe(naive.has(key));
          expect(trie.coveredBy(cidr)).toEqual(sorted.filter((e) => containsCidr(cidr, e.cidr)));
          for (const ip of [cidr.first, lastAddress(cidr)]) {
            const all = sorted.filter((e) => contains(e.cidr, ip));
            all.sort((a, b) => b.cidr.bits - a.cidr.bits);
            expect(trie.allMatches(ip)).toEqual(all);
            expect(trie.longestMatch(ip)).toEqual(all[0]);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('pods that come and go leave no nodes behind', () => {
  const trie = new PrefixTrie<number>();
  const pods = Array.from({ length: 500 }, (_, i) => cidr4((i * 2654435761) % 2 ** 32, 32));
  for (const pod of pods) trie.insert(pod, 1);
  for (const pod of pods.slice(1)) trie.delete(pod);
  expect(trie.nodeCount()).toBe(3); // two roots and the one pod left
  trie.delete(pods[0]!);
  expect(trie.nodeCount()).toBe(2);
});

test('a packet to a peered VPC takes the peering route, others the default route', () => {
  const routes = new PrefixTrie<string>();
  routes.insert(parseCidr('0.0.0.0/0')!, 'igw-1');
  routes.insert(parseCidr('10.0.0.0/16')!, 'local');
  routes.insert(parseCidr('10.1.0.0/16')!, 'pcx-1');
  const target = (text: string): string | undefined => routes.longestMatch(parseIp(text)!)?.value;
  expect(['10.0.3.4', '10.1.3.4', '1.1.1.1', '255.255.255.255', '2001:db8::1'].map(target)).toEqual(
    ['local', 'pcx-1', 'igw-1', 'igw-1', undefined],
  );
});
