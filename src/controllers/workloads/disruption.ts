/**
 * controllers/workloads/disruption — says of every PodDisruptionBudget how many of its pods may be
 * evicted now.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/disruption/disruption.go trySync,
 * getExpectedPodCount, countHealthyPods, buildDisruptedPodMap.
 * Reads: PodDisruptionBudget, Pod, and what owns pods.  Writes: PodDisruptionBudget's status.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isPodReady, withCondition } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { DisruptionBudget } from '../../model/kubernetes/disruption-budget.ts';
import { controllerOf } from '../../model/kubernetes/meta.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import { parseTimestamp, timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { scaledValue } from './int-or-percent.ts';

/** disruption.go DeletionTimeout: an eviction whose pod stays longer has not happened. */
const DELETION_TIMEOUT_MS = 120_000;
const BATCH_MS = 50;

/** Requests are keys of budgets. */
export function disruptionController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  /** Keys of the budgets of a namespace; most namespaces have none. */
  const budgets = new Map<string, Set<string>>();
  const see = (key: string, exists: boolean): void => {
    const namespace = key.slice(0, key.indexOf('/'));
    const keys = budgets.get(namespace) ?? new Set();
    if (exists) budgets.set(namespace, keys.add(key));
    else if (keys.delete(key) && keys.size === 0) budgets.delete(namespace);
  };
  const concerns = (key: string, pod: Pod | undefined): boolean => {
    if (pod === undefined) return false;
    const budget = store.get('PodDisruptionBudget', key) as DisruptionBudget | undefined;
    return budget !== undefined && selects(budget, pod.metadata.labels);
  };
  return {
    name: 'disruption',
    batchMs: BATCH_MS,
    watches: [
      watch<Kinds, 'PodDisruptionBudget'>('PodDisruptionBudget', ({ key, value }) => {
        see(key, value !== undefined);
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => {
        if (budgets.size === 0) return [];
        const ofNamespace = budgets.get(key.slice(0, key.indexOf('/')));
        if (ofNamespace === undefined) return [];
        // A namespace full of other pods costs nothing.
        return [...ofNamespace].filter((it) => concerns(it, value) || concerns(it, previous));
      }),
    ],
    reconcile(request) {
      const budget = store.get('PodDisruptionBudget', request) as DisruptionBudget | undefined;
      if (budget === undefined) return done;
      const pods = store
        .lookup('Pod', 'namespace', budget.metadata.namespace ?? '')
        .filter(({ metadata }) => selects(budget, metadata.labels));
      kubernetes.updateStatus(counted(store, budget, pods, clock.now()));
      return done;
    },
  };
}

const selects = ({ spec }: DisruptionBudget, labels: Pod['metadata']['labels']): boolean =>
  spec?.selector !== undefined && matchesSelector(spec.selector, labels);

/** The budget with its status as of now. */
function counted(
  store: TwinStore,
  budget: DisruptionBudget,
  pods: readonly Pod[],
  nowMs: number,
): DisruptionBudget {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const scale = expectedScale(store, pods);
  let expectedPods = scale;
  let desiredHealthy: number;
  if (maxUnavailable !== undefined) {
    desiredHealthy = Math.max(0, scale - scaledValue(maxUnavailable, scale, 'up'));
  } else if (typeof minAvailable === 'number') {
    expectedPods = pods.length;
    desiredHealthy = minAvailable;
  } else {
    desiredHealthy = scaledValue(minAvailable ?? 1, scale, 'up');
  }
  const disruptedPods = stillDisrupted(budget, pods, nowMs);
  const currentHealthy = pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      disruptedPods[pod.metadata.name] === undefined &&
      isPodReady(pod),
  ).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const before = budget.status?.conditions;
  const isAllowed = disruptionsAllowed > 0;
  const condition = {
    type: 'DisruptionAllowed',
    status: isAllowed ? ('True' as const) : ('False' as const),
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: timestamp(nowMs),
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  const said = before?.find(({ type }) => type === condition.type);
  const isSaid =
    said?.status === condition.status && said.observedGeneration === condition.observedGeneration;
  return {
    ...budget,
    status: {
      conditions: isSaid ? before : withCondition(before, condition),
      currentHealthy,
      desiredHealthy,
      ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
      disruptionsAllowed,
      expectedPods,
      observedGeneration: budget.metadata.generation,
    },
  };
}

/** Evicted pods that are still there, and were evicted not too long ago. */
function stillDisrupted(
  { status }: DisruptionBudget,
  pods: readonly Pod[],
  nowMs: number,
): Readonly<Record<string, string>> {
  const there = new Set(
    pods.flatMap(({ metadata }) =>
      metadata.deletionTimestamp === undefined ? [metadata.name] : [],
    ),
  );
  const entries = Object.entries(status?.disruptedPods ?? {});
  return Object.fromEntries(
    entries.filter(
      ([name, at]) => there.has(name) && (parseTimestamp(at) ?? 0) + DELETION_TIMEOUT_MS > nowMs,
    ),
  );
}

/** How many pods their controllers want together; pods of nobody do not count. */
function expectedScale(store: TwinStore, pods: readonly Pod[]): number {
  const wanted = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined || wanted.has(owner.uid)) continue;
    const key = `${pod.metadata.namespace}/${owner.name}`;
    const set = store.get('ReplicaSet', key);
    const above = owner.kind === 'ReplicaSet' && set !== undefined ? controllerOf(set) : undefined;
    if (above?.kind === 'Deployment') {
      const deployment = store.get('Deployment', `${pod.metadata.namespace}/${above.name}`);
      if (deployment !== undefined) wanted.set(above.uid, deployment.spec.replicas ?? 1);
    } else if (owner.kind === 'ReplicaSet' && set !== undefined) {
      wanted.set(owner.uid, set.spec.replicas ?? 1);
    } else if (owner.kind === 'StatefulSet') {
      wanted.set(owner.uid, store.get('StatefulSet', key)?.spec.replicas ?? 1);
    }
  }
  return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0);
}
