/**
 * controllers/external-dns/gateway-source — the names of routes: their hostnames and those of the
 * annotation as far as listeners serve them, or the listeners' own where a route has none; at the
 * addresses in the status of the Gateway that accepted the route.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/gateway.go.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { allowsNamespace } from '../../model/kubernetes/allowed-namespaces.ts';
import type { Gateway, Listener, ListenerSet } from '../../model/kubernetes/gateway.ts';
import { commonHostname } from '../../model/kubernetes/gateway-hostnames.ts';
import type { Condition } from '../../model/kubernetes/meta.ts';
import type { AnyRoute, ParentReference, RouteKind } from '../../model/kubernetes/route.ts';
import { matchesText } from '../../model/kubernetes/selectors.ts';
import { Annotations } from './annotations.ts';
import { type Endpoint, endpointsForHostname, mergeEndpoints, uniqueTargets } from './endpoint.ts';
import type { ExternalDnsSettings } from './settings.ts';
import { seenBy } from './source-object.ts';

const PROTOCOLS: Readonly<Record<RouteKind, readonly string[]>> = {
  HTTPRoute: ['HTTP', 'HTTPS'],
  GRPCRoute: ['HTTP', 'HTTPS'],
  TCPRoute: ['TCP', 'TLS'],
  TLSRoute: ['TLS'],
  UDPRoute: ['UDP'],
};

/** `gateway-httproute`, with the routes it is about. */
export const GATEWAY_SOURCES: Readonly<Record<string, RouteKind>> = {
  'gateway-httproute': 'HTTPRoute',
  'gateway-grpcroute': 'GRPCRoute',
  'gateway-tcproute': 'TCPRoute',
  'gateway-tlsroute': 'TLSRoute',
  'gateway-udproute': 'UDPRoute',
};

/** The endpoints of every route of a kind that is looked at. */
export function gatewayEndpoints(
  store: TwinStore,
  settings: ExternalDnsSettings,
  kind: RouteKind,
): readonly Endpoint[] {
  const routes = store.list(kind) as readonly AnyRoute[];
  return mergeEndpoints(routes.flatMap((route) => endpointsOf(store, settings, route)));
}

function endpointsOf(
  store: TwinStore,
  settings: ExternalDnsSettings,
  route: AnyRoute,
): readonly Endpoint[] {
  const said = seenBy(settings, route);
  if (said === undefined) return [];
  const { namespace, name } = route.metadata;
  const details = said.details(`${route.kind.toLowerCase()}/${namespace}/${name}`);
  const targetsByHost = new Map<string, string[]>();
  const wanted = namesOf(route, said, settings);
  for (const { parentRef, conditions } of route.status?.parents ?? []) {
    if (!isTrue(conditions, 'Accepted') || !isStillParent(route, parentRef)) continue;
    const parent = parentOf(store, settings, route, parentRef);
    for (const listener of parent?.listeners ?? []) {
      for (const host of servedBy(store, route, parentRef, parent!, listener, wanted)) {
        targetsByHost.set(host, [...(targetsByHost.get(host) ?? []), ...parent!.targets]);
      }
    }
  }
  return [...targetsByHost.keys()]
    .sort()
    .flatMap((host) =>
      endpointsForHostname(host, uniqueTargets(targetsByHost.get(host)!), details),
    );
}

/** An empty name stands for whatever a listener is called. */
function namesOf(
  { spec }: AnyRoute,
  said: Annotations,
  { ignoresHostnameAnnotation }: ExternalDnsSettings,
): readonly string[] {
  const hosts = spec.hostnames ?? [];
  const annotated = ignoresHostnameAnnotation ? [] : said.names('hostname');
  const source = said.get('gateway-hostname-source')?.toLowerCase();
  if (source === 'annotation-only') return annotated;
  if (source === 'defined-hosts-only') return hosts;
  return [...(hosts.length === 0 ? [''] : hosts), ...annotated];
}

interface Parent {
  readonly namespace: string | undefined;
  readonly listeners: readonly Listener[];
  readonly targets: readonly string[];
}

const isTrue = (conditions: readonly Condition[] = [], type: string): boolean =>
  conditions.find((it) => it.type === type)?.status === 'True';

const isStillParent = ({ metadata, spec }: AnyRoute, ref: ParentReference): boolean =>
  (spec.parentRefs ?? []).some(
    (it) =>
      (it.kind ?? 'Gateway') === (ref.kind ?? 'Gateway') &&
      it.name === ref.name &&
      (it.namespace ?? metadata.namespace) === (ref.namespace ?? metadata.namespace),
  );

/** The Gateway or listener set that a status speaks of; undefined where it is not looked at. */
function parentOf(
  store: TwinStore,
  settings: ExternalDnsSettings,
  route: AnyRoute,
  { kind = 'Gateway', name, namespace = route.metadata.namespace }: ParentReference,
): Parent | undefined {
  if (kind === 'Gateway') {
    const gateway = gatewayAt(store, settings, `${namespace}/${name}`);
    if (gateway === undefined) return undefined;
    const targets = targetsOf(settings, gateway);
    return { namespace, listeners: gateway.spec.listeners, targets };
  }
  const isRead = kind === 'ListenerSet' && settings.looksAtListenerSets;
  const set = isRead ? store.get('ListenerSet', `${namespace}/${name}`) : undefined;
  return set && parentOfSet(store, settings, set);
}

function gatewayAt(
  store: TwinStore,
  { annotationPrefix, gatewayLabels, gatewayName, gatewayNamespace }: ExternalDnsSettings,
  key: string,
): Gateway | undefined {
  const gateway = store.get('Gateway', key);
  if (gateway === undefined) return undefined;
  const { labels, name, namespace } = gateway.metadata;
  if (gatewayName !== '' && name !== gatewayName) return undefined;
  if (gatewayNamespace !== '' && namespace !== gatewayNamespace) return undefined;
  if (gatewayLabels !== undefined && !matchesText(gatewayLabels, labels)) return undefined;
  return new Annotations(gateway, annotationPrefix).isForAnother ? undefined : gateway;
}

/** The annotation `target`, or where the Gateway is. */
function targetsOf({ annotationPrefix }: ExternalDnsSettings, gateway: Gateway): readonly string[] {
  const { targets } = new Annotations(gateway, annotationPrefix);
  if (targets.length > 0) return targets;
  return (gateway.status?.addresses ?? []).map(({ value }) => value);
}

function parentOfSet(
  store: TwinStore,
  settings: ExternalDnsSettings,
  set: ListenerSet,
): Parent | undefined {
  const { metadata, spec, status } = set;
  const namespace = spec.parentRef.namespace ?? metadata.namespace;
  const gateway = gatewayAt(store, settings, `${namespace}/${spec.parentRef.name}`);
  if (gateway === undefined || !isTrue(status?.conditions, 'Accepted')) return undefined;
  const allowed = gateway.spec.allowedListeners?.namespaces;
  const namespaces = { own: metadata.namespace, parent: namespace };
  if (!allowsNamespace(store, allowed, 'None', namespaces)) return undefined;
  const accepted = (status?.listeners ?? []).filter(({ conditions }) =>
    isTrue(conditions, 'Accepted'),
  );
  const listeners = spec.listeners.filter(({ name }) => accepted.some((it) => it.name === name));
  const { targets } = new Annotations(set, settings.annotationPrefix);
  return {
    namespace: metadata.namespace,
    listeners,
    targets: targets.length > 0 ? targets : targetsOf(settings, gateway),
  };
}

/** The names that a listener serves for the route. */
function servedBy(
  store: TwinStore,
  { kind, metadata }: AnyRoute,
  { port, sectionName }: ParentReference,
  { namespace }: Parent,
  listener: Listener,
  wanted: readonly string[],
): readonly string[] {
  const { allowedRoutes, hostname = '', name, protocol } = listener;
  if (sectionName !== undefined && sectionName !== name) return [];
  if (port !== undefined && port !== listener.port) return [];
  if (!PROTOCOLS[kind].includes(protocol)) return [];
  const namespaces = { own: metadata.namespace, parent: namespace };
  if (!allowsNamespace(store, allowedRoutes?.namespaces, 'Same', namespaces)) return [];
  const kinds = allowedRoutes?.kinds ?? [];
  if (kinds.length > 0 && !kinds.some((it) => it.kind === kind)) return [];
  return wanted.flatMap((host) => {
    if (host === '' || hostname === '') return host || hostname || [];
    return commonHostname(hostname.toLowerCase(), host.toLowerCase()) ?? [];
  });
}
