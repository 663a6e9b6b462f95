/**
 * analysis/capacity/node-growth — how a node's ipamd gets addresses for one more pod out of subnets
 * that others draw from too: fill the ENIs, then make one, then stop, and why.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:968-1265 (one ENI per pass, a retry
 * with one address, CreateNetworkInterface all or nothing), pkg/awsutils/awsutils.go:1125-1332.
 */
import { ADDRESSES_PER_PREFIX } from '../../controllers/vpc-cni/address-count.ts';
import { chosenEniConfig } from '../../controllers/vpc-cni/eni-config.ts';
import { subnetServesPods } from '../../controllers/vpc-cni/subnet-discovery.ts';
import type { PoolTargets } from '../../model/eks/pool-state.ts';
import { evidence, type Stop } from './evidence.ts';
import type { NodeLedger } from './node-ledger.ts';
import { poolSums } from './node-usage.ts';
import { blocksMissing, type PoolLimits } from './pool-need.ts';
import type { CapacitySource } from './question.ts';
import {
  addressesLeft,
  blocksLeft,
  type SubnetRoom,
  takeAddresses,
  takeBlocks,
  takeEni,
} from './subnet-room.ts';

/** A subnet's room by its id; one node's reckoning and the cluster's use different ones. */
export type SubnetRooms = (subnetId: string) => SubnetRoom | undefined;

/** A node's pool while pods are added in thought. */
export interface NodeGrowth {
  readonly nodeName: string;
  readonly typeName: string;
  readonly targets: PoolTargets;
  readonly limits: PoolLimits;
  /** Blocks that still fit on each ENI that serves pods. */
  readonly enis: { readonly subnetId: string; room: number }[];
  /** ENIs that may still be attached. */
  newEnis: number;
  blocks: number;
  assigned: number;
  /** Subnets new ENIs may be made in, or why none. */
  readonly eniSubnets: readonly string[] | Stop;
  /** Where branch ENIs are made. */
  readonly branchSubnet: string | undefined;
}

const isStop = (value: readonly string[] | Stop): value is Stop => !Array.isArray(value);

/** The node's pool as it is. */
export function startGrowth(source: CapacitySource, ledger: NodeLedger): NodeGrowth {
  const { targets, enis } = ledger.pool;
  const eniSubnets = subnetsForEnis(source, ledger);
  const onCard0 = enis.filter((eni) => eni.networkCard === 0);
  const hasTrunk = onCard0.some((eni) => eni.isTrunk);
  const trunkReserve = targets.podEni && targets.trunkCompatible && !hasTrunk ? 1 : 0;
  const serving = onCard0.filter(
    (eni) => !eni.isTrunk && !eni.excluded && !(targets.customNetworking && eni.isPrimary),
  );
  const { total, assigned } = poolSums(ledger);
  const limits = limitsOf(targets);
  const { blockSize, blocksPerEni } = limits;
  return {
    nodeName: ledger.nodeName,
    typeName: ledger.type?.name ?? 'instance type',
    targets,
    limits,
    enis: serving.map((eni) => ({
      subnetId: eni.subnetId,
      room: Math.max(0, blocksPerEni - eni.blocks.length),
    })),
    newEnis: Math.max(0, targets.maxEnis - targets.unmanagedEnis - trunkReserve - onCard0.length),
    blocks: total / blockSize,
    assigned,
    eniSubnets,
    branchSubnet:
      targets.customNetworking && !isStop(eniSubnets) ? eniSubnets[0] : ledger.instance?.subnetId,
  };
}

/** What one block is, and how many an ENI takes. */
export const limitsOf = (targets: PoolTargets): PoolLimits => ({
  blockSize: targets.prefixDelegation ? ADDRESSES_PER_PREFIX : 1,
  blocksPerEni: targets.maxPrefixesPerEni,
  maxPods: targets.maxPods,
});

function subnetsForEnis({ store }: CapacitySource, ledger: NodeLedger): readonly string[] | Stop {
  const { environment, instance, node, pool } = ledger;
  const primarySubnet = instance?.subnetId ?? pool.enis.find((eni) => eni.isPrimary)?.subnetId;
  if (primarySubnet === undefined) return [];
  if (pool.targets.customNetworking) {
    const { labels = {}, annotations = {} } = node.metadata;
    const config = chosenEniConfig(environment.env, { labels, annotations }, (name) =>
      store.get('ENIConfig', name),
    );
    if (!('problem' in config)) return [config.subnet];
    return {
      kind: 'eniconfig',
      text: `custom networking is on but the node has no ENIConfig: "${config.problem}"`,
      evidence: [evidence(`node ${ledger.nodeName}`, environment.env.eniConfigLabel, '<none>')],
    };
  }
  const primary = store.get('ec2/subnet', primarySubnet);
  if (!environment.env.subnetDiscovery || primary === undefined) return [primarySubnet];
  return store
    .lookup('ec2/subnet', 'vpc', primary.vpcId)
    .filter((it) => it.availabilityZone === primary.availabilityZone)
    .filter((it) =>
      subnetServesPods(it, it.subnetId === primarySubnet, environment.env.clusterName),
    )
    .map((it) => it.subnetId);
}

const missingOf = (growth: NodeGrowth): number =>
  blocksMissing(growth.targets, growth.limits, growth.blocks, growth.assigned);

/** Blocks to ask for on ENIs that exist: without warm IP targets ipamd fills them. */
const take = (room: SubnetRoom, count: number, blockSize: number): boolean =>
  blockSize === 1 ? takeAddresses(room, count) : takeBlocks(room, count);

/** One pass; undefined when the pool grew, else why it did not. */
function growOnce(growth: NodeGrowth, missing: number, rooms: SubnetRooms): Stop | undefined {
  const { blockSize, blocksPerEni } = growth.limits;
  let stop: Stop | undefined;
  for (const eni of growth.enis) {
    const room = rooms(eni.subnetId);
    if (eni.room === 0 || room === undefined) continue;
    for (const count of [Math.min(missing, eni.room), 1]) {
      if (!take(room, count, blockSize)) continue;
      eni.room -= count;
      growth.blocks += count;
      return undefined;
    }
    stop ??= subnetStop(room, blockSize, { primary: 0, blocks: 1 });
  }
  if (growth.newEnis === 0) return stop ?? eniSlotStop(growth);
  if (isStop(growth.eniSubnets)) return growth.eniSubnets;
  const count = Math.min(missing, blocksPerEni);
  const candidates = growth.eniSubnets
    .map(rooms)
    .filter((room) => room !== undefined)
    .toSorted((a, b) => addressesLeft(b) - addressesLeft(a));
  for (const room of candidates) {
    if (!takeEni(room, count, blockSize)) continue;
    growth.newEnis--;
    growth.blocks += count;
    growth.enis.push({ subnetId: room.subnetId, room: blocksPerEni - count });
    return undefined;
  }
  const best = candidates[0];
  if (best === undefined) return stop ?? eniSlotStop(growth);
  return subnetStop(best, blockSize, { primary: 1, blocks: count });
}

function eniSlotStop({ nodeName, typeName, targets, blocks, limits }: NodeGrowth): Stop {
  const unit = limits.blockSize === 1 ? 'addresses' : '/28 prefixes';
  return {
    kind: 'eni-slots',
    text:
      `every ENI slot is used (${targets.maxEnis}) and every ENI holds its ` +
      `${limits.blocksPerEni} ${unit}: ${blocks * limits.blockSize} addresses for pods`,
    evidence: [
      evidence(`node ${nodeName}`, 'addresses for pods', blocks * limits.blockSize),
      evidence(typeName, 'ENIs allowed', targets.maxEnis),
      evidence(typeName, `${unit} per ENI`, limits.blocksPerEni),
    ],
  };
}

/** What EC2 answers when the subnet has no room for `need`. */
function subnetStop(
  room: SubnetRoom,
  blockSize: number,
  need: { readonly primary: number; readonly blocks: number },
): Stop {
  const free = addressesLeft(room);
  const object = `subnet ${room.subnetId}`;
  const wanted = need.primary + need.blocks * blockSize;
  const asked = need.primary > 0 ? 'a new ENI needs' : 'ipamd asks for';
  const parts = need.primary > 0 ? `1 + ${need.blocks * blockSize} = ${wanted}` : `${wanted}`;
  if (blockSize > 1 && free >= wanted && blocksLeft(room) < need.blocks)
    return {
      kind: 'fragmentation',
      text:
        `${free} addresses are free but only ${blocksLeft(room)} whole /28, ` +
        `${need.blocks} needed: InsufficientCidrBlocks`,
      evidence: [
        evidence(object, 'free addresses', free),
        evidence(object, 'free /28 blocks', blocksLeft(room)),
      ],
    };
  return {
    kind: 'subnet-addresses',
    text: `${asked} ${parts} addresses, ${free} are free: InsufficientFreeAddressesInSubnet`,
    evidence: [evidence(object, 'free addresses', free), evidence(object, 'needed', wanted)],
  };
}

/**
 * Gives one pod an address from the pool and lets ipamd refill it.
 *
 * @returns undefined, or what stopped it; then nothing changed but the subnets' room
 */
export function provideAddress(growth: NodeGrowth, rooms: SubnetRooms): Stop | undefined {
  if (growth.targets.ipv6) return undefined;
  while (growth.assigned >= growth.blocks * growth.limits.blockSize) {
    const missing = missingOf(growth);
    if (missing === 0) return targetStop(growth);
    const stop = growOnce(growth, missing, rooms);
    if (stop !== undefined) return stop;
  }
  growth.assigned++;
  refill(growth, rooms);
  return undefined;
}

/** Lets ipamd work until its targets are met or nothing more can be had. */
export function refill(growth: NodeGrowth, rooms: SubnetRooms): void {
  if (growth.targets.ipv6) return;
  for (let missing = missingOf(growth); missing > 0; missing = missingOf(growth))
    if (growOnce(growth, missing, rooms) !== undefined) return;
}

/** ipamd is content though nothing is left: MINIMUM_IP_TARGET without WARM_IP_TARGET. */
function targetStop(growth: NodeGrowth): Stop {
  const { targets } = growth;
  const total = growth.blocks * growth.limits.blockSize;
  const reason =
    total >= targets.maxPods
      ? `it holds as many as max pods (${targets.maxPods})`
      : `MINIMUM_IP_TARGET=${targets.minimumIpTarget} is met and WARM_IP_TARGET is 0`;
  return {
    kind: 'aws-node',
    text: `all ${total} pool addresses are in use and ipamd asks for no more: ${reason}`,
    evidence: [
      evidence('daemonset kube-system/aws-node', 'WARM_IP_TARGET', targets.warmIpTarget),
      evidence('daemonset kube-system/aws-node', 'MINIMUM_IP_TARGET', targets.minimumIpTarget),
      evidence(`node ${growth.nodeName}`, 'status.allocatable.pods', targets.maxPods),
    ],
  };
}

/** Gives one pod a branch ENI's address; from the ENIConfig's subnet or the node's. */
export function provideBranch(growth: NodeGrowth, rooms: SubnetRooms): Stop | undefined {
  if (isStop(growth.eniSubnets)) return growth.eniSubnets;
  const room = growth.branchSubnet === undefined ? undefined : rooms(growth.branchSubnet);
  if (room === undefined || takeAddresses(room, 1)) return undefined;
  return subnetStop(room, 1, { primary: 0, blocks: 1 });
}
