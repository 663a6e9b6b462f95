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
import { POLICY_TYPE } from './compiled-policy.ts';
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
  const safe = name.includes('.') ? name.replaceAll('.', '_') : name;
  const dash = safe.lastIndexOf('-');
  return `${dash < 0 ? safe : safe.slice(0, dash)}@${namespace}`;
}

interface Filed<Endpoint> {
  readonly all: readonly Endpoint[];
  /** Names of the policies that select a pod of the identifier, and the nodes of those pods. */
  readonly byIdentifier: ReadonlyMap<string, { policies: Set<string>; hosts: Set<string> }>;
  readonly byPolicy: ReadonlyMap<string, readonly Endpoint[]>;
  /** The same policies are the same list, so that their maps are shared. */
  readonly lists: Map<string, readonly Endpoint[]>;
}

type AnyEndpoint = PolicyEndpoint | ClusterPolicyEndpoint;

/** Rules in the maps that are kept, about 300 bytes each. */
const RULES_MAX = 1_000_000;
/** Pods whose maps are kept at hand. */
const PODS_MAX = 20_000;

export class AgentView {
  readonly #store: TwinStore;
  #revision = -1;
  readonly #namespaces = new Map<string, { filed: Filed<PolicyEndpoint>; revision: number }>();
  #cluster: { filed: Filed<ClusterPolicyEndpoint>; revision: number } | undefined;
  readonly #maps = new Map<Pod, PodMaps>();
  readonly #shared = new SharedMaps();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** Forgets what an older state of the store said, but for endpoints that are still the same. */
  refresh(): void {
    if (this.#store.revision === this.#revision) return;
    this.#revision = this.#store.revision;
    this.#maps.clear();
  }

  /** What the agent of the pod's node holds for it. */
  mapsOf(pod: Pod): PodMaps | undefined {
    const known = this.#maps.get(pod);
    if (known !== undefined) return known;
    const namespace = pod.metadata.namespace ?? '';
    const host = pod.status?.hostIP ?? '';
    const identifier = podIdentifier(pod.metadata.name, namespace);
    const nodeIp = parseIp(host);
    if (nodeIp === undefined) return undefined;
    const endpoints = local(this.#endpointsIn(namespace), identifier, host);
    const clusterEndpoints = local(this.#clusterEndpoints(), identifier, host);
    const made = new Maps(this.#shared, nodeIp, endpoints, clusterEndpoints);
    if (this.#maps.size >= PODS_MAX) this.#maps.clear();
    this.#maps.set(pod, made);
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
  #own: Map<Direction, FirewallMap> | undefined;
  #ownCluster: Map<Direction, ClusterFirewallMap> | undefined;

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
    this.#own ??= new Map();
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
    this.#ownCluster ??= new Map();
    const own =
      this.#ownCluster.get(direction) ?? new ClusterFirewallMap(rules, family, this.nodeIp);
    this.#ownCluster.set(direction, own);
    return own;
  }
}

const familyOfNode = (nodeIp: Ip): 4 | 6 => (typeof nodeIp === 'number' ? 4 : 6);

/** One map for every node and identifier with the same endpoints; the oldest go when it is full. */
class SharedMaps {
  readonly #maps = new Map<readonly PolicyEndpoint[], Map<string, FirewallMap | undefined>>();
  /** By the list, which is the same for the same policies; gone when it is. */
  readonly #clusterMaps = new WeakMap<
    readonly ClusterPolicyEndpoint[],
    Map<string, ClusterFirewallMap>
  >();
  #rules = 0;

  map(
    endpoints: readonly PolicyEndpoint[],
    direction: Direction,
    family: 4 | 6,
  ): FirewallMap | undefined {
    let made = this.#maps.get(endpoints);
    if (made === undefined) {
      this.#makeRoom(sizeOf(endpoints));
      made = new Map();
      this.#maps.set(endpoints, made);
    }
    const key = family === 4 ? direction : `${direction}6`;
    if (!made.has(key)) made.set(key, mapOf(endpoints, direction, family));
    return made.get(key);
  }

  clusterMap(
    endpoints: readonly ClusterPolicyEndpoint[],
    direction: Direction,
    family: 4 | 6,
  ): ClusterFirewallMap {
    const maps = this.#clusterMaps.get(endpoints) ?? new Map<string, ClusterFirewallMap>();
    this.#clusterMaps.set(endpoints, maps);
    const key = `${direction}|${family}`;
    let made = maps.get(key);
    if (made === undefined) {
      made = new ClusterFirewallMap(clusterRulesOf(endpoints, direction), family);
      maps.set(key, made);
    }
    return made;
  }

  #makeRoom(rules: number): void {
    this.#rules += rules;
    if (this.#rules <= RULES_MAX) return;
    // Half of them at once: a map that loses its first key again and again is slow.
    for (const oldest of this.#maps.keys()) {
      if (this.#rules <= RULES_MAX / 2) return;
      this.#maps.delete(oldest);
      this.#rules -= sizeOf(oldest);
    }
  }
}

function mapOf(
  endpoints: readonly PolicyEndpoint[],
  direction: Direction,
  family: 4 | 6,
): FirewallMap | undefined {
  const rules = rulesOf(endpoints, direction);
  const isIsolated = endpoints.some(({ spec }) =>
    (spec.podIsolation ?? []).includes(POLICY_TYPE[direction]),
  );
  return rules.length === 0 && !isIsolated ? undefined : new FirewallMap(rules, family);
}

const sizeOf = (endpoints: readonly PolicyEndpoint[]): number =>
  endpoints.reduce(
    (sum, { spec }) => sum + (spec.ingress ?? []).length + (spec.egress ?? []).length,
    1,
  );

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

const NOTHING: readonly never[] = [];

const isSame = <Value>(a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/** The endpoints of every policy that counts for an identifier with a selected pod on the node. */
function local<Endpoint extends AnyEndpoint>(
  filed: Filed<Endpoint>,
  identifier: string,
  host: string,
): readonly Endpoint[] {
  const found = filed.byIdentifier.get(identifier);
  if (found === undefined || !found.hosts.has(host)) return NOTHING;
  const policies = [...found.policies].sort();
  const key = policies.join();
  const known = filed.lists.get(key);
  if (known !== undefined) return known;
  const list = policies.flatMap((policy) => filed.byPolicy.get(policy) ?? []);
  filed.lists.set(key, list);
  return list;
}

function file<Endpoint extends AnyEndpoint>(all: readonly Endpoint[]): Filed<Endpoint> {
  const byIdentifier = new Map<string, { policies: Set<string>; hosts: Set<string> }>();
  const byPolicy = new Map<string, Endpoint[]>();
  const sorted = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const endpoint of sorted) {
    const policy = endpoint.spec?.policyRef?.name ?? '';
    const ofPolicy = byPolicy.get(policy);
    if (ofPolicy === undefined) byPolicy.set(policy, [endpoint]);
    else ofPolicy.push(endpoint);
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
  return { all, byIdentifier, byPolicy, lists: new Map() };
}
