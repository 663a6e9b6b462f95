/**
 * controllers/scheduler/waiting-group — pods that wait for the same thing: one class, and for
 * pinned pods one node. What the first of them was told holds for all, so 100,000 pods that do not
 * fit cost one look.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/backend/queue/scheduling_queue.go keeps active,
 * back-off and unschedulable pods one by one; here they move by group.
 */
import type { PodClass } from './pod-class.ts';

/** scheduling_queue.go:62 DefaultPodInitialBackoffDuration, DefaultPodMaxBackoffDuration. */
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 10_000;

/** What a group was last told, and what the cluster was like then. */
export interface Verdict {
  readonly text: string;
  /** ClusterCache.relief, or the pinned node's. */
  readonly relief: number;
  /** ClusterCache.placed, when company matters to the class; else undefined. */
  readonly placed: number | undefined;
}

export interface WaitingGroup {
  readonly key: string;
  readonly podClass: PodClass;
  readonly pinnedNode: string | undefined;
  /** Pod key to when it came and what it was told. */
  readonly pods: Map<string, Waiting>;
  /** Walks `pods` while the group is active. */
  cursor: Iterator<[string, Waiting]> | undefined;
  /** The pod to look at next; undefined while the group is parked. */
  next: { readonly podKey: string; readonly waiting: Waiting } | undefined;
  verdict: Verdict | undefined;
  /** Looks in a row that placed nobody. */
  attempts: number;
  lookedAtMs: number;
  /** Came while the group was parked. */
  newcomers: string[];
}

export interface Waiting {
  readonly order: number;
  told: string | undefined;
  /** What an earlier scheduler told it, by its condition: said once is enough. */
  readonly heard: string | undefined;
}

export const waitingGroup = (
  key: string,
  podClass: PodClass,
  pinnedNode: string | undefined,
): WaitingGroup => ({
  key,
  podClass,
  pinnedNode,
  pods: new Map(),
  cursor: undefined,
  next: undefined,
  verdict: undefined,
  attempts: 0,
  lookedAtMs: 0,
  newcomers: [],
});

/** Moves to the group's next pod; false when it has walked past the last. */
export function advance(group: WaitingGroup): boolean {
  group.cursor ??= group.pods[Symbol.iterator]();
  const step = group.cursor.next();
  if (step.done === true) {
    group.cursor = undefined;
    group.next = undefined;
    return false;
  }
  group.next = { podKey: step.value[0], waiting: step.value[1] };
  return true;
}

/** When a parked group may be looked at again (getBackoffTime: doubling from 1 s to 10 s). */
export const readyAtMs = ({ attempts, lookedAtMs }: WaitingGroup): number =>
  attempts === 0
    ? 0
    : lookedAtMs + Math.min(BACKOFF_FIRST_MS * 2 ** (attempts - 1), BACKOFF_MAX_MS);

/** Higher priority first, then who came first (queue_sort/priority_sort.go). */
export function isBefore(a: WaitingGroup, b: WaitingGroup): boolean {
  if (a.podClass.priority !== b.podClass.priority) return a.podClass.priority > b.podClass.priority;
  return a.next!.waiting.order < b.next!.waiting.order;
}
