/**
 * controllers/vpc-cni/cidr-pool — one block of an ENI that pods get addresses from: a secondary
 * address (/32), a delegated prefix (/28) or an IPv6 prefix (/80).
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/data_store.go:96-180, 1230-1290.
 */

import { invariant } from '../../model/invariant.ts';
import { addressAt, type Cidr, formatIp, parseCidr } from '../../net/index.ts';
import type { Millis } from '../../sim/clock.ts';
import { isCooling, type PodAddress } from './address.ts';

export class CidrPool {
  /** As EC2 wrote it: `10.0.1.7/32`, `10.0.1.16/28`, `2001:db8::/80`. */
  readonly cidr: string;
  readonly block: Cidr;
  readonly isPrefix: boolean;
  /** Addresses in the block; all of a /28 are usable, its first and last too. */
  readonly size: number;
  /** Addresses in use or used before, by offset, in the order they were first taken. */
  readonly addresses = new Map<number, PodAddress>();
  /** Addresses with an owner. */
  assigned = 0;
  /** No offset below this one is unused. */
  #lowestUnused = 0;

  constructor(cidr: string, isPrefix: boolean) {
    const block = parseCidr(cidr);
    invariant(block !== undefined, `EC2 gave a block that is none: ${cidr}`);
    this.cidr = cidr;
    this.block = block;
    this.isPrefix = isPrefix;
    this.size = 2 ** ((block.family === 4 ? 32 : 128) - block.bits);
  }

  /** Addresses released less than the cooldown ago. */
  cooling(nowMs: Millis, periodMs: Millis): number {
    if (this.addresses.size === this.assigned) return 0;
    let count = 0;
    for (const address of this.addresses.values()) if (isCooling(address, nowMs, periodMs)) count++;
    return count;
  }

  /**
   * Takes the address to hand out next: the one used before and not cooling that was taken first,
   * else the lowest never used. Undefined when every address is assigned or cooling.
   */
  takeUnused(nowMs: Millis, periodMs: Millis): PodAddress | undefined {
    const offset = this.#forgetCooled(nowMs, periodMs) ?? this.#neverUsed();
    if (offset === undefined) return undefined;
    return this.take(formatIp(addressAt(this.block, offset)), offset);
  }

  /** The record of one address of this block, made if it was never used. */
  take(ip: string, offset: number): PodAddress {
    const known = this.addresses.get(offset);
    if (known !== undefined) return known;
    const address: PodAddress = {
      ip,
      offset,
      owner: undefined,
      metadata: {},
      assignedAtMs: 0,
      unassignedAtMs: undefined,
    };
    this.addresses.set(offset, address);
    return address;
  }

  /** Makes the address never used: an assignment that was taken back. */
  forget(address: PodAddress): void {
    this.addresses.delete(address.offset);
    this.#lowestUnused = Math.min(this.#lowestUnused, address.offset);
  }

  /** Drops every record out of its cooldown; returns the offset of the first of them. */
  #forgetCooled(nowMs: Millis, periodMs: Millis): number | undefined {
    if (this.addresses.size === this.assigned) return undefined;
    let first: number | undefined;
    for (const address of this.addresses.values()) {
      if (address.owner !== undefined || isCooling(address, nowMs, periodMs)) continue;
      first ??= address.offset;
      this.forget(address);
    }
    return first;
  }

  #neverUsed(): number | undefined {
    while (this.#lowestUnused < this.size) {
      if (!this.addresses.has(this.#lowestUnused)) return this.#lowestUnused;
      this.#lowestUnused++;
    }
    return undefined;
  }
}
