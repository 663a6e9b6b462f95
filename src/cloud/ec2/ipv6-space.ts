/**
 * cloud/ec2/ipv6-space — one subnet's IPv6 addresses and /80 prefixes, as cloud/ec2/subnet-map is
 * for IPv4. A /64 never runs out, so there is no count to keep exact.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import {
  type Cidr6,
  contains,
  firstAddress,
  formatIpv6,
  type Ipv6,
  lastAddress,
  PREFIX_BITS,
  parseCidr6,
  parseIpv6,
  SparseAddressMap,
} from '../../net/index.ts';
import type { Random } from '../../sim/random.ts';
import {
  type AddressChoice,
  addressInUse,
  addressOutside,
  insufficientAddresses,
  insufficientBlocks,
} from './address-error.ts';

interface Reservation {
  readonly range: Cidr6;
  readonly type: 'prefix' | 'explicit';
}

/** The lowest four addresses and the highest of a subnet are AWS's in IPv6 as well. */
const RESERVED_FIRST = 4n;

export class Ipv6Space {
  readonly #map: SparseAddressMap;
  readonly #reservations: readonly Reservation[];
  readonly #random: Random;
  readonly #sequential: boolean;
  #claimed: Ipv6[] = [];
  #claimedPrefixes: Ipv6[] = [];

  constructor(
    block: Cidr6,
    reservations: readonly Reservation[],
    random: Random,
    choice: AddressChoice,
  ) {
    this.#map = new SparseAddressMap(block);
    this.#reservations = reservations;
    this.#random = random;
    this.#sequential = choice === 'sequential';
    for (let i = 0n; i < RESERVED_FIRST; i++) this.#map.take(firstAddress(this.#map.cidr) + i);
    this.#map.take(lastAddress(this.#map.cidr));
    for (const { range } of reservations) this.#map.withhold(range);
  }

  hold(eni: NetworkInterface): void {
    for (const ip of this.#mine(eni.ipv6Addresses.map(parseIpv6))) this.#map.take(ip);
    for (const first of this.#mine(eni.ipv6Prefixes.map(prefixStart))) this.#map.takePrefix(first);
  }

  release(eni: NetworkInterface): void {
    for (const ip of this.#mine(eni.ipv6Addresses.map(parseIpv6))) this.#map.release(ip);
    for (const first of this.#mine(eni.ipv6Prefixes.map(prefixStart)))
      this.#map.releasePrefix(first);
  }

  claimAddress(address: string): true | AwsError {
    const ip = parseIpv6(address);
    if (ip === undefined || !contains(this.#map.cidr, ip)) return addressOutside(address);
    if (!this.#map.take(ip)) return addressInUse(address);
    this.#claimed.push(ip);
    return true;
  }

  claimAddresses(count: number): readonly string[] | AwsError {
    const chosen: string[] = [];
    for (let i = 0; i < count; i++) {
      const ip = this.#map.pick(this.#bits());
      if (ip === undefined) return insufficientAddresses();
      this.#map.take(ip);
      this.#claimed.push(ip);
      chosen.push(formatIpv6(ip));
    }
    return chosen;
  }

  claimPrefix(prefix: string): true | AwsError {
    const first = prefixStart(prefix);
    if (first === undefined || !contains(this.#map.cidr, first)) return addressOutside(prefix);
    if (!this.#map.isFreePrefix(first)) return addressInUse(prefix);
    this.#map.takePrefix(first);
    this.#claimedPrefixes.push(first);
    return true;
  }

  claimPrefixes(count: number): readonly string[] | AwsError {
    const chosen: string[] = [];
    for (let i = 0; i < count; i++) {
      const first = this.#nextPrefix();
      if (first === undefined) {
        return insufficientBlocks();
      }
      this.#map.takePrefix(first);
      this.#claimedPrefixes.push(first);
      chosen.push(`${formatIpv6(first)}/${PREFIX_BITS}`);
    }
    return chosen;
  }

  endClaims(): void {
    for (const ip of this.#claimed) this.#map.release(ip);
    for (const first of this.#claimedPrefixes) this.#map.releasePrefix(first);
    this.#claimed = [];
    this.#claimedPrefixes = [];
  }

  #nextPrefix(): Ipv6 | undefined {
    for (const { range, type } of this.#reservations) {
      if (type !== 'prefix') continue;
      const first = this.#map.pickPrefix(this.#bits(), range);
      if (first !== undefined) return first;
    }
    return this.#map.pickPrefix(this.#bits());
  }

  /** 64 random bits: as many as a /64 has room for. */
  #bits(): bigint {
    if (this.#sequential) return 0n;
    return (BigInt(this.#random.int(2 ** 32)) << 32n) | BigInt(this.#random.int(2 ** 32));
  }

  #mine(addresses: readonly (Ipv6 | undefined)[]): Ipv6[] {
    return addresses.filter((ip): ip is Ipv6 => ip !== undefined && contains(this.#map.cidr, ip));
  }
}

function prefixStart(prefix: string): Ipv6 | undefined {
  const cidr = parseCidr6(prefix);
  return cidr === undefined || cidr.bits !== PREFIX_BITS ? undefined : firstAddress(cidr);
}
