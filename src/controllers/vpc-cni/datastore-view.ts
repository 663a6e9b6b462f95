/**
 * controllers/vpc-cni/datastore-view — the questions ipamd asks of its datastore: how many
 * addresses, what may be freed, which ENI can take more.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/data_store.go:800-1200.
 */
import type { Millis } from '../../sim/clock.ts';
import { ADDRESSES_PER_PREFIX, divideUp } from './address-count.ts';
import type { CidrPool } from './cidr-pool.ts';
import type { Datastore, DatastoreEni } from './datastore.ts';

/** Counts of the blocks that serve pods; excluded ENIs are left out. */
export interface PoolStats {
  readonly totalIps: number;
  /** Upstream ignores exclusion here. */
  readonly totalPrefixes: number;
  readonly assignedIps: number;
  readonly cooldownIps: number;
}

/** Upstream: no ENI younger than this is freed. */
export const ENI_MIN_AGE_MS = 60_000;

export function poolStats(store: Datastore, family: 4 | 6): PoolStats {
  const now = store.now();
  let totalIps = 0;
  let assignedIps = 0;
  let cooldownIps = 0;
  for (const eni of store.enis.values()) {
    if (eni.excluded) continue;
    for (const pool of (family === 6 ? eni.ipv6 : eni.ipv4).values()) {
      if (family === 4 && pool.isPrefix !== store.prefixDelegation) continue;
      totalIps += pool.size;
      assignedIps += pool.assigned;
      if (family === 4) cooldownIps += pool.cooling(now, store.cooldownMs);
    }
  }
  return { totalIps, totalPrefixes: store.allocatedPrefixes, assignedIps, cooldownIps };
}

/** Total − assigned: addresses in their cooldown count as available. */
export const availableIps = (stats: PoolStats): number => stats.totalIps - stats.assignedIps;

/** Pods with an IPv4 address on this ENI. */
export function assignedIpv4(eni: DatastoreEni): number {
  let count = 0;
  for (const pool of eni.ipv4.values()) count += pool.assigned;
  return count;
}

/** Pods with an IPv6 address on this ENI. */
export function assignedIpv6(eni: DatastoreEni): number {
  let count = 0;
  for (const pool of eni.ipv6.values()) count += pool.assigned;
  return count;
}

/** Prefixes without a pod; upstream counts those of excluded ENIs too. */
export function freePrefixes(store: Datastore): number {
  let count = 0;
  for (const eni of store.enis.values())
    for (const pool of eni.ipv4.values()) if (pool.isPrefix && pool.assigned === 0) count++;
  return count;
}

/** ENIs that can take another block: not trunk, not excluded, below `maxCidrs`. */
export function* allocatableEnis(
  store: Datastore,
  maxCidrs: number,
  skipPrimary: boolean,
): Iterable<DatastoreEni> {
  for (const eni of store.enis.values()) {
    if (eni.isTrunk || eni.excluded || (skipPrimary && eni.isPrimary)) continue;
    if (eni.ipv4.size < maxCidrs) yield eni;
  }
}

const withoutPods = (pools: Iterable<CidrPool>): CidrPool[] =>
  [...pools].filter((pool) => pool.assigned === 0);

/** IPv4 blocks of the ENI without a pod. Upstream does not look at their cooldown. */
export const freeableCidrs = (store: Datastore, eniId: string): readonly CidrPool[] =>
  withoutPods(store.enis.get(eniId)?.ipv4.values() ?? []);

/** Secondary addresses without a pod. */
export const freeableIps = (store: Datastore, eniId: string): readonly string[] =>
  withoutPods(store.enis.get(eniId)?.ipv4.values() ?? [])
    .filter((pool) => !pool.isPrefix)
    .map((pool) => pool.cidr);

/** Prefixes without a pod, IPv6 prefixes included. */
export const freeablePrefixes = (store: Datastore, eniId: string): readonly string[] => {
  const eni = store.enis.get(eniId);
  if (eni === undefined) return [];
  return withoutPods([...eni.ipv4.values(), ...eni.ipv6.values()])
    .filter((pool) => pool.isPrefix)
    .map((pool) => pool.cidr);
};

/** Any ENI without pods that is no primary, trunk or EFA interface; age does not matter here. */
export function hasFreeableEni(store: Datastore): boolean {
  for (const eni of store.enis.values())
    if (!eni.isPrimary && !eni.isTrunk && !eni.isEfa && assignedIpv4(eni) === 0) return true;
  return false;
}

/** The trunk's id; undefined when the node has none. */
export function trunkEni(store: Datastore): string | undefined {
  for (const eni of store.enis.values()) if (eni.isTrunk) return eni.id;
  return undefined;
}

export function efaEnis(store: Datastore): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const eni of store.enis.values()) if (eni.isEfa) ids.add(eni.id);
  return ids;
}

export interface WarmTargets {
  readonly warmIpTarget: number;
  readonly minimumIpTarget: number;
  readonly warmPrefixTarget: number;
}

/** Sums over the blocks of all other ENIs that serve pods. */
function others(store: Datastore, eni: DatastoreEni, count: (pool: CidrPool) => number): number {
  let sum = 0;
  for (const other of store.enis.values()) {
    if (other.id === eni.id || other.excluded) continue;
    for (const pool of other.ipv4.values()) sum += count(pool);
  }
  return sum;
}

/** When the newest release on the ENI is out of its cooldown; undefined = nothing cools. */
function coolingEndsAtMs(store: Datastore, eni: DatastoreEni): Millis | undefined {
  const now = store.now();
  let end: Millis | undefined;
  for (const pool of eni.ipv4.values()) {
    for (const address of pool.addresses.values()) {
      if (address.owner !== undefined || address.unassignedAtMs === undefined) continue;
      const freeAt = address.unassignedAtMs + store.cooldownMs + 1;
      if (freeAt > now) end = Math.max(end ?? 0, freeAt);
    }
  }
  return end;
}

/** Whether the other ENIs would still meet the targets. */
function neededForTargets(store: Datastore, eni: DatastoreEni, targets: WarmTargets): boolean {
  const prefixes = store.prefixDelegation;
  const serves = (pool: CidrPool): boolean => pool.isPrefix === prefixes;
  const whole = (target: number): number =>
    prefixes ? divideUp(target, ADDRESSES_PER_PREFIX) * ADDRESSES_PER_PREFIX : target;
  const { warmIpTarget, minimumIpTarget, warmPrefixTarget } = targets;
  if (warmIpTarget > 0) {
    const free = others(store, eni, (pool) => (serves(pool) ? pool.size - pool.assigned : 0));
    if (free < whole(warmIpTarget)) return true;
  }
  if (minimumIpTarget > 0) {
    const rest = others(store, eni, (pool) => (serves(pool) ? pool.size : 0));
    if (rest < whole(minimumIpTarget)) return true;
  }
  if (!prefixes || warmPrefixTarget === 0) return false;
  return others(store, eni, (pool) => (pool.assigned === 0 ? 1 : 0)) < warmPrefixTarget;
}

export interface DeletableEni {
  readonly eni: DatastoreEni;
  /** When its age and its cooldown allow it. */
  readonly atMs: Millis;
}

/**
 * The ENI that goes first: the earliest in order among those free to go now, else the one that
 * will be free soonest if nothing changes. Checks: data_store.go:1042-1094.
 */
export function deletableEni(store: Datastore, targets: WarmTargets): DeletableEni | undefined {
  const now = store.now();
  let soonest: DeletableEni | undefined;
  for (const eni of store.enis.values()) {
    if (eni.isPrimary || eni.isTrunk || eni.isEfa || assignedIpv4(eni) > 0) continue;
    if (neededForTargets(store, eni, targets)) continue;
    const atMs = Math.max(
      now,
      eni.createdAtMs + ENI_MIN_AGE_MS,
      coolingEndsAtMs(store, eni) ?? now,
    );
    if (atMs <= now) return { eni, atMs };
    if (soonest === undefined || atMs < soonest.atMs) soonest = { eni, atMs };
  }
  return soonest;
}

/** Removes the ENI that may go now from the store; its id, or undefined when none may. */
export function removeUnusedEni(store: Datastore, targets: WarmTargets): string | undefined {
  const found = deletableEni(store, targets);
  if (found === undefined || found.atMs > store.now()) return undefined;
  store.removeEni(found.eni.id, false);
  return found.eni.id;
}
