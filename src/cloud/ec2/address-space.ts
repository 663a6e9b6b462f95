/**
 * cloud/ec2/address-space — who has which address, subnet by subnet, exact at all times.
 *
 * One map per subnet, kept beside the store and never part of it: built from the subnet's
 * interfaces when first asked for, then moved along by the store's own events, whoever wrote them.
 * So a forked store needs nothing but a new AddressSpace over it.
 *
 * Choice of addresses: eks-defaults §9 "Emulator rule". A reader of the EC2 API cannot tell how
 * EC2 chooses; maintainers of the VPC CNI and of Cilium report random single addresses.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { parseCidr6 } from '../../net/index.ts';
import type { Clock, Signal } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import type { AddressChoice } from './address-error.ts';
import { Ipv6Space } from './ipv6-space.ts';
import { SubnetMap } from './subnet-map.ts';

/**
 * Addresses being chosen for one call. They count as taken between themselves until `end`; the
 * interface that is put with them takes them for good.
 */
export interface Claim {
  /** One address by name. */
  address(address: string): true | AwsError;
  addresses(count: number): readonly string[] | AwsError;
  /** One /28 by name. */
  prefix(prefix: string): true | AwsError;
  prefixes(count: number): readonly string[] | AwsError;
  ipv6Address(address: string): true | AwsError;
  ipv6Addresses(count: number): readonly string[] | AwsError;
  ipv6Prefix(prefix: string): true | AwsError;
  ipv6Prefixes(count: number): readonly string[] | AwsError;
  end(): void;
}

export class AddressSpace {
  readonly #store: TwinStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #choice: AddressChoice;
  readonly #maps = new Map<string, SubnetMap>();
  readonly #ipv6 = new Map<string, Ipv6Space>();
  readonly #freed = new Map<string, Signal>();

  constructor(store: TwinStore, clock: Clock, random: Random, choice: AddressChoice) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#choice = choice;
    store.subscribe('ec2/network-interface', ({ value, previous }) =>
      this.#follow(previous, value),
    );
    store.subscribe('ec2/subnet', ({ value, previous }) => this.#followSubnet(previous, value));
  }

  /** Size − 5 − addresses in use; a /28 prefix counts 16. */
  available(subnet: Subnet): number {
    return this.map(subnet).available();
  }

  /** The subnet's IPv4 map, built when first asked for. */
  map(subnet: Subnet): SubnetMap {
    let map = this.#maps.get(subnet.subnetId);
    if (map === undefined) {
      const random = this.#random.split(`addresses ${subnet.subnetId}`);
      map = new SubnetMap(subnet, random, this.#choice);
      for (const eni of this.#interfaces(subnet.subnetId)) map.hold(eni);
      this.#maps.set(subnet.subnetId, map);
    }
    return map;
  }

  claim(subnet: Subnet): Claim {
    const map = this.map(subnet);
    const ipv6 = () => this.#ipv6Of(subnet);
    return {
      address: (address) => map.claimAddress(address),
      addresses: (count) => map.claimAddresses(count),
      prefix: (prefix) => map.claimPrefix(prefix),
      prefixes: (count) => map.claimPrefixes(count),
      ipv6Address: (address) => ipv6()?.claimAddress(address) ?? noIpv6(subnet),
      ipv6Addresses: (count) => ipv6()?.claimAddresses(count) ?? noIpv6(subnet),
      ipv6Prefix: (prefix) => ipv6()?.claimPrefix(prefix) ?? noIpv6(subnet),
      ipv6Prefixes: (count) => ipv6()?.claimPrefixes(count) ?? noIpv6(subnet),
      end() {
        map.endClaims();
        ipv6()?.endClaims();
      },
    };
  }

  /** Resolves the next time the subnet gets an address back. */
  freed(subnetId: string): Promise<void> {
    let signal = this.#freed.get(subnetId);
    if (signal === undefined) {
      signal = this.#clock.signal();
      this.#freed.set(subnetId, signal);
    }
    return signal.wait();
  }

  #interfaces(subnetId: string): readonly NetworkInterface[] {
    return this.#store.lookup('ec2/network-interface', 'subnet', subnetId);
  }

  #ipv6Of(subnet: Subnet): Ipv6Space | undefined {
    const block = subnet.ipv6CidrBlock?.cidrBlock;
    if (block === undefined) return undefined;
    let space = this.#ipv6.get(subnet.subnetId);
    if (space === undefined) {
      const random = this.#random.split(`ipv6 addresses ${subnet.subnetId}`);
      const reservations = subnet.cidrReservations.flatMap(({ cidr, type }) => {
        const range = parseCidr6(cidr);
        return range === undefined ? [] : [{ range, type }];
      });
      space = new Ipv6Space(parseCidr6(block)!, reservations, random, this.#choice);
      for (const eni of this.#interfaces(subnet.subnetId)) space.hold(eni);
      this.#ipv6.set(subnet.subnetId, space);
    }
    return space;
  }

  #follow(previous: NetworkInterface | undefined, value: NetworkInterface | undefined): void {
    if (previous !== undefined && value !== undefined && sameAddresses(previous, value)) return;
    let freed: string | undefined;
    if (previous !== undefined) {
      const { subnetId } = previous;
      this.#maps.get(subnetId)?.release(previous);
      this.#ipv6.get(subnetId)?.release(previous);
      if (addressCount(previous) > addressCount(value)) freed = subnetId;
    }
    if (value !== undefined) {
      this.#maps.get(value.subnetId)?.hold(value);
      this.#ipv6.get(value.subnetId)?.hold(value);
    }
    if (freed !== undefined) this.#freed.get(freed)?.notify();
  }

  #followSubnet(previous: Subnet | undefined, value: Subnet | undefined): void {
    const id = (value ?? previous)!.subnetId;
    if (value === undefined || value.cidrBlock !== previous?.cidrBlock) this.#maps.delete(id);
    else if (value.cidrReservations !== previous.cidrReservations) {
      this.#maps.get(id)?.reserve(value.cidrReservations);
      if (value.cidrReservations.length < previous.cidrReservations.length)
        this.#freed.get(id)?.notify();
    }
    const blockChanged = value?.ipv6CidrBlock?.cidrBlock !== previous?.ipv6CidrBlock?.cidrBlock;
    if (blockChanged || value?.cidrReservations !== previous?.cidrReservations)
      this.#ipv6.delete(id);
  }
}

const sameAddresses = (a: NetworkInterface, b: NetworkInterface): boolean =>
  a.subnetId === b.subnetId &&
  a.privateIpAddresses === b.privateIpAddresses &&
  a.ipv4Prefixes === b.ipv4Prefixes &&
  a.ipv6Addresses === b.ipv6Addresses &&
  a.ipv6Prefixes === b.ipv6Prefixes;

const addressCount = (eni: NetworkInterface | undefined): number =>
  eni === undefined ? 0 : eni.privateIpAddresses.length + 16 * eni.ipv4Prefixes.length;

const noIpv6 = (subnet: Subnet): AwsError =>
  awsError('InvalidParameterValue', `Subnet ${subnet.subnetId} has no IPv6 CIDR block associated.`);
