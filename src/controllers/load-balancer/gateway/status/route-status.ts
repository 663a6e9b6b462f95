/**
 * load-balancer/gateway/status/route-status — what became of a route at each of its parents.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 controllers/gateway/
 * route_reconciler.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import { ALB_CONTROLLER, NLB_CONTROLLER } from '../../../../model/kubernetes/gateway.ts';
import type {
  AnyRoute,
  ParentReference,
  RouteParentStatus,
} from '../../../../model/kubernetes/route.ts';
import { ALB_ROUTES } from '../attachment/gateway-lookups.ts';
import type { RouteOutcome } from '../attachment/route-outcome.ts';
import { conditionOf, isSameButTime, type Seen, verdict } from './conditions.ts';

/**
 * The route's parents with one of them said anew; undefined where that changes nothing.
 *
 * @param route  as it is stored now
 */
export function routeParents(
  store: TwinStore,
  route: AnyRoute,
  outcome: RouteOutcome,
  at: string,
): readonly RouteParentStatus[] | undefined {
  const before = new Map(
    (route.status?.parents ?? []).map((it) => [referenceText(route, it.parentRef), it]),
  );
  const told = referenceText(route, outcome.parentRef);
  const parents = (route.spec.parentRefs ?? []).flatMap((parentRef) => {
    const text = referenceText(route, parentRef);
    const known = before.get(text);
    if (text !== told) return known === undefined ? [] : [known];
    const seenBefore = known?.conditions[0]?.observedGeneration ?? 0;
    const saw = outcome.route.metadata.generation ?? 0;
    if (known !== undefined && seenBefore > saw) return [known];
    return [parentStatus(store, route, parentRef, outcome, at)];
  });
  return isSameButTime(route.status?.parents ?? [], parents) ? undefined : parents;
}

function parentStatus(
  store: TwinStore,
  route: AnyRoute,
  parentRef: ParentReference,
  { accepted, message, reason, resolvedRefs }: RouteOutcome,
  at: string,
): RouteParentStatus {
  const seen: Seen = { at, generation: route.metadata.generation ?? 0 };
  const resolved = verdict('ResolvedRefs', true, 'ResolvedRefs', '');
  const missing = missingParent(store, route, parentRef);
  const verdicts =
    missing === undefined
      ? [
          resolvedRefs ? resolved : verdict('ResolvedRefs', false, reason, message),
          accepted
            ? verdict('Accepted', true, 'Accepted', '')
            : verdict('Accepted', false, reason, message),
        ]
      : [verdict('Accepted', false, 'ParentRefDoesNotExist', missing), resolved];
  return {
    parentRef,
    controllerName: ALB_ROUTES.includes(route.kind) ? ALB_CONTROLLER : NLB_CONTROLLER,
    conditions: verdicts.map((it) => conditionOf(it, seen)),
  };
}

/** Why the parent is not there, as the API server says it. */
function missingParent(
  store: TwinStore,
  { metadata }: AnyRoute,
  { kind = 'Gateway', name, namespace = metadata.namespace }: ParentReference,
): string | undefined {
  if (kind !== 'Gateway' && kind !== 'ListenerSet') {
    return `Unknown parent reference kind ${kind}`;
  }
  if (store.get(kind, `${namespace}/${name}`) !== undefined) return undefined;
  return `${kind.toLowerCase()}s.gateway.networking.k8s.io "${name}" not found`;
}

const referenceText = ({ metadata }: AnyRoute, ref: ParentReference): string =>
  [
    ref.group ?? '',
    ref.kind ?? '',
    ref.namespace ?? metadata.namespace ?? '',
    ref.name,
    ref.sectionName ?? '',
    ref.port ?? '',
  ].join('/');
