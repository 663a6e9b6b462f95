/** analysis/capacity/node-usage — a node's ENIs, addresses and pods as numbers. */
import type { NodeLedger } from './node-ledger.ts';

export interface NodeUsage {
  readonly nodeName: string;
  readonly instanceId?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly availabilityZone?: string | undefined;
  readonly subnetId?: string | undefined;
  /** ENIs attached, and how many the instance (or MAX_ENI) allows on the default card. */
  readonly enis: number;
  readonly eniSlots: number;
  readonly hasTrunk: boolean;
  /** Branch ENIs in use and the type's limit; absent without security groups for pods. */
  readonly branchEnis?: { readonly used: number; readonly max: number } | undefined;
  /** Addresses ipamd may give to pods: assigned + cooling + warm. */
  readonly poolAddresses: number;
  readonly prefixes: number;
  readonly assigned: number;
  readonly cooling: number;
  readonly warm: number;
  readonly pods: number;
  readonly hostNetworkPods: number;
  readonly maxPods: number;
}

/** Extended resource the VPC resource controller gives a node with a trunk. */
export const POD_ENI_RESOURCE = 'vpc.amazonaws.com/pod-eni';

/** Sums of the pool's counted blocks. */
export function poolSums(ledger: NodeLedger): {
  readonly total: number;
  readonly assigned: number;
  readonly cooling: number;
  readonly prefixes: number;
} {
  let [total, assigned, cooling, prefixes] = [0, 0, 0, 0];
  for (const eni of ledger.pool.enis) {
    if (eni.excluded) continue;
    cooling += eni.cooling;
    for (const block of eni.blocks) {
      if (block.isPrefix !== ledger.pool.targets.prefixDelegation) continue;
      total += block.size;
      assigned += block.assigned;
      if (block.isPrefix) prefixes++;
    }
  }
  return { total, assigned, cooling, prefixes };
}

/** The numbers of one node. */
export function nodeUsage(ledger: NodeLedger): NodeUsage {
  const { nodeName, instance, type, enis, pool, pods, maxPods, allocatable, requested } = ledger;
  const { total, assigned, cooling, prefixes } = poolSums(ledger);
  const branchMax = allocatable.get(POD_ENI_RESOURCE);
  return {
    nodeName,
    instanceId: instance?.instanceId,
    instanceType: instance?.instanceType ?? type?.name,
    availabilityZone: instance?.availabilityZone,
    subnetId: instance?.subnetId,
    enis: enis.length,
    eniSlots: pool.targets.maxEnis,
    hasTrunk: enis.some((eni) => eni.interfaceType === 'trunk'),
    branchEnis:
      branchMax === undefined || branchMax === 0
        ? undefined
        : { used: (requested.get(POD_ENI_RESOURCE) ?? 0) / 1000, max: branchMax / 1000 },
    poolAddresses: total,
    prefixes,
    assigned,
    cooling,
    warm: total - assigned - cooling,
    pods: pods.length,
    hostNetworkPods: pods.filter((pod) => pod.spec.hostNetwork === true).length,
    maxPods,
  };
}
