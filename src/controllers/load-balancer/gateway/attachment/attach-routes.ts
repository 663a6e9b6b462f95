/**
 * load-balancer/gateway/attachment/attach-routes — which routes listen where: each listener and
 * each route have to agree about namespace, kind and hostname.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * route_listener_mapper.go, listener_attachment_helper.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import { allowsNamespace } from '../../../../model/kubernetes/allowed-namespaces.ts';
import type { Gateway, Listener, ListenerSet } from '../../../../model/kubernetes/gateway.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type { AnyRoute, ParentReference } from '../../../../model/kubernetes/route.ts';
import { parentTerm } from './gateway-lookups.ts';
import { servedHostnames } from './hostnames.ts';
import { allowedKinds, type ValidatedListener } from './listener-validation.ts';
import type { RouteReason } from './load-error.ts';
import { type RouteOutcome, unattached } from './route-outcome.ts';

/** The Gateway or one of its listener sets, with what was found out about its listeners. */
export interface Parent {
  readonly object: Gateway | ListenerSet;
  readonly listeners: readonly ValidatedListener[];
}

export interface AttachedRoute {
  readonly route: AnyRoute;
  /** Its references that some listener takes. */
  readonly parentRefs: readonly ParentReference[];
  /** By port; none where a listener serves whatever the route does. */
  readonly hostnames: ReadonlyMap<number, ReadonlySet<string>>;
}

export interface Attachment {
  /** Every port that is listened at, with its routes; invalid listeners have none. */
  readonly routesByPort: ReadonlyMap<number, readonly AttachedRoute[]>;
  /** The valid ones. */
  readonly listeners: readonly Listener[];
  /** Routes by listener, valid or not, as `Kind/namespace/name/listener`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly failures: readonly RouteOutcome[];
}

export const listenerTerm = ({ kind, ...object }: Parent['object'], { name }: Listener): string =>
  `${kind}/${keyOf(object)}/${name}`;

interface Attaching {
  readonly parentRefs: ParentReference[];
  readonly hostnames: Map<number, Set<string>>;
}

/** @throws LoadError  where a listener's hostname is none */
export function attachRoutes(
  store: TwinStore,
  parents: readonly Parent[],
  routes: readonly AnyRoute[],
): Attachment {
  const byTerm = new Map(
    parents.map((parent) => [`${parent.object.kind}/${keyOf(parent.object)}`, parent]),
  );
  const attached = new Map<string, AnyRoute[]>();
  const found = new Map<AnyRoute, Attaching>();
  const failures: RouteOutcome[] = [];
  for (const route of routes) {
    const own: Attaching = { parentRefs: [], hostnames: new Map() };
    found.set(route, own);
    for (const parentRef of route.spec.parentRefs ?? []) {
      const parent = byTerm.get(parentTerm(route, parentRef));
      if (parent === undefined) continue;
      const tries = targetsOf(parent, parentRef).map((listener) => {
        const served = tryListener(store, parent, listener, route);
        if ('reason' in served) return unattached(route, parentRef, served.reason, served.message);
        const term = listenerTerm(parent.object, listener);
        attached.set(term, [...(attached.get(term) ?? []), route]);
        const hostnames = own.hostnames.get(listener.port) ?? new Set();
        for (const hostname of served.hostnames) hostnames.add(hostname);
        own.hostnames.set(listener.port, hostnames);
        return undefined;
      });
      if (tries.includes(undefined)) own.parentRefs.push(parentRef);
      else if (tries.length > 0) failures.push(...tries.filter((it) => it !== undefined));
      else failures.push(unattached(route, parentRef, 'NoMatchingParent', NO_SUCH_LISTENER));
    }
  }
  return { ...perPort(parents, attached, found), counts: countsOf(attached), failures };
}

const NO_SUCH_LISTENER = 'Route parentRef does not match listener';
const DENIED = 'Listener does not allow route attachment,';

/** The listeners a reference means. */
const targetsOf = (
  { listeners }: Parent,
  { sectionName, port }: ParentReference,
): readonly Listener[] =>
  listeners
    .map(({ listener }) => listener)
    .filter((it) => sectionName === undefined || it.name === sectionName)
    .filter((it) => port === undefined || it.port === port);

function tryListener(
  store: TwinStore,
  { object }: Parent,
  listener: Listener,
  { kind, metadata, spec }: AnyRoute,
):
  | { readonly hostnames: readonly string[] }
  | { readonly reason: RouteReason; readonly message: string } {
  const refuse = (reason: RouteReason, message: string) => ({
    reason,
    message: `${DENIED} ${message}`,
  });
  const namespaces = { own: metadata.namespace, parent: object.metadata.namespace };
  if (!allowsNamespace(store, listener.allowedRoutes?.namespaces, 'Same', namespaces)) {
    return refuse('NotAllowedByListeners', 'namespace does not match between listener and route');
  }
  if (!allowedKinds(listener).includes(kind)) {
    return refuse('NotAllowedByListeners', 'kind does not match between listener and route');
  }
  if (kind === 'TCPRoute' || kind === 'UDPRoute') return { hostnames: [] };
  const hostnames = servedHostnames(listener, spec.hostnames ?? []);
  return hostnames === undefined
    ? refuse('NoMatchingListenerHostname', 'no matching hostname')
    : { hostnames };
}

function perPort(
  parents: readonly Parent[],
  attached: ReadonlyMap<string, readonly AnyRoute[]>,
  found: ReadonlyMap<AnyRoute, Attaching>,
): Pick<Attachment, 'routesByPort' | 'listeners'> {
  const listeners: Listener[] = [];
  const byPort = new Map<number, Set<AnyRoute>>();
  for (const { object, listeners: validated } of parents) {
    for (const { listener, reason } of validated) {
      const routes = byPort.get(listener.port) ?? new Set();
      byPort.set(listener.port, routes);
      if (reason !== 'Accepted') continue;
      listeners.push(listener);
      for (const route of attached.get(listenerTerm(object, listener)) ?? []) routes.add(route);
    }
  }
  const routesByPort = new Map(
    [...byPort].map(([port, routes]) => [
      port,
      [...routes].map((route): AttachedRoute => ({ route, ...found.get(route)! })),
    ]),
  );
  return { routesByPort, listeners };
}

const countsOf = (
  attached: ReadonlyMap<string, readonly AnyRoute[]>,
): ReadonlyMap<string, number> =>
  new Map([...attached].map(([term, { length }]) => [term, length]));
