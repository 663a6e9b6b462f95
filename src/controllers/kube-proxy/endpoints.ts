/**
 * controllers/kube-proxy/endpoints — the endpoints of a Service port out of its EndpointSlices, in
 * one address family, and which of them a node sends traffic to. Neutral of the mode: the iptables
 * rules and the nftables rules are both made from it.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/endpointslicecache.go and endpoint.go, and
 * pkg/proxy/topology.go CategorizeEndpoints; of later releases what reads hints: 1.31 ignores the
 * Service's annotation, 1.34 knows hints for nodes.
 */
import type { EndpointSlice } from '../../model/kubernetes/networking.ts';
import { familyOf, formatSocketAddress, type Ip, type IpFamily, parseIp } from '../../net/index.ts';
import { isWatched, type ServicePort } from './service-port.ts';

export interface ProxyEndpoint {
  readonly ip: Ip;
  readonly port: number;
  /** `10.0.3.50:8080` or `[2001:db8::1]:8080`. */
  readonly text: string;
  readonly nodeName: string | undefined;
  readonly isReady: boolean;
  /** Leaves, but still answers: used where nothing is ready. */
  readonly isServingTerminating: boolean;
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

/** What of a node decides which endpoints it uses. */
export interface EndpointUser {
  readonly nodeName: string;
  /** `topology.kubernetes.io/zone`. */
  readonly zone: string | undefined;
  /** Which hints kube-proxy of this release honours. */
  readonly hints: HintsRule;
}

/** `annotated`: zones, where the Service asks for it (to 1.30); then zones; then nodes, then zones. */
export type HintsRule = 'annotated' | 'zones' | 'nodes';

/** The endpoints one node uses for a Service port. */
export interface UsedEndpoints {
  /** Of policy Cluster. */
  readonly cluster: readonly ProxyEndpoint[];
  /** Of policy Local: on the node itself. */
  readonly local: readonly ProxyEndpoint[];
  /** Both, each once. */
  readonly reachable: readonly ProxyEndpoint[];
  /** False where no node has a usable endpoint. */
  readonly hasAny: boolean;
}

const NONE: readonly ProxyEndpoint[] = Object.freeze([]);
const NO_NAMES: readonly string[] = Object.freeze([]);

/** The rule of a kube-proxy of Kubernetes 1.`minor`. */
export function hintsRule(minor: number): HintsRule {
  if (minor < 31) return 'annotated';
  return minor < 34 ? 'zones' : 'nodes';
}

const namesOf = (hints: readonly { readonly name: string }[] | undefined): readonly string[] =>
  hints === undefined || hints.length === 0 ? NO_NAMES : hints.map(({ name }) => name);

const inText = (a: ProxyEndpoint, b: ProxyEndpoint): number =>
  a.text < b.text ? -1 : a.text > b.text ? 1 : 0;

function endpointOf(
  { addresses, conditions, nodeName, hints }: EndpointSlice['endpoints'][number],
  port: number,
  family: IpFamily,
): ProxyEndpoint | undefined {
  // kube-proxy looks at the first address only.
  const ip = addresses[0] === undefined ? undefined : parseIp(addresses[0]);
  if (ip === undefined || familyOf(ip) !== family) return undefined;
  return {
    ip,
    port,
    text: formatSocketAddress(ip, port),
    nodeName,
    isReady: conditions?.ready ?? true,
    isServingTerminating: (conditions?.serving ?? true) && (conditions?.terminating ?? false),
    zones: namesOf(hints?.forZones),
    nodes: namesOf(hints?.forNodes),
  };
}

/**
 * The endpoints of a Service port, each address and port once, in the order of their text.
 *
 * @param slices  the Service's slices in any order; where two say different things of one endpoint
 *                the slice first by name counts
 */
export function endpointsOf(
  { portName, protocol }: Pick<ServicePort, 'portName' | 'protocol'>,
  slices: readonly EndpointSlice[],
  family: IpFamily,
): readonly ProxyEndpoint[] {
  const found = new Map<string, ProxyEndpoint>();
  const byName = [...slices].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const slice of byName) {
    if (slice.addressType !== `IPv${family}` || !isWatched(slice)) continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || (port.protocol ?? 'TCP') !== protocol) continue;
      if (port.port === undefined || port.port === 0) continue;
      for (const each of slice.endpoints ?? []) {
        const endpoint = endpointOf(each, port.port, family);
        if (endpoint !== undefined && !found.has(endpoint.text)) found.set(endpoint.text, endpoint);
      }
    }
  }
  return found.size === 0 ? NONE : [...found.values()].sort(inText);
}

const isDisabled = (annotation: string): boolean =>
  annotation === '' || annotation === 'disabled' || annotation === 'Disabled';

/** Whether an endpoint is one of those hinted at this node; undefined = hints are not in use. */
function hintFilter(
  { hintsAnnotation }: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  { nodeName, zone, hints }: EndpointUser,
): ((endpoint: ProxyEndpoint) => boolean) | undefined {
  if (hints === 'annotated' && isDisabled(hintsAnnotation)) return undefined;
  const ready = endpoints.filter(({ isReady }) => isReady);
  const forNode = ({ nodes }: ProxyEndpoint): boolean => nodes.includes(nodeName);
  if (hints === 'nodes' && ready.every(({ nodes }) => nodes.length > 0) && ready.some(forNode)) {
    return forNode;
  }
  if (zone === undefined || zone === '') return undefined;
  const forZone = ({ zones }: ProxyEndpoint): boolean => zones.includes(zone);
  const isUsed = ready.every(({ zones }) => zones.length > 0) && ready.some(forZone);
  return isUsed ? forZone : undefined;
}

/** Ready ones; where there are none, those that leave but still answer. */
function usable(endpoints: readonly ProxyEndpoint[]): readonly ProxyEndpoint[] {
  const ready = endpoints.filter(({ isReady }) => isReady);
  if (ready.length > 0) return ready;
  return endpoints.filter(({ isServingTerminating }) => isServingTerminating);
}

/** Whether any node can reach an endpoint of the Service port. */
export const hasAnyEndpoint = (endpoints: readonly ProxyEndpoint[]): boolean =>
  endpoints.some(({ isReady, isServingTerminating }) => isReady || isServingTerminating);

/** The endpoints of policy Cluster that a node uses: all, or those hinted at it. */
export function clusterEndpoints(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  user: EndpointUser,
): readonly ProxyEndpoint[] {
  if (!port.usesClusterEndpoints) return NONE;
  const isHinted = hintFilter(port, endpoints, user);
  const all = usable(endpoints);
  return isHinted === undefined ? all : all.filter(isHinted);
}

/** The endpoints of policy Local: usable ones of those on the node itself. */
export const localEndpoints = (
  port: ServicePort,
  onNode: readonly ProxyEndpoint[],
): readonly ProxyEndpoint[] => (port.usesLocalEndpoints ? usable(onNode) : NONE);

/** Both lists in one, each endpoint once. */
export function reachableEndpoints(
  cluster: readonly ProxyEndpoint[],
  local: readonly ProxyEndpoint[],
): readonly ProxyEndpoint[] {
  if (local.length === 0) return cluster;
  const all = new Set([...cluster, ...local]);
  return all.size === cluster.length ? cluster : [...all].sort(inText);
}

/** Which of a Service port's endpoints a node uses; topology.go CategorizeEndpoints. */
export function usedEndpoints(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  user: EndpointUser,
): UsedEndpoints {
  const cluster = clusterEndpoints(port, endpoints, user);
  const onNode = endpoints.filter(({ nodeName }) => nodeName === user.nodeName);
  const local = localEndpoints(port, onNode);
  const reachable = reachableEndpoints(cluster, local);
  return { cluster, local, reachable, hasAny: hasAnyEndpoint(endpoints) };
}
