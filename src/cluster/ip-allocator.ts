/**
 * cluster/ip-allocator — ClusterIPs of one service block.
 *
 * Upstream: kubernetes/kubernetes@2e090810 pkg/registry/core/service/ipallocator/ipallocator.go.
 * The network address is never given out, nor IPv4's broadcast address. Automatic addresses come
 * from the upper band, so that people may pick from the lower one; the lower is used when the upper
 * is full.
 */
import {
  addressAt,
  type Cidr,
  contains,
  formatCidr,
  formatIp,
  type Ip,
  sizeOf,
} from '../net/index.ts';
import type { Random } from '../sim/random.ts';

/** Offsets counted from the block's network address; an IPv6 block uses its first 2^31 at most. */
const OFFSETS_MAX = 2 ** 31;

export class IpAllocator {
  readonly cidr: Cidr;
  readonly #random: Random;
  readonly #used = new Set<Ip>();
  /** The highest offset that may be given. */
  readonly #last: number;
  /** The first offset of the dynamic band. */
  readonly #dynamic: number;

  constructor(cidr: Cidr, random: Random) {
    this.cidr = cidr;
    this.#random = random;
    const total = Number(sizeOf(cidr));
    // ipallocator.go:83: IPv4 keeps the broadcast address back, IPv6 has none.
    const usable = cidr.family === 4 ? total - 2 : Math.min(total, OFFSETS_MAX) - 1;
    this.#last = Math.max(usable, 1);
    this.#dynamic = 1 + staticBand(this.#last, 16, 256, 16);
  }

  /** How many addresses are taken. */
  get used(): number {
    return this.#used.size;
  }

  has(ip: Ip): boolean {
    return this.#used.has(ip);
  }

  /** Takes a given address; says why not. */
  take(ip: Ip): 'taken' | 'already allocated' | 'not in range' {
    if (!contains(this.cidr, ip) || !this.#isUsable(ip)) return 'not in range';
    if (this.#used.has(ip)) return 'already allocated';
    this.#used.add(ip);
    return 'taken';
  }

  /** Takes a free address: a random start in the dynamic band, then the next free one. */
  next(): Ip | undefined {
    const upper = this.#last - this.#dynamic + 1;
    const found =
      (upper > 0 ? this.#scan(this.#dynamic, this.#last) : undefined) ??
      this.#scan(1, this.#dynamic - 1);
    if (found !== undefined) this.#used.add(found);
    return found;
  }

  release(ip: Ip): void {
    this.#used.delete(ip);
  }

  /** `The range of valid IPs is 10.100.0.0/16`. */
  get rangeText(): string {
    return `The range of valid IPs is ${formatCidr(this.cidr)}`;
  }

  #scan(first: number, last: number): Ip | undefined {
    const count = last - first + 1;
    if (count < 1) return undefined;
    const start = this.#random.int(count);
    for (let i = 0; i < count; i++) {
      const ip = addressAt(this.cidr as never, first + ((start + i) % count)) as Ip;
      if (!this.#used.has(ip)) return ip;
      if (i > this.#used.size) return undefined;
    }
    return undefined;
  }

  #isUsable(ip: Ip): boolean {
    const offset = Number(BigInt(ip) - BigInt(addressAt(this.cidr as never, 0) as Ip));
    return offset >= 1 && offset <= this.#last;
  }

  /** For tests and messages: the bounds of the dynamic band as text. */
  get dynamicBand(): readonly [first: string, last: string] {
    const at = (offset: number): string => formatIp(addressAt(this.cidr as never, offset) as Ip);
    return [at(this.#dynamic), at(this.#last)];
  }
}

/**
 * How many of a range's lowest values are kept for people to pick: 0 when the range is small, else
 * size/step within [min, max] (ipallocator.go calculateRangeOffset).
 */
export function staticBand(size: number, min: number, max: number, step: number): number {
  if (size <= min) return 0;
  return Math.min(Math.max(Math.floor(size / step), min), max);
}
