/**
 * cloud/ec2/subnet-map — one subnet's IPv4 addresses: who may have which, and which comes next.
 *
 * Wraps net/AddressMap with what EC2 adds: five reserved addresses, CIDR reservations, random
 * choice, and the error each shortage is answered with. Addresses two interfaces have at once (a
 * contradiction an export may hold) are counted, so that the map stays exact when one goes.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet, SubnetCidrReservation } from '../../model/ec2/subnet.ts';
import { invariant } from '../../model/invariant.ts';
import {
  AddressMap,
  BLOCK_SIZE,
  type Cidr4,
  formatIpv4,
  type Ipv4,
  lastAddress,
  parseCidr4,
  parseIpv4,
} from '../../net/index.ts';
import type { Random } from '../../sim/random.ts';
import {
  type AddressChoice,
  addressInUse,
  addressOutside,
  addressReserved,
  insufficientAddresses,
  insufficientBlocks,
} from './address-error.ts';

/** Network, router, DNS and future use: the first four addresses; the last is the fifth. */
const RESERVED_FIRST = 4;

export class SubnetMap {
  readonly #subnetId: string;
  readonly #map: AddressMap;
  readonly #random: Random;
  readonly #sequential: boolean;
  #reservations: readonly { readonly range: Cidr4; readonly type: string }[] = [];
  /** Holders beyond the first, of addresses more than one interface has. */
  readonly #doubles = new Map<Ipv4, number>();
  #claimed: Ipv4[] = [];
  #claimedBlocks: Ipv4[] = [];

  constructor(subnet: Subnet, random: Random, choice: AddressChoice) {
    const cidr = parseCidr4(subnet.cidrBlock);
    invariant(cidr !== undefined, `subnet ${subnet.subnetId} has block ${subnet.cidrBlock}`);
    this.#subnetId = subnet.subnetId;
    this.#random = random;
    this.#sequential = choice === 'sequential';
    this.#map = new AddressMap(cidr);
    for (let i = 0; i < RESERVED_FIRST; i++) this.#map.take(this.#map.cidr.first + i);
    this.#map.take(lastAddress(this.#map.cidr));
    this.reserve(subnet.cidrReservations);
  }

  available(): number {
    return this.#map.freeCount();
  }

  /** A copy of the bitmap as it is, for whoever wants to look at fragmentation. */
  snapshot(): AddressMap {
    return this.#map.clone();
  }

  isFree(address: string): boolean {
    const ip = parseIpv4(address);
    return ip !== undefined && this.#map.isFree(ip);
  }

  /** Sets the reservations; addresses in use stay with who has them. */
  reserve(reservations: readonly SubnetCidrReservation[]): void {
    for (const { range } of this.#reservations) this.#map.unwithhold(range);
    this.#reservations = reservations.flatMap(({ cidr, type }) => {
      const range = parseCidr4(cidr);
      return range === undefined ? [] : [{ range, type }];
    });
    for (const { range } of this.#reservations) this.#map.withhold(range);
  }

  /** Marks everything the interface has as taken. Addresses outside the subnet are left alone. */
  hold(eni: NetworkInterface): void {
    for (const { address } of eni.privateIpAddresses) this.#hold(parseIpv4(address));
    for (const prefix of eni.ipv4Prefixes) {
      const block = parseCidr4(prefix)?.first;
      if (block === undefined || !this.#inside(block)) continue;
      if (this.#isWholeBlock(block) && this.#map.takeBlock(block)) continue;
      for (let i = 0; i < BLOCK_SIZE; i++) this.#hold(block + i);
    }
  }

  /** The inverse of {@link SubnetMap.hold}. */
  release(eni: NetworkInterface): void {
    for (const { address } of eni.privateIpAddresses) this.#release(parseIpv4(address));
    for (const prefix of eni.ipv4Prefixes) {
      const block = parseCidr4(prefix)?.first;
      if (block === undefined || !this.#inside(block)) continue;
      const alone = this.#doubles.size === 0 && this.#isWholeBlock(block);
      if (alone && this.#map.releaseBlock(block)) continue;
      for (let i = 0; i < BLOCK_SIZE; i++) this.#release(block + i);
    }
  }

  claimAddress(address: string): true | AwsError {
    const ip = parseIpv4(address);
    if (ip === undefined)
      return awsError('InvalidParameterValue', `invalid value for parameter address: ${address}`);
    if (!this.#inside(ip)) return addressOutside(address);
    if (this.#isReserved(ip)) {
      return addressReserved(address);
    }
    if (!this.#map.take(ip)) return addressInUse(address);
    this.#claimed.push(ip);
    return true;
  }

  claimAddresses(count: number): readonly string[] | AwsError {
    if (this.#map.assignableCount() < count) return insufficientAddresses();
    const chosen: string[] = [];
    for (let i = 0; i < count; i++) {
      const ip = this.#map.nthFree(this.#draw(this.#map.assignableCount()))!;
      this.#map.take(ip);
      this.#claimed.push(ip);
      chosen.push(formatIpv4(ip));
    }
    return chosen;
  }

  claimPrefix(prefix: string): true | AwsError {
    const block = parseCidr4(prefix);
    if (block === undefined || block.bits !== 28 || block.first % BLOCK_SIZE !== 0)
      return awsError('InvalidParameterValue', `The prefix ${prefix} is not a valid /28 prefix.`);
    if (!this.#inside(block.first)) return addressOutside(prefix);
    if (!this.#map.takeBlock(block.first)) return addressInUse(prefix);
    this.#claimedBlocks.push(block.first);
    return true;
  }

  /**
   * Whole /28s: from a prefix reservation that has one, else from the general pool.
   *
   * Too few addresses left for the request is InvalidParameterValue, enough addresses but no whole
   * block InsufficientCidrBlocks (cilium/cilium#31016 quotes AWS support on the difference). A
   * /28 subnet, which can never hold a block, is answered InsufficientCidrBlocks always.
   */
  claimPrefixes(count: number): readonly string[] | AwsError {
    if (this.#map.size > BLOCK_SIZE && this.#map.freeCount() < count * BLOCK_SIZE) {
      return awsError(
        'InvalidParameterValue',
        "There aren't sufficient free Ipv4 addresses or prefixes",
      );
    }
    const chosen: string[] = [];
    for (let i = 0; i < count; i++) {
      const block = this.#nextBlock();
      if (block === undefined) {
        return insufficientBlocks();
      }
      this.#map.takeBlock(block);
      this.#claimedBlocks.push(block);
      chosen.push(`${formatIpv4(block)}/28`);
    }
    return chosen;
  }

  endClaims(): void {
    for (const ip of this.#claimed) this.#map.release(ip);
    for (const block of this.#claimedBlocks) this.#map.releaseBlock(block);
    this.#claimed = [];
    this.#claimedBlocks = [];
  }

  #nextBlock(): Ipv4 | undefined {
    const reserved = this.#reservations
      .filter(({ type }) => type === 'prefix')
      .map(({ range }) => this.#map.freeBlocksIn(range))
      .filter((blocks) => blocks.length > 0);
    if (reserved.length > 0) {
      const blocks = reserved[this.#draw(reserved.length)]!;
      return blocks[this.#draw(blocks.length)];
    }
    const count = this.#map.assignableBlockCount();
    return count === 0 ? undefined : this.#map.nthFreeBlock(this.#draw(count));
  }

  #draw(below: number): number {
    return this.#sequential ? 0 : this.#random.int(below);
  }

  #inside(ip: Ipv4): boolean {
    return ip >= this.#map.cidr.first && ip < this.#map.cidr.first + this.#map.size;
  }

  #isReserved(ip: Ipv4): boolean {
    const offset = ip - this.#map.cidr.first;
    return offset < RESERVED_FIRST || offset === this.#map.size - 1;
  }

  /** A /28 EC2 could have given out: aligned, and without a reserved address. */
  #isWholeBlock(block: Ipv4): boolean {
    const clean = !this.#isReserved(block) && !this.#isReserved(block + BLOCK_SIZE - 1);
    return block % BLOCK_SIZE === 0 && clean;
  }

  #hold(ip: Ipv4 | undefined): void {
    // An export may say that an interface has a reserved address; nobody can take that one.
    if (ip === undefined || !this.#inside(ip) || this.#isReserved(ip)) return;
    if (!this.#map.take(ip)) this.#doubles.set(ip, (this.#doubles.get(ip) ?? 0) + 1);
  }

  #release(ip: Ipv4 | undefined): void {
    if (ip === undefined || !this.#inside(ip) || this.#isReserved(ip)) return;
    const others = this.#doubles.get(ip);
    if (others === undefined) {
      const held = this.#map.release(ip);
      invariant(held, `${formatIpv4(ip)} was taken in ${this.#subnetId}`);
    } else if (others === 1) this.#doubles.delete(ip);
    else this.#doubles.set(ip, others - 1);
  }
}
