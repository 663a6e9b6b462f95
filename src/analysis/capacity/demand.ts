/**
 * analysis/capacity/demand — how many ENIs and addresses one node ends up with for a number of
 * pods and CNI settings: ipamd's fixed point, as arithmetic, without running it.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:968-1265 (growth), 2177-2260 and
 * 2551-2745 (targets); shared spec vpc-cni.md §1.5. Pods come one at a time and the pool settles in
 * between; addresses enough, nothing cooling. A node that shrank may keep more for a while.
 */
import { ADDRESSES_PER_PREFIX } from '../../controllers/vpc-cni/address-count.ts';
import type { IpamdEnv } from '../../controllers/vpc-cni/env.ts';
import type { InstanceType } from '../../model/ec2/instance-type.ts';
import { blocksMissing, type PoolLimits, type WarmSettings } from './pool-need.ts';

export type DemandSettings = WarmSettings &
  Pick<IpamdEnv, 'maxEni' | 'prefixDelegation' | 'customNetworking' | 'podEni' | 'ipv6'>;

export interface NodeDemand {
  /** ENIs on the node, the primary and a trunk included. */
  readonly enis: number;
  /** Addresses or /28 prefixes on each ENI that serves pods. */
  readonly perEni: readonly number[];
  /** /28 prefixes. */
  readonly prefixes: number;
  /** Addresses pods could have. */
  readonly podAddresses: number;
  /** Pods that got one. */
  readonly assigned: number;
  /** podAddresses − assigned. */
  readonly idle: number;
  /** Addresses drawn from the node's own subnet; with custom networking the primary ENI's only. */
  readonly nodeSubnetAddresses: number;
  /** Addresses drawn from the ENIConfig's subnet; 0 without custom networking. */
  readonly podSubnetAddresses: number;
}

/** A pool that grows as ipamd grows it. */
interface Growth {
  readonly perEni: number[];
  assigned: number;
}

interface Limits extends PoolLimits {
  /** ENIs that may serve pods. */
  readonly podEnis: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, it) => total + it, 0);

/** One pass after the other until the targets are met or the instance is full. */
function settle(settings: DemandSettings, limits: Limits, growth: Growth): void {
  for (;;) {
    const missing = blocksMissing(settings, limits, sum(growth.perEni), growth.assigned);
    if (missing === 0) return;
    const room = growth.perEni.findIndex((blocks) => blocks < limits.blocksPerEni);
    if (room >= 0) {
      const blocks = growth.perEni[room]!;
      growth.perEni[room] = blocks + Math.min(missing, limits.blocksPerEni - blocks);
    } else if (growth.perEni.length < limits.podEnis)
      growth.perEni.push(Math.min(missing, limits.blocksPerEni));
    else return;
  }
}

/** True when ipamd hands out prefixes on this type with these settings. */
export const usesPrefixes = (type: InstanceType, settings: DemandSettings): boolean =>
  settings.prefixDelegation && type.prefixDelegation;

/** True when a trunk ENI takes one of the node's ENI slots. */
export const hasTrunk = (type: InstanceType, settings: DemandSettings): boolean =>
  settings.podEni && type.trunkCompatible !== false && type.maxEnis > 1;

/**
 * The demand for 0, 1, … `podsMax` pods with an address of their own.
 *
 * @param maxPods  the kubelet's limit: ipamd stops growing at that many addresses
 */
export function demandByPods(
  type: InstanceType,
  settings: DemandSettings,
  maxPods: number,
  podsMax: number,
): readonly NodeDemand[] {
  const trunk = hasTrunk(type, settings);
  if (settings.ipv6) {
    // One /80 prefix on the primary ENI serves every pod; IPv4 is the node's own address.
    const enis = trunk ? 2 : 1;
    return Array.from({ length: podsMax + 1 }, (_, pods) => ipv6Demand(enis, pods));
  }
  const prefixes = usesPrefixes(type, settings);
  const maxEnis = Math.min(settings.maxEni ?? type.maxEnis, type.maxEnis);
  const unused = (settings.customNetworking ? 1 : 0) + (trunk ? 1 : 0);
  const limits: Limits = {
    blockSize: prefixes ? ADDRESSES_PER_PREFIX : 1,
    blocksPerEni: type.ipv4PerEni - 1,
    podEnis: Math.max(0, maxEnis - unused),
    maxPods,
  };
  // The primary ENI is there before ipamd starts.
  const growth: Growth = { perEni: settings.customNetworking ? [] : [0], assigned: 0 };
  const demands: NodeDemand[] = [];
  settle(settings, limits, growth);
  for (let pods = 0; pods <= podsMax; pods++) {
    if (pods > 0 && growth.assigned < sum(growth.perEni) * limits.blockSize) {
      growth.assigned++;
      settle(settings, limits, growth);
    }
    demands.push(demandOf(settings, limits, growth, trunk));
  }
  return demands;
}

function demandOf(
  settings: DemandSettings,
  limits: Limits,
  growth: Growth,
  trunk: boolean,
): NodeDemand {
  const blocks = sum(growth.perEni);
  const podAddresses = blocks * limits.blockSize;
  const podEnis = growth.perEni.length;
  const extra = trunk ? 1 : 0;
  const { customNetworking } = settings;
  return {
    enis: podEnis + extra + (customNetworking ? 1 : 0),
    perEni: [...growth.perEni],
    prefixes: limits.blockSize > 1 ? blocks : 0,
    podAddresses,
    assigned: growth.assigned,
    idle: podAddresses - growth.assigned,
    nodeSubnetAddresses: customNetworking ? 1 : podEnis + extra + podAddresses,
    podSubnetAddresses: customNetworking ? podEnis + extra + podAddresses : 0,
  };
}

const ipv6Demand = (enis: number, pods: number): NodeDemand => ({
  enis,
  perEni: [],
  prefixes: 0,
  podAddresses: pods,
  assigned: pods,
  idle: 0,
  nodeSubnetAddresses: enis,
  podSubnetAddresses: 0,
});

/** The demand of one node with `pods` pods. */
export const nodeDemand = (
  type: InstanceType,
  settings: DemandSettings,
  maxPods: number,
  pods: number,
): NodeDemand => demandByPods(type, settings, maxPods, pods)[pods]!;
