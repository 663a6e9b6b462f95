/**
 * controllers/workloads/disruption — counts for every PodDisruptionBudget how many pods may go now.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/disruption/disruption.go (getExpectedPodCount,
 * countHealthyPods, buildDisruptedPodMap, updatePdbStatus). Pods whose controller has no scale of
 * its own are expected once each.
 * Reads: PodDisruptionBudget, Pod, ReplicaSet, Deployment, StatefulSet.  Writes: PDB status.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isPodReady } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import {
  type Condition,
  controllerOf,
  type KubernetesObject,
  keyOf,
  type LabelSelector,
} from '../../model/kubernetes/meta.ts';
import { isEmptySelector, matchesSelector } from '../../model/kubernetes/selectors.ts';
import { parseTimestamp, timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, itself, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { scaledValue } from './int-or-percent.ts';

/** DeletionTimeout: an evicted pod that is still there counts as healthy again. */
const EVICTION_TIMEOUT_MS = 120_000;

interface BudgetSpec {
  readonly selector?: LabelSelector | undefined;
  readonly minAvailable?: number | string | undefined;
  readonly maxUnavailable?: number | string | undefined;
}

interface BudgetStatus {
  readonly disruptedPods?: Readonly<Record<string, string>> | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

const specOf = ({ spec }: KubernetesObject): BudgetSpec => (spec ?? {}) as BudgetSpec;

const isOf = (budget: KubernetesObject, pod: Pod): boolean => {
  if (budget.metadata.namespace !== pod.metadata.namespace) return false;
  const { selector } = specOf(budget);
  return isEmptySelector(selector) || matchesSelector(selector, pod.metadata.labels);
};

/** Requests are keys of budgets. */
export function disruptionController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  return {
    name: 'disruption',
    batchMs: 20,
    watches: [
      watch<Kinds, 'PodDisruptionBudget'>('PodDisruptionBudget', itself),
      watch<Kinds, 'Pod'>('Pod', ({ value, previous }) => {
        if (store.count('PodDisruptionBudget') === 0) return [];
        return store
          .list('PodDisruptionBudget')
          .filter((it) => [value, previous].some((pod) => pod !== undefined && isOf(it, pod)))
          .map(keyOf);
      }),
    ],
    reconcile(key) {
      const budget = store.get('PodDisruptionBudget', key);
      if (budget === undefined) return done;
      const status = statusOf(store, budget, clock.now());
      kubernetes.updateStatus({ ...budget, status });
      return Object.keys(status.disruptedPods ?? {}).length === 0
        ? done
        : requeue(EVICTION_TIMEOUT_MS, 'an evicted pod is still there', { background: true });
    },
  };
}

function statusOf(store: TwinStore, budget: KubernetesObject, nowMs: number) {
  const before = (budget.status ?? {}) as BudgetStatus;
  const { namespace = '', generation } = budget.metadata;
  const pods = store.lookup('Pod', 'namespace', namespace).filter((pod) => isOf(budget, pod));
  const disruptedPods = stillDisrupted(pods, before.disruptedPods ?? {}, nowMs);
  const healthy = pods.filter(
    (pod) =>
      isPodReady(pod) &&
      pod.metadata.deletionTimestamp === undefined &&
      disruptedPods[pod.metadata.name] === undefined,
  ).length;
  const { expected, desired } = expectedOf(store, specOf(budget), pods);
  const left = expected > 0 ? Math.max(0, healthy - desired) : 0;
  return {
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    disruptionsAllowed: left,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: conditionsOf(before, left, generation, timestamp(nowMs)),
  };
}

/** Evictions that the pod has not followed yet, and that are not given up. */
function stillDisrupted(
  pods: readonly Pod[],
  before: Readonly<Record<string, string>>,
  nowMs: number,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const { metadata } of pods) {
    const at = before[metadata.name];
    if (at === undefined || metadata.deletionTimestamp !== undefined) continue;
    if ((parseTimestamp(at) ?? 0) + EVICTION_TIMEOUT_MS > nowMs) kept[metadata.name] = at;
  }
  return kept;
}

interface Expected {
  readonly expected: number;
  readonly desired: number;
}

function expectedOf(
  store: TwinStore,
  { minAvailable, maxUnavailable }: BudgetSpec,
  pods: readonly Pod[],
): Expected {
  if (maxUnavailable !== undefined) {
    const expected = scaleOf(store, pods);
    const most = scaledValue(maxUnavailable, expected, 'up');
    return { expected, desired: Math.max(0, expected - most) };
  }
  if (typeof minAvailable === 'string' && minAvailable.endsWith('%')) {
    const expected = scaleOf(store, pods);
    return { expected, desired: scaledValue(minAvailable, expected, 'up') };
  }
  return { expected: pods.length, desired: scaledValue(minAvailable, pods.length, 'up') };
}

/** How many pods their controllers want, each controller once; pods without one count nothing. */
function scaleOf(store: TwinStore, pods: readonly Pod[]): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (reference === undefined) continue;
    const key = `${pod.metadata.namespace}/${reference.name}`;
    const set = reference.kind === 'ReplicaSet' ? store.get('ReplicaSet', key) : undefined;
    const owner = set === undefined ? undefined : controllerOf(set);
    if (owner?.kind === 'Deployment') {
      const deployment = store.get('Deployment', `${pod.metadata.namespace}/${owner.name}`);
      scales.set(owner.uid, deployment?.spec.replicas ?? 1);
    } else if (set !== undefined) scales.set(reference.uid, set.spec.replicas ?? 1);
    else if (reference.kind === 'StatefulSet') {
      scales.set(reference.uid, store.get('StatefulSet', key)?.spec.replicas ?? 1);
    } else scales.set(reference.uid, (scales.get(reference.uid) ?? 0) + 1);
  }
  return [...scales.values()].reduce((sum, it) => sum + it, 0);
}

function conditionsOf(
  before: BudgetStatus,
  left: number,
  generation: number | undefined,
  now: string,
): readonly Condition[] {
  const status = left > 0 ? 'True' : 'False';
  const known = before.conditions?.find((it) => it.type === 'DisruptionAllowed');
  return [
    {
      type: 'DisruptionAllowed',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      status,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime : now,
      reason: left > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    },
  ];
}
