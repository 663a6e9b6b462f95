/**
 * controllers/in-tree-load-balancer/finalizer — keeps a Service until its load balancer is gone.
 *
 * Follows kubernetes/cloud-provider@4666611 controllers/service/controller.go:852-900.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { serviceKey } from './provider.ts';
import { must } from './provider-error.ts';

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

/** True for a Service that waits for its load balancer to go. */
export const hasFinalizer = ({ metadata }: Service): boolean =>
  metadata.finalizers?.includes(FINALIZER) ?? false;

/** Adds it where it is not there yet. */
export function addFinalizer(kubernetes: Kubernetes, service: Service): void {
  if (hasFinalizer(service)) return;
  patch(kubernetes, service, [...(service.metadata.finalizers ?? []), FINALIZER]);
}

/** Takes it away: a Service that is being deleted goes with the last one. */
export function removeFinalizer(kubernetes: Kubernetes, service: Service): void {
  if (!hasFinalizer(service)) return;
  const left = (service.metadata.finalizers ?? []).filter((it) => it !== FINALIZER);
  patch(kubernetes, service, left);
}

function patch(kubernetes: Kubernetes, service: Service, finalizers: readonly string[]): void {
  must(kubernetes.patch('Service', serviceKey(service), 'merge', { metadata: { finalizers } }));
}
