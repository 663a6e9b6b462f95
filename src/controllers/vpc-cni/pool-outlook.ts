/**
 * controllers/vpc-cni/pool-outlook — when will the pool loop have something to do? Upstream looks
 * every five seconds; here a loop with nothing to do parks until a change, or until this time.
 *
 * Upstream's conditions: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:769-835.
 */
import type { Millis } from '../../sim/clock.ts';
import { isCooling } from './address.ts';
import type { Datastore } from './datastore.ts';
import { allocatableEnis, deletableEni } from './datastore-view.ts';
import { INSUFFICIENT_CIDR_PAUSE_MS, type Ipam, isNonSchedulable } from './ipam.ts';
import { DECREASE_INTERVAL_MS } from './pool-decrease.ts';
import {
  hasRoomForEni,
  isPoolTooHigh,
  isPoolTooLow,
  overTarget,
  shouldRemoveExtraEnis,
  warmTargetsOf,
} from './pool-targets.ts';

/** What keeps a pool that is too low from growing. */
export type GrowthLimit =
  | 'none'
  | 'provisioning-disabled'
  | 'node-cordoned'
  | 'insufficient-cidr-pause'
  | 'eni-limit';

/** Whether a pass could add anything, EC2 willing. */
export function growthLimit(ipam: Ipam, store: Datastore): GrowthLimit {
  if (!ipam.env.networkResourceProvisioning) return 'provisioning-disabled';
  if (!ipam.env.manageEnisNonSchedulable && isNonSchedulable(ipam.node())) return 'node-cordoned';
  const settings = ipam.settings(store.networkCard);
  const max = settings.prefixDelegation ? settings.maxPrefixesPerEni : settings.maxIpsPerEni;
  const [growable] = allocatableEnis(store, max, settings.customNetworking);
  if (growable === undefined && !hasRoomForEni(settings, store)) return 'eni-limit';
  const pausedAt = ipam.lastInsufficientCidrMs;
  const paused = pausedAt !== undefined && ipam.clock.now() - pausedAt < INSUFFICIENT_CIDR_PAUSE_MS;
  return paused ? 'insufficient-cidr-pause' : 'none';
}

/** When a pass over this card would next change something; undefined = not without a change. */
export function nextPoolActionMs(ipam: Ipam, store: Datastore): Millis | undefined {
  const now = ipam.clock.now();
  if (!ipam.env.networkResourceProvisioning || ipam.env.ipv6) return undefined;
  const settings = ipam.settings(store.networkCard);
  const times: Millis[] = [];
  if (isPoolTooLow(settings, store)) {
    const limit = growthLimit(ipam, store);
    if (limit === 'none') times.push(now);
    if (limit === 'insufficient-cidr-pause')
      times.push(ipam.lastInsufficientCidrMs! + INSUFFICIENT_CIDR_PAUSE_MS);
  } else if (isPoolTooHigh(settings, store)) {
    const allowed = (ipam.lastDecreaseMs ?? Number.NEGATIVE_INFINITY) + DECREASE_INTERVAL_MS + 1;
    if (overTarget(settings, store) > 0 && hasFreeableCidr(store))
      times.push(Math.max(now, allowed));
  }
  const cordoned = !ipam.env.manageEnisNonSchedulable && isNonSchedulable(ipam.node());
  if (!cordoned && shouldRemoveExtraEnis(settings, store)) {
    const deletable = deletableEni(store, warmTargetsOf(settings, store));
    if (deletable !== undefined) times.push(deletable.atMs);
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether a decrease would find a block to give back; its cooling addresses do not hold it. */
function hasFreeableCidr(store: Datastore): boolean {
  for (const eni of store.enis.values())
    for (const pool of eni.ipv4.values()) if (pool.assigned === 0) return true;
  return false;
}

/** When the next address leaves its cooldown; undefined = none cools. */
export function nextCooledMs(stores: Iterable<Datastore>): Millis | undefined {
  let first: Millis | undefined;
  for (const store of stores) {
    for (const eni of store.enis.values()) {
      for (const pool of [...eni.ipv4.values(), ...eni.ipv6.values()]) {
        if (pool.addresses.size === pool.assigned) continue;
        for (const address of pool.addresses.values()) {
          if (!isCooling(address, store.now(), store.cooldownMs)) continue;
          const atMs = address.unassignedAtMs! + store.cooldownMs + 1;
          first = Math.min(first ?? atMs, atMs);
        }
      }
    }
  }
  return first;
}
