/**
 * controllers/scheduler/scheduling-queue — pods without a node, in groups that are due or parked. A
 * parked group waits for the cluster to change, never for time alone.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/backend/queue/scheduling_queue.go. Upstream also
 * looks at every pod again after five minutes in case it missed an event; we miss none.
 */
import { conditionOf } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { pinnedNodeOf } from '../../model/kubernetes/node-affinity.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { GroupHeap } from './group-heap.ts';
import { advance, readyAtMs, type WaitingGroup, waitingGroup } from './waiting-group.ts';

const heardBy = ({ status }: Pod): string | undefined => {
  const scheduled = conditionOf(status?.conditions, 'PodScheduled');
  return scheduled?.status === 'False' ? scheduled.message : undefined;
};

export class SchedulingQueue {
  readonly #cache: ClusterCache;
  readonly #groups = new Map<string, WaitingGroup>();
  readonly #groupOf = new Map<string, WaitingGroup>();
  readonly #active = new GroupHeap();
  readonly #parked = new Set<WaitingGroup>();
  #order = 0;

  constructor(cache: ClusterCache) {
    this.#cache = cache;
  }

  has(podKey: string): boolean {
    return this.#groupOf.has(podKey);
  }

  /** A pod that needs a node. Told again, it moves only when its class changed. */
  add(podKey: string, pod: Pod): void {
    const podClass = this.#cache.classes.of(pod);
    const pinnedNode = podClass.isPinned ? pinnedNodeOf(pod.spec) : undefined;
    const key = pinnedNode === undefined ? `${podClass.id}` : `${podClass.id}@${pinnedNode}`;
    const before = this.#groupOf.get(podKey);
    if (before?.key === key) return;
    if (before !== undefined) this.remove(podKey);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = waitingGroup(key, podClass, pinnedNode);
      this.#groups.set(key, group);
    }
    this.#groupOf.set(podKey, group);
    const order = this.#order++;
    group.pods.set(podKey, { order, told: undefined, heard: heardBy(pod) });
    if (this.#parked.has(group)) group.newcomers.push(podKey);
    else if (group.next === undefined) this.activate(group);
  }

  remove(podKey: string): void {
    const group = this.#groupOf.get(podKey);
    if (group === undefined) return;
    this.#groupOf.delete(podKey);
    group.pods.delete(podKey);
    if (group.pods.size > 0 || group.next !== undefined) return;
    this.#groups.delete(group.key);
    this.#parked.delete(group);
  }

  /** Puts a group where its next pod is due; a group that has walked past its last pod rests. */
  activate(group: WaitingGroup): void {
    this.#parked.delete(group);
    group.newcomers = [];
    if (advance(group)) this.#active.push(group);
    else if (group.pods.size === 0) this.#groups.delete(group.key);
    else this.#parked.add(group);
  }

  park(group: WaitingGroup): void {
    group.cursor = undefined;
    group.next = undefined;
    if (group.pods.size === 0) this.#groups.delete(group.key);
    else this.#parked.add(group);
  }

  /** The group whose next pod is due first; it must be activated or parked afterwards. */
  pop(): WaitingGroup | undefined {
    return this.#active.pop();
  }

  /** Parked groups with pods that have not been told yet. */
  *withNewcomers(): Iterable<WaitingGroup> {
    for (const group of this.#parked) if (group.newcomers.length > 0) yield group;
  }

  /**
   * Wakes the parked groups the cluster has changed for.
   *
   * @returns when the next of those still backing off is due, in virtual ms; undefined without any
   */
  wake(nowMs: number, hasChanged: (group: WaitingGroup) => boolean): number | undefined {
    let nextMs: number | undefined;
    for (const group of [...this.#parked]) {
      if (!hasChanged(group)) continue;
      const dueMs = readyAtMs(group);
      if (dueMs <= nowMs) this.activate(group);
      else if (nextMs === undefined || dueMs < nextMs) nextMs = dueMs;
    }
    return nextMs;
  }
}
