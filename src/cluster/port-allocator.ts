/**
 * cluster/port-allocator — node ports of the cluster.
 *
 * Upstream: kubernetes/kubernetes@2e090810 pkg/registry/core/service/portallocator/allocator.go:
 * a static band of clamp(size/32, 16, 128) ports at the bottom is kept for people to pick from.
 */
import type { Random } from '../sim/random.ts';
import { staticBand } from './ip-allocator.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** --service-node-port-range's default. */
export const NODE_PORTS: PortRange = { first: 30_000, last: 32_767 };

export class PortAllocator {
  readonly range: PortRange;
  readonly #random: Random;
  readonly #used = new Set<number>();
  readonly #dynamic: number;

  constructor(range: PortRange, random: Random) {
    this.range = range;
    this.#random = random;
    const size = range.last - range.first + 1;
    this.#dynamic = range.first + staticBand(size, 16, 128, 32);
  }

  has(port: number): boolean {
    return this.#used.has(port);
  }

  take(port: number): 'taken' | 'already allocated' | 'not in range' {
    if (port < this.range.first || port > this.range.last) return 'not in range';
    if (this.#used.has(port)) return 'already allocated';
    this.#used.add(port);
    return 'taken';
  }

  /** Takes a free port: the dynamic band first. */
  next(): number | undefined {
    const port =
      this.#scan(this.#dynamic, this.range.last) ?? this.#scan(this.range.first, this.#dynamic - 1);
    if (port !== undefined) this.#used.add(port);
    return port;
  }

  release(port: number): void {
    this.#used.delete(port);
  }

  #scan(first: number, last: number): number | undefined {
    const count = last - first + 1;
    if (count < 1) return undefined;
    const start = this.#random.int(count);
    for (let i = 0; i < count; i++) {
      const port = first + ((start + i) % count);
      if (!this.#used.has(port)) return port;
    }
    return undefined;
  }
}
