/**
 * analysis/capacity/subnet-usage — for every subnet: how many addresses it has, who has each, what
 * is free and how that lies.
 *
 * Counts always add up: size = 5 reserved + used by kind + free. An idle secondary address of a
 * node is `warm`, or `cooling` while ipamd keeps it back; the idle part of a /28 is `prefix-idle`.
 * Reads: subnets, ENIs, pods, pod sandboxes, ipamd's pools.  Writes: nothing.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { RESERVED_PER_SUBNET, type Subnet } from '../../model/ec2/subnet.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import {
  type AddressMap,
  BLOCK_SIZE,
  firstAddress,
  formatIpv4,
  type Ipv4,
  parseCidr4,
  parseIpv4,
} from '../../net/index.ts';
import { ADDRESS_USES, type AddressUse, useOfEni } from './address-user.ts';
import { emptySubnetMap, type Fragmentation, fragmentation } from './fragmentation.ts';
import { type CapacitySource, holdsResources } from './question.ts';

/** Addresses of one user of a subnet: an ENI that is no node's, or all ENIs of one node. */
interface AddressHolder {
  /** Node name, or ENI id. */
  readonly holder: string;
  readonly use: AddressUse;
  readonly addresses: number;
  readonly because: string;
  /** The ENI's, when it is no node's. */
  readonly description?: string | undefined;
}

export interface SubnetUsage {
  readonly subnetId: string;
  /** The Name tag. */
  readonly name?: string | undefined;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly cidr: string;
  readonly size: number;
  readonly reserved: number;
  readonly used: number;
  /** Only uses that occur; adds up to `used`. */
  readonly usedBy: Readonly<Partial<Record<AddressUse, number>>>;
  readonly free: number;
  /** Free, but inside a CIDR reservation: EC2 gives them out only for prefixes or by name. */
  readonly freeInReservations: number;
  /** Delegated /28 prefixes. */
  readonly prefixes: number;
  readonly fragmentation: Fragmentation;
  /** Most addresses first. */
  readonly holders: readonly AddressHolder[];
}

/** A subnet with its map of taken addresses: what further questions work on. */
export interface SubnetLedger {
  readonly subnet: Subnet;
  readonly map: AddressMap;
  readonly usage: SubnetUsage;
  /** /28 blocks that hold nobody's address but nodes': whole again once the nodes are replaced. */
  readonly blocksWithoutNodes: number;
}

/** Uses that come and go with a node. */
const NODE_USES: ReadonlySet<AddressUse> = new Set<AddressUse>([
  'node-primary',
  'eni-primary',
  'trunk-eni',
  'pod',
  'warm',
  'cooling',
  'prefix-idle',
]);

/** Addresses nodes and their pools have, or could have: all but the reserved and everyone else's. */
export function addressesForNodes({ usage }: SubnetLedger): number {
  let addresses = usage.free - usage.freeInReservations;
  for (const [use, count] of Object.entries(usage.usedBy))
    if (NODE_USES.has(use as AddressUse)) addresses += count;
  return addresses;
}

/** Addresses of pods, and how many on each ENI no pod may have yet. */
export interface AddressOwners {
  readonly pods: ReadonlySet<string>;
  readonly coolingByEni: ReadonlyMap<string, number>;
  /** Keys of pods on Fargate nodes, by address. */
  readonly fargatePods: ReadonlyMap<string, string>;
}

/** Who has which pod address: CNI results first, pods' status where there are none. */
export function addressOwners(source: CapacitySource): AddressOwners {
  const pods = new Set<string>();
  for (const sandbox of source.store.list('node/pod-sandbox'))
    for (const { address } of sandbox.interfaces) pods.add(address);
  const fargatePods = new Map<string, string>();
  for (const pod of source.store.list('Pod')) {
    const ip = pod.status?.podIP;
    if (ip === undefined || pod.spec.hostNetwork === true) continue;
    if (holdsResources(pod)) pods.add(ip);
    if (pod.spec.nodeName?.startsWith('fargate-') === true) fargatePods.set(ip, keyOf(pod));
  }
  const coolingByEni = new Map<string, number>();
  for (const node of source.store.list('Node'))
    for (const eni of source.nodePools(node.metadata.name)?.enis ?? [])
      if (eni.cooling > 0) coolingByEni.set(eni.networkInterfaceId, eni.cooling);
  return { pods, coolingByEni, fargatePods };
}

/** Subnets in the order of their blocks, whatever order files or exports had. */
function byBlock(a: Subnet, b: Subnet): number {
  const [left, right] = [parseCidr4(a.cidrBlock), parseCidr4(b.cidrBlock)];
  return left === undefined || right === undefined ? 0 : left.first - right.first;
}

/** The ledger of every IPv4 subnet, or of those named, in the order of their blocks. */
export function subnetLedgers(
  source: CapacitySource,
  subnets: readonly Subnet[] = source.store.list('ec2/subnet'),
): readonly SubnetLedger[] {
  const owners = addressOwners(source);
  const ledgers: SubnetLedger[] = [];
  for (const subnet of subnets.toSorted(byBlock)) {
    const ledger = ledgerOf(source, subnet, owners);
    if (ledger !== undefined) ledgers.push(ledger);
  }
  return ledgers;
}

/** Counts addresses of one subnet by use and by holder. */
class UseCounter {
  readonly counts = new Map<AddressUse, number>();
  readonly holders = new Map<string, AddressHolder>();
  prefixes = 0;

  add(use: AddressUse, count: number): void {
    if (count > 0) this.counts.set(use, (this.counts.get(use) ?? 0) + count);
  }

  hold(more: AddressHolder): void {
    const before = this.holders.get(more.holder) ?? { ...more, addresses: 0 };
    this.holders.set(more.holder, { ...before, addresses: before.addresses + more.addresses });
  }
}

function ledgerOf(
  source: CapacitySource,
  subnet: Subnet,
  owners: AddressOwners,
): SubnetLedger | undefined {
  const block = parseCidr4(subnet.cidrBlock);
  if (block === undefined) return undefined;
  const map = emptySubnetMap(subnet, block);
  const counter = new UseCounter();
  const delegated = new Set<Ipv4>();
  const spoilt = new Set<Ipv4>([map.cidr.first, map.cidr.first + map.size - BLOCK_SIZE]);
  for (const eni of source.store.lookup('ec2/network-interface', 'subnet', subnet.subnetId))
    countEni(source, eni, { map, counter, delegated, spoilt, owners });
  const free = map.freeCount();
  const usedBy: Partial<Record<AddressUse, number>> = {};
  for (const use of ADDRESS_USES) {
    const count = counter.counts.get(use);
    if (count !== undefined) usedBy[use] = count;
  }
  const usage: SubnetUsage = {
    subnetId: subnet.subnetId,
    name: subnet.tags.Name,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    cidr: subnet.cidrBlock,
    size: map.size,
    reserved: RESERVED_PER_SUBNET,
    used: map.size - RESERVED_PER_SUBNET - free,
    usedBy,
    free,
    freeInReservations: free - map.assignableCount(),
    prefixes: counter.prefixes,
    fragmentation: fragmentation(subnet, map, delegated),
    holders: [...counter.holders.values()].toSorted((a, b) => b.addresses - a.addresses),
  };
  return { subnet, map, usage, blocksWithoutNodes: map.size / BLOCK_SIZE - spoilt.size };
}

interface Books {
  readonly map: AddressMap;
  readonly counter: UseCounter;
  readonly delegated: Set<Ipv4>;
  /** First addresses of blocks that can be no node's prefix: others are in them. */
  readonly spoilt: Set<Ipv4>;
  readonly owners: AddressOwners;
}

function countEni(source: CapacitySource, eni: NetworkInterface, books: Books): void {
  const { map, counter, delegated, spoilt, owners } = books;
  const { use, nodeName, because } = useOfEni(source.store, eni, owners.fargatePods);
  const servesPods = use === 'node-primary' || use === 'eni-primary';
  let addresses = 0;
  let pods = 0;
  let idle = 0;
  for (const { address, primary } of eni.privateIpAddresses) {
    const ip = parseIpv4(address);
    // An address outside the block, or held twice, can only come from a bad export: not counted.
    if (ip === undefined || !map.isFree(ip)) continue;
    map.take(ip);
    if (!NODE_USES.has(use)) spoilt.add(ip - (ip % BLOCK_SIZE));
    addresses++;
    if (primary || !servesPods) counter.add(use, 1);
    else if (owners.pods.has(address)) pods++;
    else idle++;
  }
  let prefixIdle = 0;
  for (const prefix of eni.ipv4Prefixes) {
    const block = parseCidr4(prefix);
    if (block === undefined || !map.isFreeBlock(firstAddress(block))) continue;
    const first = firstAddress(block);
    map.takeBlock(first);
    delegated.add(first);
    if (!NODE_USES.has(use)) spoilt.add(first);
    counter.prefixes++;
    addresses += BLOCK_SIZE;
    if (servesPods) {
      const podsHere = podsIn(first, owners);
      pods += podsHere;
      prefixIdle += BLOCK_SIZE - podsHere;
    } else counter.add(use, BLOCK_SIZE);
  }
  const cooling = Math.min(idle + prefixIdle, owners.coolingByEni.get(eni.networkInterfaceId) ?? 0);
  const coolingSingles = Math.min(idle, cooling);
  counter.add('pod', pods);
  counter.add('cooling', cooling);
  counter.add('warm', idle - coolingSingles);
  counter.add('prefix-idle', prefixIdle - (cooling - coolingSingles));
  if (addresses === 0) return;
  const description =
    nodeName === undefined && eni.description !== '' ? eni.description : undefined;
  const holder = nodeName ?? eni.networkInterfaceId;
  counter.hold({ holder, use, addresses, because, description });
}

function podsIn(first: Ipv4, owners: AddressOwners): number {
  let pods = 0;
  for (let ip = first; ip < first + BLOCK_SIZE; ip++) if (owners.pods.has(formatIpv4(ip))) pods++;
  return pods;
}
