/**
 * controllers/vpc-cni/pool-decrease — gives back blocks above the target, and whole ENIs.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:840-965.
 */
import { isAwsError } from '../../model/aws-error.ts';
import type { Datastore } from './datastore.ts';
import { isDatastoreError } from './datastore-error.ts';
import { freeableCidrs, removeUnusedEni } from './datastore-view.ts';
import { countUp, type Ipam, isNonSchedulable } from './ipam.ts';
import { overTarget, warmTargetsOf } from './pool-targets.ts';

/** Pods must not wait for the pool to shrink: at most one decrease in this time, over all cards. */
export const DECREASE_INTERVAL_MS = 30_000;

/**
 * Blocks that may go: no pod on them. A cooling address does not hold its block back
 * (datastore/data_store.go:1562 FindFreeableCidrs looks at assigned addresses only); whole ENIs do
 * wait for theirs.
 */
export function blocksToFree(store: Datastore, eniId: string, atMost: number): readonly string[] {
  return freeableCidrs(store, eniId)
    .slice(0, Math.max(atMost, 0))
    .map((pool) => pool.cidr);
}

/** Unassigns what is over the target, ENI by ENI. */
export async function decreasePool(ipam: Ipam, store: Datastore): Promise<void> {
  ipam.lastDecreaseMs = ipam.clock.now();
  let over = overTarget(ipam.settings(store.networkCard), store);
  for (const eniId of [...store.enis.keys()]) {
    if (over <= 0) break;
    const freed = blocksToFree(store, eniId, over).filter(
      (cidr) => !isDatastoreError(store.deleteCidr(eniId, cidr, false)),
    );
    if (freed.length === 0) continue;
    const now = ipam.clock.now();
    for (const cidr of freed) ipam.recentlyFreed.set(cidr, now);
    const result = await ipam.api.deallocCidrs(eniId, freed);
    if (isAwsError(result)) {
      countUp(ipam.counters.ipamdErrors, 'decreaseIPPoolUnassignIPs');
      ipam.failed('UnassignPrivateIpAddresses', result, []);
    }
    over -= freed.length;
  }
  ipam.lastPoolActionMs = ipam.clock.now();
}

/** Frees one ENI if one may go. Its rules stay when EC2 does not let it go. */
export async function tryFreeEni(ipam: Ipam, store: Datastore): Promise<boolean> {
  if (ipam.terminating) return false;
  if (!ipam.env.manageEnisNonSchedulable && isNonSchedulable(ipam.node())) return false;
  const eniId = removeUnusedEni(store, warmTargetsOf(ipam.settings(store.networkCard), store));
  if (eniId === undefined) return false;
  const result = await ipam.api.freeEni(eniId);
  if (isAwsError(result)) {
    countUp(ipam.counters.ipamdErrors, 'decreaseIPPoolFreeENIFailed');
    ipam.failed('FreeENI', result, []);
    return true;
  }
  ipam.networkGone(eniId);
  return true;
}
