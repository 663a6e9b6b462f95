/**
 * analysis/capacity/settings — what each CNI setting, and another instance type, would ask of the
 * subnets for the same nodes and pods, and how many pods they could carry then.
 */

import { allInstanceTypes, type InstanceType } from '../../model/ec2/instance-type.ts';
import { managedGroupMaxPods, selfManagedMaxPods } from '../../model/eks/max-pods.ts';
import { BLOCK_SIZE } from '../../net/index.ts';
import { carriedPods } from './carried-pods.ts';
import { type CniEnvironment, type CniVariables, withVariables } from './cni-environment.ts';
import { demandByPods, type NodeDemand } from './demand.ts';
import { type NodeLoad, podSubnetOf, type SubnetCapacity } from './node-load.ts';

type SettingId =
  | 'now'
  | 'defaults'
  | 'warm-eni-0'
  | 'warm-ip-2'
  | 'warm-ip-5'
  | 'prefixes'
  | 'prefixes-warm-ip'
  | 'custom-networking'
  | 'custom-networking-prefixes'
  | 'ipv6'
  | 'other-type';

interface Setting {
  readonly id: SettingId;
  readonly name: string;
  /** Variables to change; an empty text unsets one. */
  readonly variables: CniVariables;
  /** Nodes take it only when replaced. */
  readonly needsNewNodes: boolean;
  readonly instanceType?: string | undefined;
}

export interface SubnetDemand {
  /** `new in us-west-2a` for a pod subnet that is yet to be made. */
  readonly subnetId: string;
  readonly addresses: number;
  /** /28 prefixes among them. */
  readonly prefixes: number;
  /** Addresses there are for nodes; absent for a subnet yet to be made. */
  readonly capacity?: number | undefined;
  readonly fits: boolean;
  /** Smallest block that holds the demand, for a subnet yet to be made. */
  readonly prefixLengthNeeded?: number | undefined;
}

export interface SettingRow {
  readonly id: SettingId;
  readonly setting: string;
  readonly variables: CniVariables;
  readonly needsNewNodes: boolean;
  readonly nodes: number;
  readonly instanceTypes: readonly string[];
  /** Lowest and highest over the nodes. */
  readonly maxPodsPerNode: readonly [number, number];
  readonly enis: number;
  /** Addresses all nodes hold at rest. */
  readonly addresses: number;
  readonly subnets: readonly SubnetDemand[];
  readonly fits: boolean;
  /** Pods that get an address when pods keep coming, spread evenly, until nothing is left. */
  readonly podsMax: number;
  /** Why it cannot be set, e.g. aws-node would exit. */
  readonly problem?: string | undefined;
}

export interface SettingsQuestion {
  readonly loads: readonly NodeLoad[];
  readonly subnets: readonly SubnetCapacity[];
  readonly environment: CniEnvironment;
}

const NO_IP_TARGETS = { WARM_IP_TARGET: '', MINIMUM_IP_TARGET: '' } as const;
const CUSTOM = 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG';

/** The settings worth comparing for these nodes; the first is what is set now. */
function settingsFor({ loads, environment }: SettingsQuestion): readonly Setting[] {
  const pods = String(Math.max(1, ...loads.map((load) => load.pods)));
  const secondary = { ENABLE_PREFIX_DELEGATION: 'false', [CUSTOM]: 'false' };
  const prefixes = { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' };
  const { env } = environment;
  const leavesPrefixes = env.prefixDelegation || env.customNetworking || env.ipv6;
  const row = (
    id: SettingId,
    name: string,
    variables: CniVariables,
    needsNewNodes: boolean,
  ): Setting => ({ id, name, variables, needsNewNodes });
  const warmIp = (id: SettingId, warm: string): Setting => {
    const targets = { WARM_IP_TARGET: warm, MINIMUM_IP_TARGET: pods };
    const name = `WARM_IP_TARGET=${warm} MINIMUM_IP_TARGET=${pods}`;
    return row(id, name, { ...secondary, ...targets }, leavesPrefixes);
  };
  const plain = { ...secondary, ...NO_IP_TARGETS };
  const withPrefixes = { ...NO_IP_TARGETS, ...prefixes };
  const prefixTargets = { WARM_IP_TARGET: '5', MINIMUM_IP_TARGET: pods };
  return [
    row('now', 'as it is', {}, false),
    row(
      'defaults',
      'defaults: WARM_ENI_TARGET=1',
      { ...plain, WARM_ENI_TARGET: '1', MAX_ENI: '' },
      leavesPrefixes,
    ),
    row('warm-eni-0', 'WARM_ENI_TARGET=0', { ...plain, WARM_ENI_TARGET: '0' }, leavesPrefixes),
    warmIp('warm-ip-2', '2'),
    warmIp('warm-ip-5', '5'),
    row('prefixes', 'prefixes, WARM_PREFIX_TARGET=1', { ...withPrefixes, [CUSTOM]: 'false' }, true),
    row(
      'prefixes-warm-ip',
      `prefixes, WARM_IP_TARGET=5 MINIMUM_IP_TARGET=${pods}`,
      { ...prefixes, ...prefixTargets, [CUSTOM]: 'false' },
      true,
    ),
    row('custom-networking', 'custom networking', { ...plain, [CUSTOM]: 'true' }, true),
    row(
      'custom-networking-prefixes',
      'custom networking with prefixes',
      { ...withPrefixes, [CUSTOM]: 'true' },
      true,
    ),
    row(
      'ipv6',
      'IPv6 cluster',
      { ...prefixes, ENABLE_IPv4: 'false', ENABLE_IPv6: 'true', [CUSTOM]: 'false' },
      true,
    ),
    ...neighbourTypes(loads).map((instanceType) => ({
      ...row('other-type', `${instanceType} (as many vCPUs)`, {}, true),
      instanceType,
    })),
  ];
}

/** The next smaller and larger type of the family most nodes are of. */
function neighbourTypes(loads: readonly NodeLoad[]): readonly string[] {
  const counts = new Map<InstanceType, number>();
  for (const { type } of loads) counts.set(type, (counts.get(type) ?? 0) + 1);
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (most === undefined) return [];
  const [type] = most;
  const family = `${type.name.split('.')[0]}.`;
  const sizes = allInstanceTypes()
    .filter((it) => it.name.startsWith(family) && it.vcpus !== undefined && !it.bareMetal)
    .toSorted((a, b) => (a.vcpus ?? 0) - (b.vcpus ?? 0) || (a.memoryMib ?? 0) - (b.memoryMib ?? 0));
  const at = sizes.findIndex((it) => it.name === type.name);
  if (at < 0) return [];
  return [sizes[at - 1], sizes[at + 1]].filter((it) => it !== undefined).map((it) => it.name);
}

/** Every setting reckoned through. */
export function settingRows(question: SettingsQuestion): readonly SettingRow[] {
  return settingsFor(question).map((setting) => settingRow(question, setting));
}

/** One setting reckoned through, for the question's nodes, pods and subnets. */
function settingRow(question: SettingsQuestion, setting: Setting): SettingRow {
  const environment = withVariables(question.environment, setting.variables);
  const loads = question.loads.map((load) => limited(load, setting, environment));
  const changed = setting.instanceType === undefined ? loads : retyped(loads, setting, environment);
  const table = demandTable(environment);
  const shares = sharesOf(changed, environment, question.subnets);
  const demands = changed.map((load) => table(load)[load.pods]!);
  const subnets = shares.map((share) => subnetDemand(share, (load) => table(load)[load.pods]!));
  const limits = changed.map((load) => load.maxPods);
  return {
    id: setting.id,
    setting: setting.name,
    variables: setting.variables,
    needsNewNodes: setting.needsNewNodes,
    nodes: changed.length,
    instanceTypes: [...new Set(changed.map((load) => load.type.name))],
    maxPodsPerNode: [Math.min(...limits), Math.max(...limits)],
    enis: demands.reduce((total, it) => total + it.enis, 0),
    addresses: subnets.reduce((total, it) => total + it.addresses, 0),
    subnets,
    fits:
      subnets.every((it) => it.fits) && demands.every((it, i) => it.assigned === changed[i]!.pods),
    podsMax: carriedPods(changed, environment, question.subnets),
    problem: problemOf(changed, environment),
  };
}

/** The load with the pod limit its replacement would have; pods beyond it are left out. */
function limited(load: NodeLoad, setting: Setting, { env }: CniEnvironment): NodeLoad {
  if (!setting.needsNewNodes || setting.instanceType !== undefined) return load;
  const cni = {
    prefixDelegation: env.prefixDelegation,
    customNetworking: env.customNetworking && !env.ipv6,
  };
  const { maxPods } =
    load.limitedBy === 'managed-group'
      ? managedGroupMaxPods([load.type], cni)
      : selfManagedMaxPods(load.type, { kubeletMaxPods: load.kubeletMaxPods });
  return withMaxPods(load, maxPods);
}

const withMaxPods = (load: NodeLoad, maxPods: number): NodeLoad => ({
  ...load,
  maxPods,
  pods: Math.min(load.pods, Math.max(0, maxPods - load.hostNetworkPods)),
});

/** As many vCPUs of another type, per subnet, with the same pods spread over them. */
function retyped(
  loads: readonly NodeLoad[],
  setting: Setting,
  environment: CniEnvironment,
): NodeLoad[] {
  const type = allInstanceTypes().find((it) => it.name === setting.instanceType);
  if (type === undefined) return [...loads];
  const bySubnet = new Map<string, NodeLoad[]>();
  for (const load of loads) {
    const group = bySubnet.get(load.subnetId) ?? [];
    group.push(load);
    bySubnet.set(load.subnetId, group);
  }
  return [...bySubnet.values()].flatMap((group) => {
    const vcpus = group.reduce((total, { type: it }) => total + (it.vcpus ?? 0), 0);
    const count = Math.max(1, Math.ceil(vcpus / (type.vcpus ?? 1)));
    const pods = group.reduce((total, load) => total + load.pods, 0);
    return Array.from({ length: count }, (_, i) => {
      const share = Math.floor(pods / count) + (i < pods % count ? 1 : 0);
      const replaced = { ...group[0]!, type, pods: share };
      const asNew = { ...setting, instanceType: undefined };
      return limited(replaced, asNew, environment);
    });
  });
}

type DemandOf = (load: NodeLoad) => readonly NodeDemand[];

/** Demands by pod count; nodes of one type and limit share a row. */
function demandTable({ env }: CniEnvironment): DemandOf {
  const rows = new Map<string, readonly NodeDemand[]>();
  return ({ type, maxPods, hostNetworkPods, pods }) => {
    const cap = Math.max(pods, maxPods - hostNetworkPods, 0);
    const key = `${type.name} ${maxPods} ${cap}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = demandByPods(type, env, maxPods, cap);
      rows.set(key, row);
    }
    return row;
  };
}

/** The nodes that draw on one subnet, for themselves or for their pods. */
interface Share {
  readonly subnetId: string;
  readonly capacity: SubnetCapacity | undefined;
  readonly nodes: readonly NodeLoad[];
  readonly pods: readonly NodeLoad[];
}

function sharesOf(
  loads: readonly NodeLoad[],
  { env }: CniEnvironment,
  subnets: readonly SubnetCapacity[],
): readonly Share[] {
  const shares = new Map<string, { nodes: NodeLoad[]; pods: NodeLoad[] }>();
  const shareOf = (subnetId: string) => {
    const share = shares.get(subnetId) ?? { nodes: [], pods: [] };
    shares.set(subnetId, share);
    return share;
  };
  for (const load of loads) {
    shareOf(load.subnetId).nodes.push(load);
    if (!env.customNetworking || env.ipv6) continue;
    shareOf(podSubnetOf(load)).pods.push(load);
  }
  return [...shares].map(([subnetId, share]) => ({
    subnetId,
    capacity: subnets.find((it) => it.subnetId === subnetId),
    ...share,
  }));
}

interface Drawn {
  addresses: number;
  prefixes: number;
}

function drawn(share: Share, demandOf: (load: NodeLoad) => NodeDemand): Drawn {
  const total: Drawn = { addresses: 0, prefixes: 0 };
  for (const load of share.nodes) {
    const demand = demandOf(load);
    total.addresses += demand.nodeSubnetAddresses;
    if (demand.podSubnetAddresses === 0) total.prefixes += demand.prefixes;
  }
  for (const load of share.pods) {
    const demand = demandOf(load);
    total.addresses += demand.podSubnetAddresses;
    total.prefixes += demand.prefixes;
  }
  return total;
}

/** Prefixes need whole blocks; single addresses are taken to use broken ones first. */
function holds(capacity: SubnetCapacity | undefined, { addresses, prefixes }: Drawn): boolean {
  if (capacity === undefined) return true;
  if (addresses > capacity.addresses) return false;
  const singles = addresses - prefixes * BLOCK_SIZE;
  const loose = capacity.addresses - capacity.blocks * BLOCK_SIZE;
  const broken = Math.ceil(Math.max(0, singles - loose) / BLOCK_SIZE);
  return prefixes <= capacity.blocks - broken;
}

function subnetDemand(share: Share, demandOf: (load: NodeLoad) => NodeDemand): SubnetDemand {
  const total = drawn(share, demandOf);
  return {
    subnetId: share.subnetId,
    ...total,
    capacity: share.capacity?.addresses,
    fits: holds(share.capacity, total),
    prefixLengthNeeded: share.capacity === undefined ? lengthFor(total) : undefined,
  };
}

/** The smallest subnet, /28 at least, for that many addresses beside the reserved ones. */
export function lengthFor({ addresses, prefixes }: Drawn): number {
  // The first and the last /28 hold reserved addresses, so no prefix fits there.
  const needed = prefixes === 0 ? addresses + 5 : addresses + 2 * BLOCK_SIZE;
  return Math.min(28, 32 - Math.ceil(Math.log2(Math.max(2, needed))));
}

/** What keeps the setting from working at all. */
function problemOf(loads: readonly NodeLoad[], { env }: CniEnvironment): string | undefined {
  const without = loads.find(({ type }) => !type.prefixDelegation);
  if (without !== undefined && (env.prefixDelegation || env.ipv6))
    return env.ipv6
      ? `${without.type.name} is no Nitro type: IPv6 does not run on it`
      : `${without.type.name} is no Nitro type: it falls back to single addresses`;
  const { warmIpTarget, minimumIpTarget, warmPrefixTarget } = env;
  if (env.prefixDelegation && warmIpTarget + minimumIpTarget + warmPrefixTarget === 0)
    return 'aws-node exits: prefix delegation needs one of the three warm targets';
  if (!env.ipv6 && minimumIpTarget > 0 && warmIpTarget === 0)
    return `ipamd never goes beyond MINIMUM_IP_TARGET=${minimumIpTarget} addresses a node`;
  return undefined;
}
