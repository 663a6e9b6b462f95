/**
 * twin/reach/sender-class — interfaces whose packets to anywhere fare alike: the same subnet, the
 * same groups, the same way to a public address. An address counts by itself only where a rule
 * tells addresses of the subnet apart. Kept until AWS's network changes.
 *
 * Reads: security groups, network ACLs, prefix lists, route tables, EksCluster.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type Cidr, contains, parseCidr } from '../../net/index.ts';

export class SenderClasses {
  readonly #store: TwinStore;
  readonly #keys = new WeakMap<NetworkInterface, string>();
  /** Every block a rule or a route names. */
  #blocks: readonly Cidr[] | undefined;
  readonly #isSplit = new Map<string, boolean>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** The same text for interfaces whose packets fare alike. */
  keyOf(eni: NetworkInterface): string {
    let key = this.#keys.get(eni);
    if (key === undefined) {
      key = this.#makeKey(eni);
      this.#keys.set(eni, key);
    }
    return key;
  }

  #makeKey(eni: NetworkInterface): string {
    const { subnetId, groups, ipv6Addresses } = eni;
    const { address, public: open } = eni.privateIpAddresses[0]!;
    const parts: string[] = [subnetId, ...[...groups].sort(), String(eni.sourceDestCheck)];
    if (open !== undefined) parts.push(this.#judgesPublic() ? open.publicIp : 'public');
    if (ipv6Addresses.length > 0) parts.push('v6');
    if (this.#splits(subnetId)) parts.push(address, ...ipv6Addresses);
    return parts.join(' ');
  }

  /** Whether the cluster's public endpoint tells public addresses apart. */
  #judgesPublic(): boolean {
    return this.#store
      .list('eks/cluster')
      .some(({ publicAccessCidrs }) => !publicAccessCidrs.includes('0.0.0.0/0'));
  }

  /** Whether some rule is about a part of the subnet. */
  #splits(subnetId: string): boolean {
    let isSplit = this.#isSplit.get(subnetId);
    if (isSplit === undefined) {
      const subnet = this.#store.get('ec2/subnet', subnetId);
      const own = [subnet?.cidrBlock, subnet?.ipv6CidrBlock?.cidrBlock]
        .map((text) => parseCidr(text ?? ''))
        .filter((cidr) => cidr !== undefined);
      this.#blocks ??= namedBlocks(this.#store);
      isSplit = this.#blocks.some((block) => own.some((whole) => isPartOf(block, whole)));
      this.#isSplit.set(subnetId, isSplit);
    }
    return isSplit;
  }
}

const isPartOf = (block: Cidr, whole: Cidr): boolean =>
  block.bits > whole.bits && contains(whole, block.first);

function namedBlocks(store: TwinStore): readonly Cidr[] {
  const texts = new Set<string>();
  for (const { value } of store.entries('ec2/security-group'))
    for (const { peer } of value.rules) if ('cidr' in peer) texts.add(peer.cidr);
  for (const { value } of store.entries('ec2/network-acl'))
    for (const { cidrBlock, ipv6CidrBlock } of value.entries)
      texts.add(cidrBlock ?? ipv6CidrBlock ?? '');
  for (const { value } of store.entries('ec2/prefix-list'))
    for (const { cidr } of value.entries) texts.add(cidr);
  for (const { value } of store.entries('ec2/route-table'))
    for (const { destination } of value.routes)
      if ('cidr' in destination) texts.add(destination.cidr);
  return [...texts].map(parseCidr).filter((cidr) => cidr !== undefined);
}
