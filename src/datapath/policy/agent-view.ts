/**
 * datapath/policy/agent-view — what Amazon's node agent holds for a pod: it files rules under the
 * pod's identifier, its name without the last segment, so pods of one ReplicaSet on a node share
 * their maps, and so do any others whose names agree that far.
 *
 * Upstream: aws/aws-network-policy-agent@c8619c0 pkg/utils/utils.go GetPodIdentifier;
 * controllers/policyendpoints_controller.go deriveTargetPods, updatePodIdentifierToPEMap (every
 * PolicyEndpoint of a policy that selects any pod of the identifier counts, on whatever node),
 * deriveIngressAndEgressFirewallRules; clusterpolicyendpoints_controller.go likewise.
 * Reads: PolicyEndpoint, ClusterPolicyEndpoint.  Not kept: what an agent still holds from before.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type {
  ClusterPolicyEndpoint,
  PolicyEndpoint,
} from '../../model/kubernetes/policy-endpoint.ts';
import { type Ip, parseCidrOrIp, parseIp } from '../../net/index.ts';
import { ClusterFirewallMap, type ClusterRule } from './cluster-firewall-map.ts';
import type { Direction } from './compiled-policy.ts';
import { FirewallMap, type FirewallRule } from './firewall-map.ts';

/** What the programs of one pod look into. */
export interface PodMaps {
  readonly nodeIp: Ip;
  /** The PolicyEndpoints of the identifier, by policy; empty = no rules have arrived. */
  readonly endpoints: readonly PolicyEndpoint[];
  readonly clusterEndpoints: readonly ClusterPolicyEndpoint[];
  /** The direction's rules; undefined = not isolated: a catch-all entry lets everything pass. */
  map(direction: Direction): FirewallMap | undefined;
  /** Undefined when no ClusterNetworkPolicy is about the pod. */
  clusterMap(direction: Direction): ClusterFirewallMap | undefined;
}

/** Pod name without its last `-segment`, dots as underscores, and the namespace. */
export function podIdentifier(name: string, namespace: string): string {
  const safe = name.replaceAll('.', '_');
  const dash = safe.lastIndexOf('-');
  return `${dash < 0 ? safe : safe.slice(0, dash)}@${namespace}`;
}

const TYPE = { ingress: 'Ingress', egress: 'Egress' } as const;

interface Filed<Endpoint> {
  readonly all: readonly Endpoint[];
  /** Names of the policies that select a pod of the identifier, and the nodes of those pods. */
  readonly byIdentifier: ReadonlyMap<string, { policies: Set<string>; hosts: Set<string> }>;
  readonly byPolicy: ReadonlyMap<string, readonly Endpoint[]>;
}

type AnyEndpoint = PolicyEndpoint | ClusterPolicyEndpoint;

/** Maps per identifier that are kept; the oldest goes first. */
const MAPS_MAX = 20_000;
/** Tries that are kept: some hold thousands of blocks. */
const SHARED_MAX = 4_096;

export class AgentView {
  readonly #store: TwinStore;
  #revision = -1;
  readonly #namespaces = new Map<string, { filed: Filed<PolicyEndpoint>; revision: number }>();
  #cluster: { filed: Filed<ClusterPolicyEndpoint>; revision: number } | undefined;
  #maps = new Map<string, PodMaps>();
  readonly #shared = new SharedMaps();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** Forgets what an older state of the store said, but for endpoints that are still the same. */
  refresh(): void {
    if (this.#store.revision === this.#revision) return;
    this.#revision = this.#store.revision;
    this.#maps = new Map();
  }

  /** What the agent of the pod's node holds for it. */
  mapsOf(pod: Pod): PodMaps | undefined {
    const namespace = pod.metadata.namespace ?? '';
    const host = pod.status?.hostIP ?? '';
    const identifier = podIdentifier(pod.metadata.name, namespace);
    const key = `${identifier}|${host}`;
    const known = this.#maps.get(key);
    if (known !== undefined) return known;
    const nodeIp = parseIp(host);
    if (nodeIp === undefined) return undefined;
    const endpoints = local(this.#endpointsIn(namespace), identifier, host);
    const clusterEndpoints = local(this.#clusterEndpoints(), identifier, host);
    const made = new Maps(this.#shared, nodeIp, endpoints, clusterEndpoints);
    if (this.#maps.size >= MAPS_MAX) this.#maps.delete(this.#maps.keys().next().value!);
    this.#maps.set(key, made);
    return made;
  }

  #endpointsIn(namespace: string): Filed<PolicyEndpoint> {
    const known = this.#namespaces.get(namespace);
    if (known?.revision === this.#revision) return known.filed;
    const now = this.#store.lookup('PolicyEndpoint', 'namespace', namespace);
    const filed = known !== undefined && isSame(known.filed.all, now) ? known.filed : file(now);
    this.#namespaces.set(namespace, { filed, revision: this.#revision });
    return filed;
  }

  #clusterEndpoints(): Filed<ClusterPolicyEndpoint> {
    const known = this.#cluster;
    if (known?.revision === this.#revision) return known.filed;
    const now = this.#store.list('ClusterPolicyEndpoint');
    const filed = known !== undefined && isSame(known.filed.all, now) ? known.filed : file(now);
    this.#cluster = { filed, revision: this.#revision };
    return filed;
  }
}

class Maps implements PodMaps {
  readonly nodeIp: Ip;
  readonly endpoints: readonly PolicyEndpoint[];
  readonly clusterEndpoints: readonly ClusterPolicyEndpoint[];
  readonly #shared: SharedMaps;
  readonly #own = new Map<Direction, FirewallMap>();
  readonly #ownCluster = new Map<Direction, ClusterFirewallMap>();

  constructor(
    shared: SharedMaps,
    nodeIp: Ip,
    endpoints: readonly PolicyEndpoint[],
    clusterEndpoints: readonly ClusterPolicyEndpoint[],
  ) {
    this.#shared = shared;
    this.nodeIp = nodeIp;
    this.endpoints = endpoints;
    this.clusterEndpoints = clusterEndpoints;
  }

  map(direction: Direction): FirewallMap | undefined {
    const shared = this.#shared.map(this.endpoints, direction, familyOfNode(this.nodeIp));
    if (shared === undefined || !shared.hasNetwork(this.nodeIp)) return shared;
    const own =
      this.#own.get(direction) ??
      new FirewallMap(rulesOf(this.endpoints, direction), familyOfNode(this.nodeIp), this.nodeIp);
    this.#own.set(direction, own);
    return own;
  }

  clusterMap(direction: Direction): ClusterFirewallMap | undefined {
    if (this.clusterEndpoints.length === 0) return undefined;
    const family = familyOfNode(this.nodeIp);
    const shared = this.#shared.clusterMap(this.clusterEndpoints, direction, family);
    if (!shared.hasNetwork(this.nodeIp)) return shared;
    const rules = clusterRulesOf(this.clusterEndpoints, direction);
    const own =
      this.#ownCluster.get(direction) ?? new ClusterFirewallMap(rules, family, this.nodeIp);
    this.#ownCluster.set(direction, own);
    return own;
  }
}

const familyOfNode = (nodeIp: Ip): 4 | 6 => (typeof nodeIp === 'number' ? 4 : 6);

/** One map for every node and identifier with the same endpoints. */
class SharedMaps {
  readonly #maps = new Map<string, FirewallMap | undefined>();
  readonly #clusterMaps = new Map<string, ClusterFirewallMap>();

  map(
    endpoints: readonly PolicyEndpoint[],
    direction: Direction,
    family: 4 | 6,
  ): FirewallMap | undefined {
    const key = keyOf(endpoints, direction, family);
    if (this.#maps.has(key)) return this.#maps.get(key);
    const rules = rulesOf(endpoints, direction);
    const isIsolated = endpoints.some(({ spec }) =>
      (spec.podIsolation ?? []).includes(TYPE[direction]),
    );
    const isOpen = rules.length === 0 && !isIsolated;
    const made = isOpen ? undefined : new FirewallMap(rules, family);
    if (this.#maps.size >= SHARED_MAX) this.#maps.delete(this.#maps.keys().next().value!);
    this.#maps.set(key, made);
    return made;
  }

  clusterMap(
    endpoints: readonly ClusterPolicyEndpoint[],
    direction: Direction,
    family: 4 | 6,
  ): ClusterFirewallMap {
    const key = keyOf(endpoints, direction, family);
    let made = this.#clusterMaps.get(key);
    if (made === undefined) {
      made = new ClusterFirewallMap(clusterRulesOf(endpoints, direction), family);
      this.#clusterMaps.set(key, made);
    }
    return made;
  }
}

const ids = new WeakMap<AnyEndpoint, number>();
let nextId = 1;

/** Endpoints by identity: frozen objects, so the same one means the same rules. */
function keyOf(endpoints: readonly AnyEndpoint[], direction: Direction, family: 4 | 6): string {
  const numbers = endpoints.map((endpoint) => {
    let id = ids.get(endpoint);
    if (id === undefined) {
      id = nextId++;
      ids.set(endpoint, id);
    }
    return id;
  });
  return `${direction}|${family}|${numbers.join()}`;
}

const clusterRulesOf = (
  endpoints: readonly ClusterPolicyEndpoint[],
  direction: Direction,
): readonly ClusterRule[] =>
  endpoints.flatMap((endpoint) =>
    (endpoint.spec[direction] ?? []).flatMap((info) => {
      const cidr = parseCidrOrIp(info.cidr ?? '');
      return cidr === undefined ? [] : [{ cidr, info, endpoint }];
    }),
  );

const rulesOf = (
  endpoints: readonly PolicyEndpoint[],
  direction: Direction,
): readonly FirewallRule[] =>
  endpoints.flatMap((endpoint) =>
    (endpoint.spec[direction] ?? []).flatMap((info) => {
      // Entries with a domain name only are for Auto Mode's name proxy; the agent skips them.
      const cidr = parseCidrOrIp(info.cidr ?? '');
      return cidr === undefined ? [] : [{ cidr, info, endpoint }];
    }),
  );

const isSame = <Value>(a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/** The endpoints of every policy that counts for an identifier with a selected pod on the node. */
function local<Endpoint extends AnyEndpoint>(
  filed: Filed<Endpoint>,
  identifier: string,
  host: string,
): readonly Endpoint[] {
  const found = filed.byIdentifier.get(identifier);
  if (found === undefined || !found.hosts.has(host)) return [];
  return [...found.policies].sort().flatMap((policy) => filed.byPolicy.get(policy) ?? []);
}

function file<Endpoint extends AnyEndpoint>(all: readonly Endpoint[]): Filed<Endpoint> {
  const byIdentifier = new Map<string, { policies: Set<string>; hosts: Set<string> }>();
  const byPolicy = new Map<string, Endpoint[]>();
  const sorted = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const endpoint of sorted) {
    const policy = endpoint.spec?.policyRef?.name ?? '';
    byPolicy.set(policy, [...(byPolicy.get(policy) ?? []), endpoint]);
    for (const pod of endpoint.spec?.podSelectorEndpoints ?? []) {
      if (pod.podIP === pod.hostIP) continue;
      const identifier = podIdentifier(pod.name, pod.namespace);
      let filed = byIdentifier.get(identifier);
      if (filed === undefined) {
        filed = { policies: new Set(), hosts: new Set() };
        byIdentifier.set(identifier, filed);
      }
      filed.policies.add(policy);
      filed.hosts.add(pod.hostIP);
    }
  }
  return { all, byIdentifier, byPolicy };
}
