/**
 * controllers/workloads/daemon-set — one pod on every node that is meant.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/daemon/daemon_controller.go (manage,
 * NodeShouldRunDaemonPod, updateDaemonSetStatus), update.go rollingUpdate.
 * Reads: DaemonSet, Node, Pod.  Writes: Pod, ControllerRevision, DaemonSet status, events.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { DaemonSet } from '../../model/kubernetes/apps.ts';
import { availableInMs, isPodReady, isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { pinnedNodeOf } from '../../model/kubernetes/node-affinity.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { BackgroundRetry } from './background-retry.ts';
import { Claims } from './claims.ts';
import { ControllerRevisions } from './controller-revisions.ts';
import { DaemonNodes, daemonPod } from './daemon-pod.ts';
import { type DaemonRollout, type NodePods, rollDaemons } from './daemon-rollout.ts';
import { scaledValue } from './int-or-percent.ts';
import { PodControl } from './pod-control.ts';
import { REVISION_LABEL, templateHash } from './template-hash.ts';

/** daemon_controller.go BurstReplicas. */
const BURST = 250;
/**
 * Nodes and pods come in crowds, and each look walks all nodes: the more there are, the more
 * changes one look takes in. Upstream is slowed as much by its client's rate limit (50 a second).
 */
const BATCH_MIN_MS = 100;
const BATCH_MS_PER_NODE = 0.5;
/** daemon_controller.go failedPodsBackoff: 1 s doubling to 15 min. */
const FAILED_FIRST_MS = 1_000;
const FAILED_LAST_MS = 900_000;
const COMPONENT = 'daemonset-controller';

export function daemonSetController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const claims = new Claims(store, kubernetes, 'Pod', 'DaemonSet');
  const sync = new DaemonSync(clock, store, kubernetes);
  return {
    name: 'daemon-set',
    get batchMs() {
      return Math.max(BATCH_MIN_MS, store.count('Node') * BATCH_MS_PER_NODE);
    },
    watches: [
      watch<Kinds, 'DaemonSet'>('DaemonSet', ({ key, value }) => {
        claims.seeOwner(key, value);
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', (event) => claims.seeChild(event)),
      watch<Kinds, 'Node'>('Node', ({ value, previous }) => {
        if (value !== undefined && isSameForDaemons(previous, value)) return [];
        return [...store.entries('DaemonSet')].map(({ key }) => key);
      }),
    ],
    reconcile(request) {
      const set = store.get('DaemonSet', request);
      if (set === undefined) return done;
      claims.settle(set);
      return sync.sync(request, set);
    },
  };
}

/** daemon_controller.go shouldIgnoreNodeUpdate. */
const isSameForDaemons = (before: Node | undefined, after: Node): boolean =>
  before !== undefined &&
  before.metadata.labels === after.metadata.labels &&
  before.spec.taints === after.spec.taints;

class DaemonSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #pods: PodControl;
  readonly #revisions: ControllerRevisions;
  readonly #retries: BackgroundRetry;
  readonly #nodes = new DaemonNodes();
  /** How often the pod of a set failed on a node, and when the next may start. */
  readonly #failed = new Map<string, { readonly times: number; readonly dueMs: number }>();

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#pods = new PodControl(kubernetes, COMPONENT);
    this.#revisions = new ControllerRevisions(store, kubernetes);
    this.#retries = new BackgroundRetry(clock);
  }

  sync(request: string, set: DaemonSet): Result {
    this.#revisions.current(set);
    const byNode = this.#byNode(set);
    let refused: string | undefined;
    let laterMs: number | undefined;
    if (set.metadata.deletionTimestamp === undefined) {
      const managed = this.#manage(set, byNode);
      ({ refused, laterMs } = managed);
      if (refused === undefined && !managed.acted) this.#roll(set, byNode);
    }
    const nextMs = this.#writeStatus(set, this.#byNode(set));
    if (refused !== undefined) return this.#retries.refused(request, refused);
    this.#retries.succeeded(request);
    const due = Math.min(laterMs ?? Number.POSITIVE_INFINITY, nextMs ?? Number.POSITIVE_INFINITY);
    return due === Number.POSITIVE_INFINITY ? done : requeue(due, 'daemon pods');
  }

  /** The set's pods by the node they are on or bound for. */
  #byNode(set: DaemonSet): NodePods {
    const byNode = new Map<string, Pod[]>();
    for (const pod of this.#store.lookup('Pod', 'owner', set.metadata.uid!)) {
      const name = pod.spec.nodeName ?? pinnedNodeOf(pod.spec);
      if (name === undefined) continue;
      const pods = byNode.get(name);
      if (pods === undefined) byNode.set(name, [pod]);
      else pods.push(pod);
    }
    return byNode;
  }

  #manage(
    set: DaemonSet,
    byNode: NodePods,
  ): {
    readonly acted: boolean;
    readonly refused: string | undefined;
    readonly laterMs: number | undefined;
  } {
    const missing: string[] = [];
    const surplus: Pod[] = [];
    let laterMs: number | undefined;
    for (const { value: node } of this.#store.entries('Node')) {
      const { name } = node.metadata;
      const pods = byNode.get(name) ?? [];
      const { shouldRun, mayStay } = this.#nodes.verdict(set, node);
      if (!mayStay) {
        surplus.push(...pods.filter(isStaying));
        continue;
      }
      const { alive, waitMs } = this.#withoutFailed(set, name, pods, surplus);
      if (waitMs !== undefined) laterMs = Math.min(laterMs ?? waitMs, waitMs);
      else if (shouldRun && alive.length === 0 && pods.length === 0) missing.push(name);
      // With surge two may live side by side while the set is rolled.
      if (!this.#isSurging(set) && alive.length > 1) surplus.push(...youngest(alive));
    }
    for (const [name, pods] of byNode) {
      if (this.#store.get('Node', name) === undefined) surplus.push(...pods.filter(isStaying));
    }
    for (const pod of surplus.slice(0, BURST)) this.#pods.delete(set, pod);
    const refused = this.#start(set, missing.slice(0, BURST));
    return { acted: missing.length + surplus.length > 0, refused, laterMs };
  }

  /** Pods that work; ended ones are deleted, and the next starts after a while. */
  #withoutFailed(
    set: DaemonSet,
    nodeName: string,
    pods: readonly Pod[],
    surplus: Pod[],
  ): { readonly alive: readonly Pod[]; readonly waitMs: number | undefined } {
    const key = `${keyOf(set)}@${nodeName}`;
    const nowMs = this.#clock.now();
    const alive = pods.filter((pod) => isStaying(pod) && !isPodTerminal(pod));
    for (const pod of pods.filter((it) => isStaying(it) && isPodTerminal(it))) {
      const before = this.#failed.get(key);
      if (before !== undefined && before.dueMs > nowMs) {
        return { alive, waitMs: before.dueMs - nowMs };
      }
      const times = (before?.times ?? 0) + 1;
      const waitMs = Math.min(FAILED_FIRST_MS * 2 ** (times - 1), FAILED_LAST_MS);
      this.#failed.set(key, { times, dueMs: nowMs + waitMs });
      const isFailed = pod.status?.phase === 'Failed';
      this.#kubernetes.recordEvent(set, {
        type: isFailed ? 'Warning' : 'Normal',
        reason: isFailed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
        message: isFailed
          ? `Found failed daemon pod ${keyOf(pod)} on node ${nodeName}, will try to kill it`
          : `Found succeeded daemon pod ${keyOf(pod)} on node ${nodeName}, will try to delete it`,
        component: COMPONENT,
      });
      surplus.push(pod);
    }
    return { alive, waitMs: undefined };
  }

  #start(set: DaemonSet, nodeNames: readonly string[]): string | undefined {
    for (const name of nodeNames) {
      const created = this.#pods.create(set, daemonPod(set, name));
      if (isApiStatus(created)) return created.message;
    }
    return undefined;
  }

  #isSurging(set: DaemonSet): boolean {
    const { maxSurge } = set.spec.updateStrategy?.rollingUpdate ?? {};
    return maxSurge !== undefined && maxSurge !== 0 && maxSurge !== '0%';
  }

  #roll(set: DaemonSet, byNode: NodePods): void {
    if (set.spec.updateStrategy?.type === 'OnDelete') return;
    const meant = [...this.#store.entries('Node')]
      .filter(({ value }) => this.#nodes.verdict(set, value).shouldRun)
      .map(({ value }) => value.metadata.name);
    const { maxSurge, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
    const surge = scaledValue(maxSurge, meant.length, 'up');
    const unavailable = scaledValue(maxUnavailable, meant.length, 'up');
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    const rollout: DaemonRollout = {
      hash: templateHash(set.spec.template),
      surge,
      unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable,
      isAvailable: (pod) => availableInMs(pod, minReadySeconds, this.#clock.now()) === 0,
    };
    const { go, start } = rollDaemons(rollout, meant, byNode);
    for (const pod of go.slice(0, BURST)) this.#pods.delete(set, pod);
    this.#start(set, start.slice(0, BURST));
  }

  /** @returns when the next ready pod becomes available, in ms; undefined when none is waiting */
  #writeStatus(set: DaemonSet, byNode: NodePods): number | undefined {
    const hash = templateHash(set.spec.template);
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    const counts = { current: 0, desired: 0, available: 0, misscheduled: 0, ready: 0, updated: 0 };
    let nextMs: number | undefined;
    for (const { value: node } of this.#store.entries('Node')) {
      const pods = (byNode.get(node.metadata.name) ?? []).filter((pod) => !isPodTerminal(pod));
      if (!this.#nodes.verdict(set, node).shouldRun) {
        if (pods.length > 0) counts.misscheduled++;
        continue;
      }
      counts.desired++;
      const [pod] = [...pods].sort(olderFirst);
      if (pod === undefined) continue;
      counts.current++;
      if (pod.metadata.labels?.[REVISION_LABEL] === hash) counts.updated++;
      if (!isPodReady(pod)) continue;
      counts.ready++;
      const inMs = availableInMs(pod, minReadySeconds, this.#clock.now()) ?? 0;
      if (inMs === 0) counts.available++;
      else nextMs = Math.min(nextMs ?? inMs, inMs);
    }
    const some = (name: string, count: number): object => (count === 0 ? {} : { [name]: count });
    const status: NonNullable<DaemonSet['status']> = {
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      desiredNumberScheduled: counts.desired,
      numberReady: counts.ready,
      ...some('updatedNumberScheduled', counts.updated),
      ...some('numberAvailable', counts.available),
      ...some('numberUnavailable', counts.desired - counts.available),
      observedGeneration: set.metadata.generation,
    };
    this.#kubernetes.updateStatus({ ...set, status });
    return nextMs;
  }
}

const isStaying = ({ metadata }: Pod): boolean => metadata.deletionTimestamp === undefined;

/** podByCreationTimestampAndPhase: placed pods first, then the oldest. */
function olderFirst(a: Pod, b: Pod): number {
  const placed = Number(b.spec.nodeName !== undefined) - Number(a.spec.nodeName !== undefined);
  if (placed !== 0) return placed;
  const [x = '', y = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return x < y ? -1 : x > y ? 1 : 0;
}

const youngest = (pods: readonly Pod[]): readonly Pod[] => [...pods].sort(olderFirst).slice(1);
