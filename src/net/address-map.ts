/**
 * net/address-map — which addresses of one IPv4 subnet are taken, exact at all times.
 *
 * One bit per address (8 KB for a /16) and one count per page of 256 addresses, so that a caller
 * with a seeded random can pick the n-th free address without walking the subnet.
 *
 * Words used here:
 *   free        nobody has the address
 *   withheld    the owner keeps it from automatic picking (an EC2 subnet CIDR reservation)
 *   assignable  free and not withheld
 *   block       an aligned /28, the unit of EC2's IPv4 prefix delegation
 */
import {
  type Cidr4,
  canonicalCidr,
  containsCidr,
  firstAddress,
  formatCidr,
  sizeOf,
} from './cidr.ts';
import { invariant } from './invariant.ts';
import { formatIpv4, type Ipv4 } from './ipv4.ts';
import { bitCount, emptyHalves, nthSetBit } from './word-bits.ts';

/** Addresses in one block: EC2 delegates IPv4 prefixes as /28 only. */
export const BLOCK_SIZE = 16;

/** Addresses counted together: eight words of 32 bits. */
const PAGE_SIZE = 256;
const WORDS_PER_PAGE = PAGE_SIZE / 32;
const LOW_HALF = 0xffff;
const ALL = 0xffffffff;

/** The allocation map of one subnet of /16 to /28. */
export class AddressMap {
  /** The subnet, host bits cleared. */
  readonly cidr: Cidr4;
  /** Addresses in the subnet, taken or not. */
  readonly size: number;
  readonly #taken: Uint32Array;
  /** Shared between clones until one of them changes it; absent while nothing is withheld. */
  #withheld: Uint32Array | undefined;
  #withheldShared = false;
  readonly #pageAssignable: Uint16Array;
  readonly #pageAssignableBlocks: Uint8Array;
  #free = 0;
  #freeBlocks = 0;
  #assignable = 0;
  #assignableBlocks = 0;

  /**
   * An empty map; `from` makes a copy instead (see {@link AddressMap.clone}).
   *
   * @param cidr  the subnet's block, /16 to /28 as EC2 allows; host bits are cleared
   * @throws RangeError when the block is wider or narrower
   */
  constructor(cidr: Cidr4, from?: AddressMap) {
    invariant(cidr.bits >= 16 && cidr.bits <= 28, `${formatCidr(cidr)} is not a /16 to /28`);
    this.cidr = canonicalCidr(cidr);
    this.size = sizeOf(cidr);
    if (from !== undefined) {
      this.#taken = from.#taken.slice();
      this.#withheld = from.#withheld;
      this.#withheldShared = true;
      from.#withheldShared = true;
      this.#pageAssignable = from.#pageAssignable.slice();
      this.#pageAssignableBlocks = from.#pageAssignableBlocks.slice();
      this.#free = from.#free;
      this.#freeBlocks = from.#freeBlocks;
      this.#assignable = from.#assignable;
      this.#assignableBlocks = from.#assignableBlocks;
      return;
    }
    const pages = Math.ceil(this.size / PAGE_SIZE);
    this.#taken = new Uint32Array(Math.ceil(this.size / 32));
    this.#pageAssignable = new Uint16Array(pages).fill(Math.min(this.size, PAGE_SIZE));
    this.#pageAssignableBlocks = new Uint8Array(pages).fill(
      Math.min(this.size, PAGE_SIZE) / BLOCK_SIZE,
    );
    this.#free = this.size;
    this.#assignable = this.size;
    this.#freeBlocks = this.size / BLOCK_SIZE;
    this.#assignableBlocks = this.#freeBlocks;
    // A /28 fills half a word: the half that is not ours is taken for good.
    if (this.size < 32) this.#taken[0] = (ALL << this.size) >>> 0;
  }

  /** An independent copy; costs one copy of the bitmap, at most 8 KB. */
  clone(): AddressMap {
    return new AddressMap(this.cidr, this);
  }

  /** True when the address is in the subnet and nobody has it, withheld or not. */
  isFree(ip: Ipv4): boolean {
    const offset = ip - this.cidr.first;
    if (offset < 0 || offset >= this.size) return false;
    return (this.#takenWord(offset >>> 5) & (1 << (offset & 31))) === 0;
  }

  /** True when the address is in the subnet and kept from automatic picking, taken or not. */
  isWithheld(ip: Ipv4): boolean {
    const offset = ip - this.cidr.first;
    if (offset < 0 || offset >= this.size) return false;
    return (this.#withheldWord(offset >>> 5) & (1 << (offset & 31))) !== 0;
  }

  /**
   * Takes one address, withheld or not.
   *
   * @returns false, and changes nothing, when it was taken already
   * @throws RangeError when the address lies outside the subnet
   */
  take(ip: Ipv4): boolean {
    const offset = this.#offsetOf(ip);
    const index = offset >>> 5;
    const bit = 1 << (offset & 31);
    const word = this.#takenWord(index);
    if ((word & bit) !== 0) return false;
    this.#write(index, word | bit, this.#withheldWord(index));
    return true;
  }

  /**
   * Gives one address back.
   *
   * @returns false, and changes nothing, when it was free already
   * @throws RangeError when the address lies outside the subnet
   */
  release(ip: Ipv4): boolean {
    const offset = this.#offsetOf(ip);
    const index = offset >>> 5;
    const bit = 1 << (offset & 31);
    const word = this.#takenWord(index);
    if ((word & bit) === 0) return false;
    this.#write(index, word & ~bit, this.#withheldWord(index));
    return true;
  }

  /** True when all sixteen addresses of the /28 at `block` are free, withheld or not. */
  isFreeBlock(block: Ipv4): boolean {
    const offset = block - this.cidr.first;
    if (offset < 0 || offset >= this.size || offset % BLOCK_SIZE !== 0) return false;
    return (this.#takenWord(offset >>> 5) & (LOW_HALF << (offset & 31))) === 0;
  }

  /**
   * Takes the whole /28 whose lowest address is `block`.
   *
   * @returns false, and changes nothing, when one of its addresses is taken
   * @throws RangeError when `block` is not a multiple of 16 inside the subnet
   */
  takeBlock(block: Ipv4): boolean {
    const offset = this.#blockOffsetOf(block);
    const index = offset >>> 5;
    const half = LOW_HALF << (offset & 31);
    const word = this.#takenWord(index);
    if ((word & half) !== 0) return false;
    this.#write(index, word | half, this.#withheldWord(index));
    return true;
  }

  /**
   * Gives a whole /28 back.
   *
   * @returns false, and changes nothing, unless all sixteen addresses are taken
   * @throws RangeError when `block` is not a multiple of 16 inside the subnet
   */
  releaseBlock(block: Ipv4): boolean {
    const offset = this.#blockOffsetOf(block);
    const index = offset >>> 5;
    const half = LOW_HALF << (offset & 31);
    const word = this.#takenWord(index);
    if ((~word & half) !== 0) return false;
    this.#write(index, word & ~half, this.#withheldWord(index));
    return true;
  }

  /**
   * Keeps a range from {@link nthFree} and {@link nthFreeBlock}; `take` still works inside it.
   *
   * @throws RangeError when the range lies outside the subnet
   */
  withhold(range: Cidr4): void {
    this.#eachWordOf(range, (index, mask) =>
      this.#write(index, this.#takenWord(index), this.#withheldWord(index) | mask),
    );
  }

  /** Ends {@link withhold} for every address of the range. */
  unwithhold(range: Cidr4): void {
    this.#eachWordOf(range, (index, mask) =>
      this.#write(index, this.#takenWord(index), this.#withheldWord(index) & ~mask),
    );
  }

  /** Addresses nobody has, withheld ones included. */
  freeCount(): number {
    return this.#free;
  }

  /** Addresses that are taken. */
  takenCount(): number {
    return this.size - this.#free;
  }

  /** Addresses {@link nthFree} can pick: free and not withheld. */
  assignableCount(): number {
    return this.#assignable;
  }

  /** Wholly free aligned /28 blocks, withheld ones included. */
  freeBlockCount(): number {
    return this.#freeBlocks;
  }

  /** Blocks {@link nthFreeBlock} can pick: wholly free and untouched by any withheld range. */
  assignableBlockCount(): number {
    return this.#assignableBlocks;
  }

  /** The lowest address of every wholly free aligned /28, ascending, withheld ones included. */
  freeBlocks(): Ipv4[] {
    const blocks: Ipv4[] = [];
    for (let index = 0; index < this.#taken.length; index++) {
      const word = this.#takenWord(index);
      const first = this.cidr.first + index * 32;
      if ((word & LOW_HALF) === 0) blocks.push(first);
      if (word >>> 16 === 0) blocks.push(first + BLOCK_SIZE);
    }
    return blocks;
  }

  /** The length of the longest run of neighbouring free addresses, withheld ones included. */
  freeRunMax(): number {
    let longest = 0;
    let run = 0;
    for (const word of this.#taken) {
      if (word === 0) {
        run += 32;
        continue;
      }
      for (let bit = 0; bit < 32; bit++) {
        if ((word & (1 << bit)) === 0) {
          run++;
        } else {
          if (run > longest) longest = run;
          run = 0;
        }
      }
    }
    return Math.max(longest, run);
  }

  /**
   * The n-th assignable address, lowest first.
   *
   * @param n  0..assignableCount()-1; a uniform n gives a uniform address
   * @returns undefined when n is not in that range
   */
  nthFree(n: number): Ipv4 | undefined {
    if (n < 0 || n >= this.#assignable) return undefined;
    let rest = n;
    let page = 0;
    for (let count = this.#pageAssignable[0]!; rest >= count; count = this.#pageAssignable[page]!) {
      rest -= count;
      page++;
    }
    for (let index = page * WORDS_PER_PAGE; ; index++) {
      const open = ~(this.#takenWord(index) | this.#withheldWord(index));
      const count = bitCount(open);
      if (rest < count) return this.cidr.first + index * 32 + nthSetBit(open, rest);
      rest -= count;
    }
  }

  /**
   * The lowest address of the n-th assignable /28, lowest first.
   *
   * @param n  0..assignableBlockCount()-1
   * @returns undefined when n is not in that range
   */
  nthFreeBlock(n: number): Ipv4 | undefined {
    if (n < 0 || n >= this.#assignableBlocks) return undefined;
    const counts = this.#pageAssignableBlocks;
    let rest = n;
    let page = 0;
    for (let count = counts[0]!; rest >= count; count = counts[page]!) {
      rest -= count;
      page++;
    }
    for (let index = page * WORDS_PER_PAGE; ; index++) {
      const closed = this.#takenWord(index) | this.#withheldWord(index);
      const count = emptyHalves(closed);
      if (rest < count) {
        const upper = rest === 1 || (closed & LOW_HALF) !== 0;
        return this.cidr.first + index * 32 + (upper ? BLOCK_SIZE : 0);
      }
      rest -= count;
    }
  }

  /** Free addresses inside one range of the subnet, withheld or not. */
  freeCountIn(range: Cidr4): number {
    let count = 0;
    this.#eachWordOf(range, (index, mask) => {
      count += bitCount(~this.#takenWord(index) & mask);
    });
    return count;
  }

  /** The n-th free address inside one range, withheld or not; undefined past the last. */
  nthFreeIn(range: Cidr4, n: number): Ipv4 | undefined {
    let rest = n;
    let found: Ipv4 | undefined;
    this.#eachWordOf(range, (index, mask) => {
      if (found !== undefined || rest < 0) return;
      const open = ~this.#takenWord(index) & mask;
      const count = bitCount(open);
      if (rest < count) found = this.cidr.first + index * 32 + nthSetBit(open, rest);
      rest -= count;
    });
    return found;
  }

  /** Wholly free /28 blocks inside one range, ascending, withheld or not. */
  freeBlocksIn(range: Cidr4): Ipv4[] {
    const blocks: Ipv4[] = [];
    this.#eachWordOf(range, (index, mask) => {
      const closed = this.#takenWord(index) | ~mask;
      const first = this.cidr.first + index * 32;
      if ((closed & LOW_HALF) === 0) blocks.push(first);
      if (closed >>> 16 === 0) blocks.push(first + BLOCK_SIZE);
    });
    return blocks;
  }

  #takenWord(index: number): number {
    return this.#taken[index]!;
  }

  #withheldWord(index: number): number {
    return this.#withheld === undefined ? 0 : this.#withheld[index]!;
  }

  #offsetOf(ip: Ipv4): number {
    const offset = ip - this.cidr.first;
    const inside = offset >= 0 && offset < this.size;
    if (!inside) invariant(false, `${formatIpv4(ip)} is outside ${formatCidr(this.cidr)}`);
    return offset;
  }

  #blockOffsetOf(block: Ipv4): number {
    const offset = this.#offsetOf(block);
    if (offset % BLOCK_SIZE !== 0) invariant(false, `${formatIpv4(block)} starts no /28`);
    return offset;
  }

  /** Visits the words a range touches, each with the mask of the range's bits in it. */
  #eachWordOf(range: Cidr4, visit: (index: number, mask: number) => void): void {
    const inside = containsCidr(this.cidr, range);
    invariant(inside, `${formatCidr(range)} is outside ${formatCidr(this.cidr)}`);
    const offset = firstAddress(range) - this.cidr.first;
    const length = sizeOf(range);
    if (length < 32) {
      visit(offset >>> 5, (~(ALL << length) << (offset & 31)) >>> 0);
      return;
    }
    for (let index = offset / 32; index < (offset + length) / 32; index++) visit(index, ALL);
  }

  /** The only writer: changes one word of both bitmaps and keeps every count in step. */
  #write(index: number, taken: number, withheld: number): void {
    const takenBefore = this.#takenWord(index);
    const withheldBefore = this.#withheldWord(index);
    const closedBefore = takenBefore | withheldBefore;
    const closed = taken | withheld;
    const opened = bitCount(~closed) - bitCount(~closedBefore);
    const openedBlocks = emptyHalves(closed) - emptyHalves(closedBefore);
    const page = Math.floor(index / WORDS_PER_PAGE);
    this.#free += bitCount(~taken) - bitCount(~takenBefore);
    this.#freeBlocks += emptyHalves(taken) - emptyHalves(takenBefore);
    this.#assignable += opened;
    this.#assignableBlocks += openedBlocks;
    this.#pageAssignable[page] = this.#pageAssignable[page]! + opened;
    this.#pageAssignableBlocks[page] = this.#pageAssignableBlocks[page]! + openedBlocks;
    this.#taken[index] = taken;
    if (withheld >>> 0 !== withheldBefore) this.#writeWithheld(index, withheld);
  }

  #writeWithheld(index: number, withheld: number): void {
    if (this.#withheld === undefined || this.#withheldShared) {
      this.#withheld = this.#withheld?.slice() ?? new Uint32Array(this.#taken.length);
      this.#withheldShared = false;
    }
    this.#withheld[index] = withheld;
  }
}
