/**
 * net/cidr-cover — from blocks to ranges and back: the fewest blocks that cover a range, a block
 * minus others (a NetworkPolicy ipBlock with `except`), a list of blocks merged.
 */
import {
  type Cidr,
  type Cidr4,
  type Cidr6,
  canonicalCidr,
  cidr4,
  cidr6,
  compareCidr,
  containsCidr,
  firstAddress,
  lastAddress,
  overlaps,
} from './cidr.ts';
import { IntervalSet } from './interval-set.ts';
import type { Ipv4 } from './ipv4.ts';

/** The fewest IPv4 blocks that together are exactly the addresses first..last, ascending. */
export function coverRange4(first: Ipv4, last: Ipv4): Cidr4[] {
  const blocks: Cidr4[] = [];
  for (let at = first; at <= last; ) {
    // The widest block that starts here (by alignment) and still ends inside the range.
    let bits = 32;
    while (bits > 0) {
      const size = 2 ** (33 - bits);
      if (at % size !== 0 || at + size - 1 > last) break;
      bits--;
    }
    blocks.push(cidr4(at, bits));
    at += 2 ** (32 - bits);
  }
  return blocks;
}

/** The addresses of IPv4 blocks as a set of integers. */
export function addressesOf(blocks: Iterable<Cidr4>): IntervalSet {
  const intervals = [];
  for (const block of blocks) {
    intervals.push({ first: firstAddress(block), last: lastAddress(block) });
  }
  return IntervalSet.of(intervals);
}

/** The fewest IPv4 blocks that together are exactly the given addresses, ascending. */
export function blocksOf(addresses: IntervalSet): Cidr4[] {
  return addresses.intervals().flatMap(({ first, last }) => coverRange4(first, last));
}

/** The two blocks a block is made of; it must be wider than one address. */
function halves(cidr: Cidr): [Cidr, Cidr] {
  const bits = cidr.bits + 1;
  if (cidr.family === 4) {
    const first = firstAddress(cidr);
    return [cidr4(first, bits), cidr4(first + 2 ** (32 - bits), bits)];
  }
  const first = firstAddress(cidr);
  return [cidr6(first, bits), cidr6(first + (1n << BigInt(128 - bits)), bits)];
}

/**
 * The fewest blocks that together are `cidr` without the addresses of `holes`, ascending.
 *
 * @param holes  any blocks; those outside `cidr` or of the other family take nothing away
 */
export function subtractCidrs(cidr: Cidr4, holes: readonly Cidr[]): Cidr4[];
export function subtractCidrs(cidr: Cidr6, holes: readonly Cidr[]): Cidr6[];
export function subtractCidrs(cidr: Cidr, holes: readonly Cidr[]): Cidr[];
export function subtractCidrs(cidr: Cidr, holes: readonly Cidr[]): Cidr[] {
  const touching = holes.filter((hole) => overlaps(cidr, hole));
  if (touching.length === 0) return [canonicalCidr(cidr)];
  if (touching.some((hole) => containsCidr(hole, cidr))) return [];
  const [low, high] = halves(cidr);
  return [...subtractCidrs(low, touching), ...subtractCidrs(high, touching)];
}

/** True when the two blocks are the two halves of one wider block. */
function joins(low: Cidr, high: Cidr): boolean {
  if (low.family !== high.family || low.bits !== high.bits) return false;
  const wider = canonicalCidr({ ...low, bits: low.bits - 1 } as Cidr);
  return wider.first === low.first && containsCidr(wider, high);
}

/** The fewest blocks with the same addresses, ascending, IPv4 first. */
export function mergeCidrs(cidrs: Iterable<Cidr>): Cidr[] {
  const merged: Cidr[] = [];
  for (const next of [...cidrs].map((cidr) => canonicalCidr(cidr)).sort(compareCidr)) {
    let top = merged.at(-1);
    if (top !== undefined && containsCidr(top, next)) continue;
    merged.push(next);
    // Joining two halves may complete the half of a wider block, and so on upwards.
    for (;;) {
      top = merged.at(-1)!;
      const below = merged.at(-2);
      if (below === undefined || !joins(below, top)) break;
      merged.splice(-2, 2, { ...below, bits: below.bits - 1 } as Cidr);
    }
  }
  return merged;
}
