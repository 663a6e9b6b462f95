/**
 * controllers/workloads/rollout-arithmetic — how many replicas each ReplicaSet of a Deployment
 * should have next.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/deployment/rolling.go and
 * util/deployment_util.go NewRSNewReplicas, GetReplicaSetProportion; sync.go scale.
 */
import type { Deployment, ReplicaSet } from '../../model/kubernetes/apps.ts';
import { fenceposts } from './int-or-percent.ts';

export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** What a rollout may have above and below the replicas asked for. */
export interface Room {
  readonly surge: number;
  readonly unavailable: number;
}

export const replicasOf = (object: { readonly spec: { readonly replicas?: number | undefined } }) =>
  object.spec.replicas ?? 1;

export const isRecreate = ({ spec }: Deployment): boolean => spec.strategy?.type === 'Recreate';

export function roomOf(deployment: Deployment): Room {
  const replicas = replicasOf(deployment);
  if (isRecreate(deployment) || replicas === 0) return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } =
    deployment.spec.strategy?.rollingUpdate ?? {};
  const { surge, unavailable } = fenceposts(maxSurge, maxUnavailable, replicas);
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

export const sumReplicas = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + replicasOf(set), 0);

export const sumAvailable = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);

const availableOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;

/** How many replicas the newest set may grow to. */
export function newSetReplicas(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
): number {
  const wanted = replicasOf(deployment);
  if (isRecreate(deployment)) return wanted;
  const current = newest === undefined ? 0 : replicasOf(newest);
  const most = wanted + roomOf(deployment).surge;
  const total = sumReplicas(all);
  if (total >= most) return current;
  return current + Math.min(most - total, wanted - current);
}

/** New sizes of old sets while a rolling update goes on; sets that keep theirs are left out. */
export function oldSetReplicas(
  deployment: Deployment,
  newest: ReplicaSet,
  old: readonly ReplicaSet[],
): ReadonlyMap<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>();
  if (sumReplicas(old) === 0) return sizes;
  const minAvailable = replicasOf(deployment) - roomOf(deployment).unavailable;
  const newUnavailable = replicasOf(newest) - availableOf(newest);
  const mayGo = sumReplicas([...old, newest]) - minAvailable - newUnavailable;
  if (mayGo <= 0) return sizes;
  const oldestFirst = [...old].sort(byAge);
  // Pods that do not work go first: nobody misses them.
  let cleaned = 0;
  for (const set of oldestFirst) {
    const size = replicasOf(set);
    if (cleaned >= mayGo) break;
    if (size === 0 || availableOf(set) >= size) continue;
    const go = Math.min(mayGo - cleaned, size - availableOf(set));
    sizes.set(set, size - go);
    cleaned += go;
  }
  let left = sumAvailable([...old, newest]) - minAvailable;
  for (const set of oldestFirst) {
    if (left <= 0) break;
    const size = sizes.get(set) ?? replicasOf(set);
    if (size === 0) continue;
    const go = Math.min(size, left);
    sizes.set(set, size - go);
    left -= go;
  }
  return sizes;
}

/** Oldest first; sets of the same second by name (sort.go ReplicaSetsByCreationTimestamp). */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [x = '', y = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (x !== y) return x < y ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/**
 * Sizes of the active sets of a Deployment that was scaled in the middle of a rollout: each gets
 * its share of the change, what rounding leaves goes to the largest.
 */
export function proportionalReplicas(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): ReadonlyMap<ReplicaSet, number> {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + roomOf(deployment).surge : 0;
  const toAdd = allowed - sumReplicas(active);
  const newerFirst = toAdd > 0;
  const sorted = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (newerFirst ? byAge(b, a) : byAge(a, b)),
  );
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of sorted) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, toAdd, added, allowed);
    sizes.set(set, replicasOf(set) + share);
    added += share;
  }
  const [largest] = sorted;
  if (largest !== undefined && toAdd !== 0) {
    sizes.set(largest, Math.max(0, sizes.get(largest)! + toAdd - added));
  }
  return sizes;
}

/** GetReplicaSetProportion: by the size the Deployment had when the set was last scaled. */
function shareOf(
  deployment: Deployment,
  set: ReplicaSet,
  toAdd: number,
  added: number,
  allowed: number,
): number {
  const size = replicasOf(set);
  if (size === 0 || toAdd === added) return 0;
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? Number.NaN);
  const base = before > 0 ? before : (deployment.status?.replicas ?? 0);
  if (replicasOf(deployment) === 0) return -size;
  const share = base === 0 ? 0 : Math.round((size * allowed) / base) - size;
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
}
