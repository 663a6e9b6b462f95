/**
 * net/sparse-address-map — which addresses and /80 prefixes of one IPv6 subnet are taken.
 *
 * A /64 has 2^64 addresses and 65,536 /80s (the unit of EC2's IPv6 prefix delegation), so only what
 * is taken is remembered. Picking starts at a place given by the caller's random bits and walks up
 * to the next free one, wrapping once; in a subnet as empty as IPv6 subnets are, that is uniform.
 */
import {
  type Cidr6,
  canonicalCidr,
  cidr6,
  contains,
  containsCidr,
  firstAddress,
  formatCidr,
  lastAddress,
  overlaps,
  sameCidr,
  sizeOf,
} from './cidr.ts';
import { invariant } from './invariant.ts';
import type { Ipv6 } from './ipv6.ts';

/** EC2 delegates IPv6 prefixes as /80 only. */
export const PREFIX_BITS = 80;

const HOST_BITS = BigInt(128 - PREFIX_BITS);
const PREFIX_SIZE = 1n << HOST_BITS;

/** The allocation map of one IPv6 subnet. */
export class SparseAddressMap {
  /** The subnet, host bits cleared. */
  readonly cidr: Cidr6;
  /** How many /80 prefixes the subnet has. */
  readonly prefixCount: number;
  /** Single addresses that are taken. */
  #singles = new Set<Ipv6>();
  /** How many single addresses are taken in a /80, by its place in the subnet. */
  #singlesByPrefix = new Map<number, number>();
  /** Taken /80s, by place in the subnet. */
  #prefixes = new Set<number>();
  /** The three above belong to several clones until one of them writes. */
  #shared = false;
  #withheld: readonly Cidr6[] = [];

  /**
   * An empty map; `from` makes a copy instead (see {@link SparseAddressMap.clone}).
   *
   * @param cidr  the subnet's block, /44 to /80 (EC2 allows /44 to /64); host bits are cleared
   * @throws RangeError when the block is wider or narrower
   */
  constructor(cidr: Cidr6, from?: SparseAddressMap) {
    const sound = cidr.bits >= 44 && cidr.bits <= PREFIX_BITS;
    invariant(sound, `${formatCidr(cidr)} is not a /44 to /${PREFIX_BITS}`);
    this.cidr = canonicalCidr(cidr);
    this.prefixCount = 2 ** (PREFIX_BITS - cidr.bits);
    if (from === undefined) return;
    this.#singles = from.#singles;
    this.#singlesByPrefix = from.#singlesByPrefix;
    this.#prefixes = from.#prefixes;
    this.#withheld = from.#withheld;
    this.#shared = true;
    from.#shared = true;
  }

  /** An independent copy; nothing is copied until one of the two is written. */
  clone(): SparseAddressMap {
    return new SparseAddressMap(this.cidr, this);
  }

  /** True when the address is in the subnet and nobody has it or the /80 around it. */
  isFree(ip: Ipv6): boolean {
    if (!contains(this.cidr, ip)) return false;
    return !this.#singles.has(ip) && !this.#prefixes.has(this.#placeOf(ip));
  }

  /** True when the /80 at `prefix` is in the subnet and nothing in it is taken. */
  isFreePrefix(prefix: Ipv6): boolean {
    return this.#isPrefix(prefix) && this.#isFreePlace(this.#placeOf(prefix));
  }

  /**
   * Takes one address, withheld or not.
   *
   * @returns false, and changes nothing, when it or the /80 around it is taken
   * @throws RangeError when the address lies outside the subnet
   */
  take(ip: Ipv6): boolean {
    this.#requireInside(ip);
    if (!this.isFree(ip)) return false;
    this.#own();
    const place = this.#placeOf(ip);
    this.#singles.add(ip);
    this.#singlesByPrefix.set(place, (this.#singlesByPrefix.get(place) ?? 0) + 1);
    return true;
  }

  /**
   * Gives one single address back.
   *
   * @returns false, and changes nothing, when it was not taken as a single address
   * @throws RangeError when the address lies outside the subnet
   */
  release(ip: Ipv6): boolean {
    this.#requireInside(ip);
    if (!this.#singles.has(ip)) return false;
    this.#own();
    const place = this.#placeOf(ip);
    const left = this.#singlesByPrefix.get(place)! - 1;
    this.#singles.delete(ip);
    if (left === 0) this.#singlesByPrefix.delete(place);
    else this.#singlesByPrefix.set(place, left);
    return true;
  }

  /**
   * Takes the whole /80 whose lowest address is `prefix`, withheld or not.
   *
   * @returns false, and changes nothing, when the /80 or an address in it is taken
   * @throws RangeError when `prefix` is not the start of a /80 inside the subnet
   */
  takePrefix(prefix: Ipv6): boolean {
    this.#requirePrefix(prefix);
    const place = this.#placeOf(prefix);
    if (!this.#isFreePlace(place)) return false;
    this.#own();
    this.#prefixes.add(place);
    return true;
  }

  /**
   * Gives a /80 back.
   *
   * @returns false, and changes nothing, when it was not taken as a /80
   * @throws RangeError when `prefix` is not the start of a /80 inside the subnet
   */
  releasePrefix(prefix: Ipv6): boolean {
    this.#requirePrefix(prefix);
    const place = this.#placeOf(prefix);
    if (!this.#prefixes.has(place)) return false;
    this.#own();
    return this.#prefixes.delete(place);
  }

  /** Keeps a range from {@link pick} and {@link pickPrefix} of the whole subnet. */
  withhold(range: Cidr6): void {
    this.#withheld = [...this.#withheld, canonicalCidr(this.#partOf(range))];
  }

  /** Ends one {@link withhold} of exactly this range; other ranges stay. */
  unwithhold(range: Cidr6): void {
    this.#withheld = this.#withheld.filter((kept) => !sameCidr(kept, range));
  }

  /** Addresses nobody has, withheld ones included. */
  freeCount(): bigint {
    const taken = BigInt(this.#singles.size) + BigInt(this.#prefixes.size) * PREFIX_SIZE;
    return sizeOf(this.cidr) - taken;
  }

  /** Wholly free /80s, withheld ones included. */
  freePrefixCount(): number {
    return this.prefixCount - this.#prefixes.size - this.#singlesByPrefix.size;
  }

  /**
   * A free address at or after the place the random bits name, not withheld.
   *
   * @param randomBits  any non-negative bigint; reduced modulo the size of the range
   * @param range       picks inside this part of the subnet instead, withheld or not
   * @returns undefined when nothing is left
   */
  pick(randomBits: bigint, range?: Cidr6): Ipv6 | undefined {
    const kept = range === undefined ? this.#withheld : [];
    const within = this.#partOf(range);
    const first = firstAddress(within);
    const start = first + (randomBits % sizeOf(within));
    return (
      this.#firstFree(start, lastAddress(within), kept) ?? this.#firstFree(first, start - 1n, kept)
    );
  }

  /**
   * The lowest address of a wholly free /80 at or after the place the random bits name.
   *
   * @param randomBits  any non-negative bigint; reduced modulo the number of /80s
   * @param range       picks inside this part of the subnet instead, withheld or not
   * @returns undefined when no /80 is left, or the range is narrower than one
   */
  pickPrefix(randomBits: bigint, range?: Cidr6): Ipv6 | undefined {
    const kept = range === undefined ? this.#withheld : [];
    const within = this.#partOf(range);
    if (within.bits > PREFIX_BITS) return undefined;
    const first = this.#placeOf(firstAddress(within));
    const last = this.#placeOf(lastAddress(within));
    const start = first + Number(randomBits % BigInt(last - first + 1));
    const place =
      this.#firstFreePlace(start, last, kept) ?? this.#firstFreePlace(first, start - 1, kept);
    return place === undefined ? undefined : this.#prefixAt(place);
  }

  /** The lowest pickable address of from..to. */
  #firstFree(from: Ipv6, to: Ipv6, kept: readonly Cidr6[]): Ipv6 | undefined {
    for (let ip = from; ip <= to; ) {
      const end = this.#endOfObstacle(ip, kept);
      if (end === undefined) return ip;
      ip = end + 1n;
    }
    return undefined;
  }

  /** The lowest pickable /80 of from..to, by place. */
  #firstFreePlace(from: number, to: number, kept: readonly Cidr6[]): number | undefined {
    for (let place = from; place <= to; ) {
      const block = cidr6(this.#prefixAt(place), PREFIX_BITS);
      const keeper = kept.find((range) => overlaps(range, block));
      if (keeper === undefined && this.#isFreePlace(place)) return place;
      // A withheld range may hold billions of /80s: leave it in one step.
      place = keeper === undefined ? place + 1 : this.#placeOf(lastAddress(keeper)) + 1;
    }
    return undefined;
  }

  /** The whole subnet, or the part of it the caller names. */
  #partOf(range: Cidr6 | undefined): Cidr6 {
    if (range === undefined) return this.cidr;
    const inside = containsCidr(this.cidr, range);
    invariant(inside, `${formatCidr(range)} is outside ${formatCidr(this.cidr)}`);
    return range;
  }

  #prefixAt(place: number): Ipv6 {
    return this.cidr.first + (BigInt(place) << HOST_BITS);
  }

  /** The last address of whatever makes `ip` unpickable; undefined when it can be picked. */
  #endOfObstacle(ip: Ipv6, kept: readonly Cidr6[]): Ipv6 | undefined {
    const keeper = kept.find((range) => contains(range, ip));
    if (keeper !== undefined) return lastAddress(keeper);
    if (this.#prefixes.has(this.#placeOf(ip))) return lastAddress(cidr6(ip, PREFIX_BITS));
    return this.#singles.has(ip) ? ip : undefined;
  }

  #isFreePlace(place: number): boolean {
    return !this.#prefixes.has(place) && !this.#singlesByPrefix.has(place);
  }

  /** Which /80 of the subnet, counted from 0, an address lies in. */
  #placeOf(ip: Ipv6): number {
    return Number((ip - this.cidr.first) >> HOST_BITS);
  }

  #isPrefix(prefix: Ipv6): boolean {
    return contains(this.cidr, prefix) && (prefix & (PREFIX_SIZE - 1n)) === 0n;
  }

  #requireInside(ip: Ipv6): void {
    const inside = contains(this.cidr, ip);
    if (!inside)
      invariant(false, `${formatCidr(cidr6(ip, 128))} is outside ${formatCidr(this.cidr)}`);
  }

  #requirePrefix(prefix: Ipv6): void {
    if (this.#isPrefix(prefix)) return;
    const text = formatCidr(cidr6(prefix, PREFIX_BITS));
    invariant(false, `${text} is no /${PREFIX_BITS} of ${formatCidr(this.cidr)}`);
  }

  /** Copies the sets before the first write after a clone. */
  #own(): void {
    if (!this.#shared) return;
    this.#singles = new Set(this.#singles);
    this.#singlesByPrefix = new Map(this.#singlesByPrefix);
    this.#prefixes = new Set(this.#prefixes);
    this.#shared = false;
  }
}
