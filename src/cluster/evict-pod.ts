/**
 * cluster/evict-pod — the pods/eviction subresource: deletes a pod unless a disruption budget says
 * that another one has to come back first.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go Create,
 * checkAndDecrement, canIgnorePDB (texts).
 * Reads: Pod, PodDisruptionBudget.  Writes: PodDisruptionBudget's status; deletes the Pod.
 */
import type { TwinStore } from '../model/kinds.ts';
import { isPodReady } from '../model/kubernetes/condition.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import type { DisruptionBudget } from '../model/kubernetes/disruption-budget.ts';
import { matchesSelector } from '../model/kubernetes/selectors.ts';
import { timestamp } from '../model/time.ts';
import { statusNotFound } from './api-status.ts';
import type { ApiStatus, DeleteOptions, Kubernetes } from './kubernetes.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' };
/** eviction.go MaxDisruptedPodSize. */
const DISRUPTED_MAX = 2_000;

const refused = (
  code: number,
  reason: string,
  message: string,
  cause?: { readonly reason: string; readonly message: string },
): ApiStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(cause === undefined ? {} : { details: { causes: [{ ...cause, field: '' }] } }),
  code,
});

const tooMany = (cause: string): ApiStatus =>
  refused(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    { reason: 'DisruptionBudget', message: cause },
  );

/**
 * Evicts a pod as `kubectl drain` asks for it.
 *
 * @returns true when the pod is being deleted, else the API server's refusal: 404, 429 when the
 *   budget allows no further disruption, 500 when more than one budget selects the pod
 */
export function evictPod(
  store: TwinStore,
  kubernetes: Kubernetes,
  nowMs: number,
  podKey: string,
  options: DeleteOptions & { readonly dryRun?: boolean | undefined } = {},
): true | ApiStatus {
  const pod = store.get('Pod', podKey);
  if (pod === undefined) return statusNotFound(POD, podKey.slice(podKey.indexOf('/') + 1));
  const budgets = hasNoClaim(pod) ? [] : budgetsOf(store, pod);
  if (budgets.length > 1) {
    const message =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not ' +
      'support.';
    return refused(500, 'InternalError', message);
  }
  const [budget] = budgets;
  if (budget !== undefined && !isSpare(pod, budget)) {
    const no = refusalOf(budget);
    if (no !== undefined) return no;
    if (options.dryRun !== true) kubernetes.updateStatus(taken(budget, pod, nowMs));
  }
  const { dryRun, ...deletion } = options;
  return dryRun === true ? true : kubernetes.delete('Pod', podKey, deletion);
}

/** canIgnorePDB: what ended, has not begun or is leaving is nobody's loss. */
const hasNoClaim = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined ||
  ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '');

const budgetsOf = (store: TwinStore, pod: Pod): DisruptionBudget[] =>
  (store.list('PodDisruptionBudget') as DisruptionBudget[]).filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      spec?.selector !== undefined &&
      matchesSelector(spec.selector, pod.metadata.labels),
  );

/** A pod that is not ready may go while there are enough others, or always. */
function isSpare(pod: Pod, { spec, status }: DisruptionBudget): boolean {
  if (isPodReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = status?.desiredHealthy ?? 0;
  return desired > 0 && (status?.currentHealthy ?? 0) >= desired;
}

function refusalOf({ metadata, status }: DisruptionBudget): ApiStatus | undefined {
  const { name } = metadata;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 1))
    return tooMany(`The disruption budget ${name} is still being processed by the server.`);
  const allowed = status?.disruptionsAllowed ?? 0;
  const message = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
  if (Object.keys(status?.disruptedPods ?? {}).length > DISRUPTED_MAX)
    return refused(
      403,
      'Forbidden',
      `poddisruptionbudgets.policy "${name}" is forbidden: ${message}`,
    );
  if (allowed > 0) return undefined;
  return tooMany(
    `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ` +
      `${status?.currentHealthy ?? 0} currently`,
  );
}

/** The budget with one disruption fewer; its controller counts anew when the pod is gone. */
function taken(budget: DisruptionBudget, pod: Pod, nowMs: number): DisruptionBudget {
  const { status } = budget;
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: (status?.disruptionsAllowed ?? 1) - 1,
      disruptedPods: { ...status?.disruptedPods, [pod.metadata.name]: timestamp(nowMs) },
    },
  };
}
