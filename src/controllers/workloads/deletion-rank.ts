/**
 * controllers/workloads/deletion-rank — which pods of a ReplicaSet go first when it shrinks.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks.Less (with
 * LogarithmicScaleDown) and replicaset/replica_set.go getPodsRankedByRelatedPodsOnSameNode.
 */
import { conditionOf } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { parseTimestamp } from '../../model/time.ts';

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

interface Ranked {
  readonly pod: Pod;
  readonly keys: readonly number[];
}

/**
 * The pods in the order they are deleted.
 *
 * @param related  how many pods of the same workload are on a node
 * @param nowMs  virtual milliseconds
 */
export function inDeletionOrder(
  pods: readonly Pod[],
  related: ReadonlyMap<string, number>,
  nowMs: number,
): readonly Pod[] {
  const ranked: Ranked[] = pods.map((pod) => ({ pod, keys: keysOf(pod, related, nowMs) }));
  return ranked.sort(compare).map(({ pod }) => pod);
}

/** Smaller goes first, key by key. */
function keysOf(pod: Pod, related: ReadonlyMap<string, number>, nowMs: number): readonly number[] {
  const { nodeName = '' } = pod.spec;
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  const isReady = ready?.status === 'True';
  const restarts = (pod.status?.containerStatuses ?? []).map((it) => it.restartCount);
  return [
    nodeName === '' ? 0 : 1,
    PHASE_RANK[pod.status?.phase ?? 'Pending'] ?? 1,
    isReady ? 1 : 0,
    deletionCost(pod),
    -(related.get(nodeName) ?? 0),
    isReady ? ageRank(ready.lastTransitionTime, nowMs) : 0,
    -Math.max(0, ...restarts),
    ageRank(pod.metadata.creationTimestamp, nowMs),
  ];
}

function compare(a: Ranked, b: Ranked): number {
  for (let i = 0; i < a.keys.length; i++) {
    const difference = a.keys[i]! - b.keys[i]!;
    if (difference !== 0) return difference;
  }
  // Equal on a logarithmic scale: the uid decides, which is as good as chance.
  const [x = '', y = ''] = [a.pod.metadata.uid, b.pod.metadata.uid];
  return x < y ? -1 : x > y ? 1 : 0;
}

function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST];
  return text === undefined || !/^-?\d+$/.test(text) ? 0 : Number(text);
}

/** Ages within the same power of two (nanoseconds upstream) are equal; the young go first. */
function ageRank(since: string | undefined, nowMs: number): number {
  const atMs = since === undefined ? undefined : parseTimestamp(since);
  if (atMs === undefined) return 0;
  const ageMs = nowMs - atMs;
  return ageMs <= 0 ? 0 : 1 + Math.floor(Math.log2(ageMs * 1e6));
}
