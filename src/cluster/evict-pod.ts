/**
 * cluster/evict-pod — the pods/eviction subresource: a delete that PodDisruptionBudgets may refuse.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go. What a budget still
 * allows is counted by the disruption controller and written into its status.
 */
import { isPodReady } from '../model/kubernetes/condition.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import type { KubernetesObject, LabelSelector } from '../model/kubernetes/meta.ts';
import { keyOf } from '../model/kubernetes/meta.ts';
import { isEmptySelector, matchesSelector } from '../model/kubernetes/selectors.ts';
import { statusForbidden, statusNotFound } from './api-status.ts';
import type { Cluster } from './cluster.ts';
import { deleteObject } from './delete-object.ts';
import type { ApiStatus, DeleteOptions } from './kubernetes.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;
const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";
/** Pods somebody evicted and the controller has not seen go; more are refused. */
const DISRUPTED_MAX = 2_000;

interface BudgetStatus {
  readonly observedGeneration?: number | undefined;
  readonly disruptionsAllowed?: number | undefined;
  readonly currentHealthy?: number | undefined;
  readonly desiredHealthy?: number | undefined;
  readonly disruptedPods?: Readonly<Record<string, string>> | undefined;
}

/** Deletes the pod, unless a budget forbids it now. */
export function evictPod(
  cluster: Cluster,
  key: string,
  options: DeleteOptions = {},
): true | ApiStatus {
  const pod = cluster.store.get('Pod', key);
  if (pod === undefined) return statusNotFound(POD, key.slice(key.indexOf('/') + 1));
  if (ignoresBudgets(pod)) return deleteObject(cluster, 'Pod', key, options);
  const budgets = budgetsOf(cluster, pod);
  if (budgets.length > 1) return tooManyBudgets();
  const [budget] = budgets;
  if (budget !== undefined) {
    const refused = spend(cluster, budget, pod);
    if (refused !== undefined) return refused;
  }
  return deleteObject(cluster, 'Pod', key, options);
}

/** canIgnorePDB: nobody counts on pods that have ended, never began or are going. */
const ignoresBudgets = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined ||
  status?.phase === 'Succeeded' ||
  status?.phase === 'Failed' ||
  status?.phase === 'Pending';

function budgetsOf({ store }: Cluster, { metadata }: Pod): KubernetesObject[] {
  return store.list('PodDisruptionBudget').filter((budget) => {
    if (budget.metadata.namespace !== metadata.namespace) return false;
    const { selector } = (budget.spec ?? {}) as { selector?: LabelSelector };
    // policy/v1: an empty selector means every pod of the namespace.
    return isEmptySelector(selector) || matchesSelector(selector, metadata.labels);
  });
}

/** Takes one disruption from the budget; the refusal when there is none to take. */
function spend(cluster: Cluster, budget: KubernetesObject, pod: Pod): ApiStatus | undefined {
  const { name, generation = 0 } = budget.metadata;
  const status = (budget.status ?? {}) as BudgetStatus;
  const { unhealthyPodEvictionPolicy } = (budget.spec ?? {}) as Record<string, unknown>;
  const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = status;
  if (!isPodReady(pod)) {
    const hasEnough = currentHealthy >= desiredHealthy && desiredHealthy > 0;
    if (unhealthyPodEvictionPolicy === 'AlwaysAllow' || hasEnough) return undefined;
  }
  if ((status.observedGeneration ?? 0) < generation) {
    return tooManyRequests(
      `The disruption budget ${name} is still being processed by the server.`,
      10,
    );
  }
  if (disruptionsAllowed < 0) {
    return statusForbidden(budget, name, 'pdb disruptions allowed is negative');
  }
  const disruptedPods = status.disruptedPods ?? {};
  if (Object.keys(disruptedPods).length > DISRUPTED_MAX) {
    return statusForbidden(
      budget,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (disruptionsAllowed === 0) {
    return tooManyRequests(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ` +
        `${currentHealthy} currently`,
    );
  }
  const after = {
    ...status,
    disruptionsAllowed: disruptionsAllowed - 1,
    disruptedPods: { ...disruptedPods, [pod.metadata.name]: cluster.now() },
  };
  cluster.store.put('PodDisruptionBudget', keyOf(budget), { ...budget, status: after });
  return undefined;
}

const refusal = (
  code: number,
  reason: string,
  message: string,
  details?: ApiStatus['details'] & { readonly retryAfterSeconds?: number | undefined },
): ApiStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(details === undefined ? {} : { details }),
  code,
});

const tooManyRequests = (message: string, retryAfterSeconds?: number): ApiStatus =>
  refusal(429, 'TooManyRequests', VIOLATES, {
    causes: [{ reason: 'DisruptionBudget', message, field: '' }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

const tooManyBudgets = (): ApiStatus =>
  refusal(
    500,
    'InternalError',
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not ' +
      'support.',
  );
