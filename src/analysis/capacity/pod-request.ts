/**
 * analysis/capacity/pod-request — what one pod of a template takes of a node.
 *
 * Upstream: kubernetes/kubernetes staging/src/k8s.io/component-helpers/resource/helpers.go
 * PodRequests: containers and sidecars together, or the largest init container if that is more,
 * plus overhead. A limit without a request is a request.
 */
import type { Container, PodSpec, ResourceList } from '../../model/kubernetes/core.ts';
import { milliOf } from '../../model/kubernetes/quantity.ts';

/** Milli-units by resource name. */
export type Amounts = ReadonlyMap<string, number>;

/** Amounts of a resource list. */
export function amountsOf(list: ResourceList | undefined): Map<string, number> {
  return new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, milliOf(quantity)]));
}

const requestsOf = ({ resources }: Container): Map<string, number> =>
  amountsOf({ ...resources?.limits, ...resources?.requests });

/** Adds `more` to `total` in place. */
export function addAmounts(total: Map<string, number>, more: Amounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount);
}

function raiseTo(total: Map<string, number>, least: Amounts): void {
  for (const [name, amount] of least) total.set(name, Math.max(total.get(name) ?? 0, amount));
}

/** What the scheduler counts for a pod of this spec. */
export function podRequest(spec: PodSpec): Amounts {
  const total = new Map<string, number>();
  for (const container of spec.containers) addAmounts(total, requestsOf(container));
  const sidecars = new Map<string, number>();
  const largestInit = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      addAmounts(total, requests);
      addAmounts(sidecars, requests);
      raiseTo(largestInit, sidecars);
    } else {
      addAmounts(requests, sidecars);
      raiseTo(largestInit, requests);
    }
  }
  raiseTo(total, largestInit);
  addAmounts(total, amountsOf(spec.overhead));
  return total;
}
