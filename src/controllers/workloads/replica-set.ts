/**
 * controllers/workloads/replica-set — keeps as many pods of a template as asked for.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/replicaset/replica_set.go manageReplicas,
 * replica_set_utils.go calculateStatus.
 * Reads: ReplicaSet, Pod.  Writes: Pod, ReplicaSet status, events.
 */
import { type ApiStatus, isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { ReplicaSet } from '../../model/kubernetes/apps.ts';
import {
  availableInMs,
  conditionOf,
  isPodActive,
  withCondition,
  withoutCondition,
} from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf, keyOf } from '../../model/kubernetes/meta.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { BackgroundRetry } from './background-retry.ts';
import { Claims } from './claims.ts';
import { inDeletionOrder } from './deletion-rank.ts';
import { PodControl, slowStart } from './pod-control.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { type PodCounts, PodLedger } from './pod-ledger.ts';

/** replica_set.go BurstReplicas: at most so many creations or deletions a sync. */
const BURST = 500;
/** Changes of one set within this time are looked at once. */
const BATCH_MS = 50;

export function replicaSetController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const claims = new Claims(store, kubernetes, 'Pod', 'ReplicaSet');
  const ledger = new PodLedger(store);
  const sync = new ReplicaSync(clock, store, kubernetes, ledger);
  return {
    name: 'replica-set',
    batchMs: BATCH_MS,
    watches: [
      watch<Kinds, 'ReplicaSet'>('ReplicaSet', ({ key, value }) => {
        claims.seeOwner(key, value);
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', (event) => {
        ledger.see(event.key, event.value);
        return claims.seeChild(event);
      }),
    ],
    reconcile(request) {
      const set = store.get('ReplicaSet', request);
      if (set === undefined) return done;
      claims.settle(set);
      return sync.sync(request, set);
    },
  };
}

class ReplicaSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #ledger: PodLedger;
  readonly #pods: PodControl;
  readonly #retries: BackgroundRetry;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes, ledger: PodLedger) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#ledger = ledger;
    this.#pods = new PodControl(kubernetes, 'replicaset-controller');
    this.#retries = new BackgroundRetry(clock);
  }

  sync(request: string, set: ReplicaSet): Result {
    const uid = set.metadata.uid!;
    const nowMs = this.#clock.now();
    const surplus = this.#ledger.counts(uid).active - (set.spec.replicas ?? 1);
    let refused: ApiStatus | undefined;
    if (set.metadata.deletionTimestamp === undefined) {
      if (surplus < 0) refused = this.#grow(set, -surplus);
      else if (surplus > 0) refused = this.#shrink(set, surplus);
    }
    const counts = this.#ledger.counts(uid);
    const { available, nextMs } = availability(this.#store, set, counts, nowMs);
    const failure = refused && failureOf(refused, surplus, timestamp(nowMs));
    const status = statusOf(set, counts, available, failure);
    this.#kubernetes.updateStatus({ ...set, status });
    if (refused !== undefined) return this.#retries.refused(request, refused.message);
    this.#retries.succeeded(request);
    return nextMs === undefined ? done : requeue(nextMs, 'minReadySeconds');
  }

  #grow(set: ReplicaSet, missing: number): ApiStatus | undefined {
    const { refused } = slowStart(Math.min(missing, BURST), () => {
      const created = this.#pods.create(set, podFromTemplate(set, set.spec.template));
      if (isApiStatus(created)) return created;
      // Not left to the watch: a lost event must not make a second pod.
      this.#ledger.see(keyOf(created), created);
      return undefined;
    });
    return refused;
  }

  #shrink(set: ReplicaSet, surplus: number): ApiStatus | undefined {
    const active = this.#store.lookup('Pod', 'owner', set.metadata.uid!).filter(isPodActive);
    const related = relatedPods(this.#store, set, active);
    const order = inDeletionOrder(active, related, this.#clock.now());
    let refused: ApiStatus | undefined;
    for (const pod of order.slice(0, Math.min(surplus, BURST))) {
      const deleted = this.#pods.delete(set, pod);
      const key = keyOf(pod);
      if (deleted === true) this.#ledger.see(key, this.#store.get('Pod', key));
      else refused ??= deleted;
    }
    return refused;
  }
}

/** Pods per node of all sets of the same Deployment: what is doubled up goes first. */
function relatedPods(
  store: TwinStore,
  set: ReplicaSet,
  own: readonly Pod[],
): ReadonlyMap<string, number> {
  const owner = controllerOf(set);
  const sets = owner === undefined ? [] : store.lookup('ReplicaSet', 'owner', owner.uid);
  const others = sets
    .filter((other) => other.metadata.uid !== set.metadata.uid)
    .flatMap((other) => store.lookup('Pod', 'owner', other.metadata.uid!))
    .filter(isPodActive);
  const counts = new Map<string, number>();
  for (const { spec } of [...own, ...others]) {
    if (spec.nodeName === undefined) continue;
    counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1);
  }
  return counts;
}

/** How many pods have been ready long enough, and when the next one will have been. */
function availability(
  store: TwinStore,
  set: ReplicaSet,
  counts: PodCounts,
  nowMs: number,
): { readonly available: number; readonly nextMs: number | undefined } {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  if (minReadySeconds === 0) return { available: counts.ready, nextMs: undefined };
  let available = 0;
  let nextMs: number | undefined;
  for (const pod of store.lookup('Pod', 'owner', set.metadata.uid!)) {
    if (!isPodActive(pod)) continue;
    const inMs = availableInMs(pod, minReadySeconds, nowMs);
    if (inMs === 0) available++;
    else if (inMs !== undefined) nextMs = Math.min(nextMs ?? inMs, inMs);
  }
  return { available, nextMs };
}

type Conditions = NonNullable<ReplicaSet['status']>['conditions'];
type Failure = NonNullable<Conditions>[number];

const failureOf = ({ message }: ApiStatus, surplus: number, at: string): Failure => ({
  type: 'ReplicaFailure',
  status: 'True',
  reason: surplus < 0 ? 'FailedCreate' : 'FailedDelete',
  message,
  lastTransitionTime: at,
});

function statusOf(
  set: ReplicaSet,
  counts: PodCounts,
  available: number,
  failure: Failure | undefined,
): NonNullable<ReplicaSet['status']> {
  const before = set.status?.conditions;
  let conditions = before;
  if (failure === undefined) conditions = withoutCondition(before, 'ReplicaFailure');
  else if (conditionOf(before, 'ReplicaFailure') === undefined) {
    conditions = withCondition(before, failure);
  }
  const some = (name: string, count: number): object => (count === 0 ? {} : { [name]: count });
  return {
    replicas: counts.active,
    ...some('fullyLabeledReplicas', counts.labeled),
    ...some('readyReplicas', counts.ready),
    ...some('availableReplicas', available),
    observedGeneration: set.metadata.generation,
    ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
  };
}
