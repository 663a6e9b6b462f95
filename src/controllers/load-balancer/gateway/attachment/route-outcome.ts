/**
 * load-balancer/gateway/attachment/route-outcome — what became of one parent reference of a route:
 * what its status is told.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * route_reconciler_utils.go, loader.go.
 */
import type { AnyRoute, ParentReference } from '../../../../model/kubernetes/route.ts';
import type { LoadError, RouteReason } from './load-error.ts';

export interface RouteOutcome {
  readonly route: AnyRoute;
  readonly parentRef: ParentReference;
  readonly accepted: boolean;
  readonly resolvedRefs: boolean;
  readonly reason: RouteReason | 'Accepted';
  readonly message: string;
}

/** These say that the parent does not take the route; the others, that what it names is wrong. */
const UNACCEPTED: ReadonlySet<RouteReason> = new Set<RouteReason>([
  'NotAllowedByListeners',
  'NoMatchingListenerHostname',
  'NoMatchingParent',
  'UnsupportedValue',
  'IncompatibleFilters',
]);

export const accepted = (route: AnyRoute, parentRef: ParentReference): RouteOutcome => ({
  route,
  parentRef,
  accepted: true,
  resolvedRefs: true,
  reason: 'Accepted',
  message: 'Route is accepted by Gateway',
});

export const unattached = (
  route: AnyRoute,
  parentRef: ParentReference,
  reason: RouteReason,
  message: string,
): RouteOutcome => ({ route, parentRef, accepted: false, resolvedRefs: true, reason, message });

export function misloaded(
  route: AnyRoute,
  parentRef: ParentReference,
  { routeReason: reason, message }: LoadError,
): RouteOutcome {
  const isAccepted = !UNACCEPTED.has(reason);
  return { route, parentRef, accepted: isAccepted, resolvedRefs: !isAccepted, reason, message };
}

/** One outcome a reference, the first: failures stand before successes. */
export function firstOfEach(outcomes: readonly RouteOutcome[]): readonly RouteOutcome[] {
  const firsts = new Map<string, RouteOutcome>();
  for (const outcome of outcomes) {
    const { route, parentRef } = outcome;
    const { kind = 'Gateway', name, namespace = '', port = '', sectionName = '' } = parentRef;
    const { kind: routeKind, metadata } = route;
    const key = [routeKind, metadata.namespace, metadata.name, kind, namespace, name, port];
    const id = [...key, sectionName].join('/');
    if (!firsts.has(id)) firsts.set(id, outcome);
  }
  return [...firsts.values()];
}
