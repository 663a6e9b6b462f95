/**
 * datapath/vpc/interface-addresses — which interface has an address: single ones, those within a
 * delegated prefix, IPv6, and public ones. Follows the store: a change costs what changed.
 */
import type { NetworkInterface, PublicAddress } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type Cidr, type Ip, PrefixTrie, parseCidr, parseIp } from '../../net/index.ts';

/** One interface with its addresses as numbers. */
export interface Holder {
  readonly eni: NetworkInterface;
  readonly addresses: readonly Ip[];
  readonly prefixes: readonly Cidr[];
  /** Public addresses by the private one each stands for. */
  readonly publics: ReadonlyMap<Ip, PublicAddress>;
}

export interface PublicHolder {
  readonly holder: Holder;
  readonly privateAddress: Ip;
}

interface OfVpc {
  readonly addresses: Map<Ip, Holder>;
  readonly prefixes: PrefixTrie<Holder>;
}

const NO_PUBLICS: ReadonlyMap<Ip, PublicAddress> = new Map();

const sound = <Value>(values: readonly (Value | undefined)[]): Value[] =>
  values.filter((value) => value !== undefined);

function holderOf(eni: NetworkInterface): Holder {
  const publics = new Map<Ip, PublicAddress>();
  for (const { address, public: open } of eni.privateIpAddresses) {
    const ip = open === undefined ? undefined : parseIp(address);
    if (ip !== undefined) publics.set(ip, open!);
  }
  return {
    eni,
    addresses: sound([
      ...eni.privateIpAddresses.map(({ address }) => parseIp(address)),
      ...eni.ipv6Addresses.map(parseIp),
    ]),
    prefixes: sound([...eni.ipv4Prefixes, ...eni.ipv6Prefixes].map(parseCidr)),
    publics: publics.size === 0 ? NO_PUBLICS : publics,
  };
}

export class InterfaceAddresses {
  readonly #store: TwinStore;
  readonly #holders = new Map<string, Holder>();
  readonly #vpcs = new Map<string, OfVpc>();
  readonly #publics = new Map<Ip, PublicHolder>();
  readonly #changed = new Set<string>();

  constructor(store: TwinStore) {
    this.#store = store;
    for (const { value } of store.entries('ec2/network-interface')) this.#add(value);
    store.subscribe('ec2/network-interface', ({ key }) => this.#changed.add(key));
  }

  /** The interface of an id. */
  holder(networkInterfaceId: string): Holder | undefined {
    this.#follow();
    return this.#holders.get(networkInterfaceId);
  }

  /** The interface that has a private or IPv6 address in a VPC. */
  at(vpcId: string, ip: Ip): Holder | undefined {
    this.#follow();
    const vpc = this.#vpcs.get(vpcId);
    return vpc?.addresses.get(ip) ?? vpc?.prefixes.longestMatch(ip)?.value;
  }

  /** Interfaces of any VPC that have the address; more than one where VPCs overlap. */
  everywhere(ip: Ip): readonly Holder[] {
    this.#follow();
    return sound([...this.#vpcs.keys()].map((vpcId) => this.at(vpcId, ip)));
  }

  /** The interface a public IPv4 address stands for. */
  byPublic(ip: Ip): PublicHolder | undefined {
    this.#follow();
    return this.#publics.get(ip);
  }

  #follow(): void {
    if (this.#changed.size === 0) return;
    for (const key of this.#changed) {
      const held = this.#holders.get(key);
      if (held !== undefined) this.#remove(held);
      const eni = this.#store.get('ec2/network-interface', key);
      if (eni !== undefined) this.#add(eni);
    }
    this.#changed.clear();
  }

  #add(eni: NetworkInterface): void {
    const holder = holderOf(eni);
    this.#holders.set(eni.networkInterfaceId, holder);
    let vpc = this.#vpcs.get(eni.vpcId);
    if (vpc === undefined) {
      vpc = { addresses: new Map(), prefixes: new PrefixTrie() };
      this.#vpcs.set(eni.vpcId, vpc);
    }
    for (const ip of holder.addresses) vpc.addresses.set(ip, holder);
    for (const cidr of holder.prefixes) vpc.prefixes.insert(cidr, holder);
    for (const [privateAddress, { publicIp }] of holder.publics) {
      const ip = parseIp(publicIp);
      if (ip !== undefined) this.#publics.set(ip, { holder, privateAddress });
    }
  }

  #remove(holder: Holder): void {
    this.#holders.delete(holder.eni.networkInterfaceId);
    const vpc = this.#vpcs.get(holder.eni.vpcId);
    for (const ip of holder.addresses)
      if (vpc?.addresses.get(ip) === holder) vpc.addresses.delete(ip);
    for (const cidr of holder.prefixes)
      if (vpc?.prefixes.get(cidr) === holder) vpc.prefixes.delete(cidr);
    for (const { publicIp } of holder.publics.values()) {
      const ip = parseIp(publicIp);
      if (ip !== undefined && this.#publics.get(ip)?.holder === holder) this.#publics.delete(ip);
    }
  }
}
