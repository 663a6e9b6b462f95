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
import { availableInMs, isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { pinnedNodeOf } from '../../model/kubernetes/node-affinity.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { BackgroundRetry } from './background-retry.ts';
import { Claims } from './claims.ts';
import { ControllerRevisions, revisionHash } from './controller-revisions.ts';
import { DaemonLedger, type DaemonPage, setMark } from './daemon-ledger.ts';
import { DaemonNodes, daemonPod, GENERATION_ANNOTATION, GENERATION_LABEL } from './daemon-pod.ts';
import { type DaemonRollout, rollDaemons } from './daemon-rollout.ts';
import { scaledValue } from './int-or-percent.ts';
import { PodControl } from './pod-control.ts';
import { REVISION_LABEL } from './template-hash.ts';

/** daemon_controller.go BurstReplicas. */
const BURST = 250;
/** Nodes and pods come in crowds; a look is at the nodes that changed, however many there are. */
const BATCH_MS = 100;
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
  const ledger = new DaemonLedger();
  const sync = new DaemonSync(clock, store, kubernetes, ledger);
  return {
    name: 'daemon-set',
    batchMs: BATCH_MS,
    watches: [
      watch<Kinds, 'DaemonSet'>('DaemonSet', ({ key, value }) => {
        claims.seeOwner(key, value);
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', (event) => {
        ledger.seePod(event.key, event.value);
        return claims.seeChild(event);
      }),
      watch<Kinds, 'Node'>('Node', ({ key, value, previous }) => {
        if (value !== undefined && isSameForDaemons(previous, value)) return [];
        ledger.seeNode(key);
        return [...store.entries('DaemonSet')].map((entry) => entry.key);
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

/** What one look does. */
interface Work {
  readonly missing: string[];
  readonly surplus: Pod[];
  /** When a failed pod may be replaced, in ms; the least of them. */
  laterMs: number | undefined;
}

class DaemonSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #ledger: DaemonLedger;
  readonly #pods: PodControl;
  readonly #revisions: ControllerRevisions;
  readonly #retries: BackgroundRetry;
  readonly #nodes = new DaemonNodes();
  readonly #hashes = new WeakMap<DaemonSet['spec'], string>();
  /** How often the pod of a set failed on a node, and when the next may start. */
  readonly #failed = new Map<string, { readonly times: number; readonly dueMs: number }>();

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes, ledger: DaemonLedger) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#ledger = ledger;
    this.#pods = new PodControl(kubernetes, COMPONENT);
    this.#revisions = new ControllerRevisions(store, kubernetes);
    this.#retries = new BackgroundRetry(clock);
  }

  sync(request: string, set: DaemonSet): Result {
    const page = this.#ledger.page(set.metadata.uid!);
    // With minReadySeconds nodes change by time alone, so all are looked at.
    if (page.spec !== set.spec || (set.spec.minReadySeconds ?? 0) > 0) this.#lookAtAll(set, page);
    const work: Work = { missing: [], surplus: [], laterMs: undefined };
    let nextMs: number | undefined;
    for (const name of [...page.dirty]) {
      page.dirty.delete(name);
      if (set.metadata.deletionTimestamp === undefined) this.#manage(set, page, name, work);
      const inMs = this.#mark(set, page, name);
      if (inMs !== undefined) nextMs = Math.min(nextMs ?? inMs, inMs);
    }
    const refused = this.#act(set, page, work);
    const isIdle = work.missing.length + work.surplus.length === 0;
    if (isIdle && page.counts.outdated > 0 && set.metadata.deletionTimestamp === undefined) {
      this.#roll(set, page);
    }
    this.#writeStatus(set, page);
    if (refused !== undefined) return this.#retries.refused(request, refused);
    this.#retries.succeeded(request);
    const due = Math.min(
      work.laterMs ?? Number.POSITIVE_INFINITY,
      nextMs ?? Number.POSITIVE_INFINITY,
    );
    return due === Number.POSITIVE_INFINITY ? done : requeue(due, 'daemon pods');
  }

  /** The revision hash of the set's present template. */
  #hashOf(set: DaemonSet): string {
    const known = this.#hashes.get(set.spec);
    if (known !== undefined) return known;
    const hash = this.#currentHash(set);
    this.#hashes.set(set.spec, hash);
    return hash;
  }

  #currentHash(set: DaemonSet): string {
    return revisionHash(
      set,
      this.#revisions.current(set, () => this.#exportedHash(set)),
    );
  }

  /** The hash that an exported set's pods of the present template have. */
  #exportedHash(set: DaemonSet): string | undefined {
    const { annotations, generation, uid } = set.metadata;
    const current = annotations?.[GENERATION_ANNOTATION] ?? String(generation);
    const pods = this.#store.lookup('Pod', 'owner', uid!);
    const fresh = pods.find((pod) => pod.metadata.labels?.[GENERATION_LABEL] === current);
    return fresh?.metadata.labels?.[REVISION_LABEL];
  }

  #lookAtAll(set: DaemonSet, page: DaemonPage): void {
    if (page.spec !== set.spec) this.#hashes.set(set.spec, this.#currentHash(set));
    page.spec = set.spec;
    for (const { key } of this.#store.entries('Node')) page.dirty.add(key);
    for (const name of page.byNode.keys()) page.dirty.add(name);
  }

  #podsOn({ byNode }: DaemonPage, name: string): readonly Pod[] {
    const pods: Pod[] = [];
    for (const key of byNode.get(name) ?? []) {
      const pod = this.#store.get('Pod', key);
      if (pod !== undefined) pods.push(pod);
    }
    return pods;
  }

  /** What one node lacks or has too much of. */
  #manage(set: DaemonSet, page: DaemonPage, name: string, work: Work): void {
    const pods = this.#podsOn(page, name);
    const node = this.#store.get('Node', name);
    const verdict = node === undefined ? undefined : this.#nodes.verdict(set, node);
    if (verdict?.mayStay !== true) {
      work.surplus.push(...pods.filter(isStaying));
      return;
    }
    const { alive, waitMs } = this.#withoutFailed(set, name, pods, work.surplus);
    if (waitMs !== undefined) {
      work.laterMs = Math.min(work.laterMs ?? waitMs, waitMs);
      page.dirty.add(name);
    } else if (verdict.shouldRun && pods.length === 0) work.missing.push(name);
    // With surge two may live side by side while the set is rolled.
    if (!this.#isSurging(set) && alive.length > 1) work.surplus.push(...youngest(alive));
  }

  /** Deletes and creates; what a burst leaves over is looked at again. */
  #act(set: DaemonSet, page: DaemonPage, { missing, surplus }: Work): string | undefined {
    for (const pod of surplus.slice(0, BURST)) this.#pods.delete(set, pod);
    for (const pod of surplus.slice(BURST)) {
      page.dirty.add(pod.spec.nodeName ?? pinnedNodeOf(pod.spec) ?? '');
    }
    for (const name of missing.slice(BURST)) page.dirty.add(name);
    const refused = this.#start(set, missing.slice(0, BURST));
    if (refused !== undefined) for (const name of missing) page.dirty.add(name);
    return refused;
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
      const created = this.#pods.create(set, daemonPod(set, name, this.#hashOf(set)));
      if (isApiStatus(created)) return created.message;
    }
    return undefined;
  }

  #isSurging(set: DaemonSet): boolean {
    const { maxSurge } = set.spec.updateStrategy?.rollingUpdate ?? {};
    return maxSurge !== undefined && maxSurge !== 0 && maxSurge !== '0%';
  }

  #roll(set: DaemonSet, page: DaemonPage): void {
    if (set.spec.updateStrategy?.type === 'OnDelete') return;
    const meant: string[] = [];
    const byNode = new Map<string, readonly Pod[]>();
    for (const [name, mark] of page.marks) {
      if (!mark.desired) continue;
      meant.push(name);
      byNode.set(name, this.#podsOn(page, name));
    }
    const { maxSurge, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
    const surge = scaledValue(maxSurge, meant.length, 'up');
    const unavailable = scaledValue(maxUnavailable, meant.length, 'up');
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    const rollout: DaemonRollout = {
      hash: this.#hashOf(set),
      surge,
      unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable,
      isAvailable: (pod) => availableInMs(pod, minReadySeconds, this.#clock.now()) === 0,
    };
    const { go, start } = rollDaemons(rollout, meant, byNode);
    for (const pod of go.slice(0, BURST)) this.#pods.delete(set, pod);
    this.#start(set, start.slice(0, BURST));
  }

  /** @returns when the node's ready pod becomes available, in ms; undefined when nothing waits */
  #mark(set: DaemonSet, page: DaemonPage, name: string): number | undefined {
    const node = this.#store.get('Node', name);
    if (node === undefined) {
      setMark(page, name, undefined);
      return undefined;
    }
    const hash = this.#hashOf(set);
    const pods = this.#podsOn(page, name).filter((pod) => !isPodTerminal(pod));
    const desired = this.#nodes.verdict(set, node).shouldRun;
    const [pod] = [...pods].sort(olderFirst);
    const isFresh = (it: Pod): boolean => it.metadata.labels?.[REVISION_LABEL] === hash;
    const inMs =
      pod === undefined
        ? undefined
        : availableInMs(pod, set.spec.minReadySeconds ?? 0, this.#clock.now());
    setMark(page, name, {
      desired,
      misscheduled: !desired && pod !== undefined,
      current: desired && pod !== undefined,
      updated: desired && pod !== undefined && isFresh(pod),
      ready: desired && inMs !== undefined,
      available: desired && inMs === 0,
      outdated: desired && pods.some((it) => !isFresh(it)),
    });
    return inMs !== undefined && inMs > 0 ? inMs : undefined;
  }

  #writeStatus(set: DaemonSet, { counts }: DaemonPage): void {
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
