/**
 * controllers/kube-proxy/port-chains — the chains of Service ports, made when they are asked for by
 * name and kept as long as there is room: nodes that use the same endpoints share them.
 */
import type { IptablesChain, IptablesRule } from '../../model/linux/netfilter.ts';
import { contains, type Ip } from '../../net/index.ts';
import {
  EXTERNAL,
  endpointChainName,
  FIREWALL,
  POLICY_CLUSTER,
  POLICY_LOCAL,
  portHash,
} from './chain-names.ts';
import {
  clusterEndpoints,
  type EndpointUser,
  hasAnyEndpoint,
  localEndpoints,
  type ProxyEndpoint,
  reachableEndpoints,
} from './endpoints.ts';
import {
  balancingRules,
  type ChainStyle,
  endpointRules,
  externalRules,
  firewallRules,
  masqueradeRules,
} from './service-chains.ts';
import { usesFirewall } from './service-heads.ts';
import type { PortView } from './service-views.ts';
import { endpointsOn } from './shared-chains.ts';

/** Rules kept at a time: those of 10,000 Services with 15 endpoints each are 450,000. */
const RULES_MAX = 300_000;
/** Names of endpoints' chains kept at a time, of endpoints that are gone too. */
const OWNERS_MAX = 1_000_000;

/** One node, as far as the chains of Service ports differ between nodes. */
export interface ChainUser extends EndpointUser {
  /** Of the chains' family. */
  readonly nodeIp: Ip | undefined;
}

/** What was made of one view. */
interface Made {
  rules: number;
  readonly chains: Map<string, IptablesChain>;
  readonly clusters: Map<string, readonly ProxyEndpoint[]>;
  /** Endpoints by the names of their chains. */
  endpoints: ReadonlyMap<string, ProxyEndpoint> | undefined;
}

export class PortChains {
  readonly #style: ChainStyle;
  readonly #made = new Map<PortView, Made>();
  /** The hash of the Service port by the name of an endpoint's chain. */
  readonly #owners = new Map<string, string>();
  #rules = 0;

  constructor(style: ChainStyle) {
    this.#style = style;
  }

  get style(): ChainStyle {
    return this.#style;
  }

  /** A chain by prefix, `KUBE-SVC-`; undefined where the Service port has none such. */
  chain(prefix: string, view: PortView, user: ChainUser): IptablesChain | undefined {
    switch (prefix) {
      case POLICY_CLUSTER:
        return this.#cluster(view, user);
      case POLICY_LOCAL:
        return this.#local(view, user);
      case EXTERNAL:
        return this.#external(view, user);
      case FIREWALL:
        return this.#firewall(view, user);
      default:
        return undefined;
    }
  }

  /** The chain of one endpoint, by its name. */
  endpointChain(name: string, view: PortView): IptablesChain | undefined {
    const endpoint = this.endpointNames(view).get(name);
    if (endpoint === undefined) return undefined;
    return this.#keep(view, name, name, () => endpointRules(view.port, endpoint, this.#style));
  }

  /** The hash of the Service port whose endpoint has a chain of this name, if it was met. */
  ownerOf(endpointChain: string): string | undefined {
    return this.#owners.get(endpointChain);
  }

  /** Every endpoint of a view by the name its chain has; from now on its owner is known. */
  endpointNames(view: PortView): ReadonlyMap<string, ProxyEndpoint> {
    const made = this.#madeOf(view);
    if (made.endpoints === undefined) {
      const named = new Map<string, ProxyEndpoint>();
      const hash = portHash(view.port);
      if (this.#owners.size > OWNERS_MAX) this.#owners.clear();
      for (const endpoint of view.endpoints) {
        const name = endpointChainName(view.port, endpoint);
        named.set(name, endpoint);
        this.#owners.set(name, hash);
      }
      made.endpoints = named;
    }
    return made.endpoints;
  }

  /** The names of all chains a view has on a node. */
  names(view: PortView, user: ChainUser): string[] {
    const prefixes = [POLICY_CLUSTER, POLICY_LOCAL, EXTERNAL, FIREWALL];
    const own = prefixes.flatMap((prefix) => this.chain(prefix, view, user)?.name ?? []);
    const used = reachableEndpoints(this.#clusterOf(view, user), localOf(view, user));
    return [...own, ...used.map((endpoint) => endpointChainName(view.port, endpoint))];
  }

  #cluster(view: PortView, user: ChainUser): IptablesChain | undefined {
    const endpoints = this.#clusterOf(view, user);
    if (endpoints.length === 0) return undefined;
    const { port } = view;
    return this.#keep(view, POLICY_CLUSTER + hintKey(view, user), POLICY_CLUSTER, () => [
      ...(port.isInternalPolicyLocal ? [] : masqueradeRules(port, this.#style)),
      ...balancingRules(port, endpoints, this.#style),
    ]);
  }

  #local(view: PortView, user: ChainUser): IptablesChain | undefined {
    const endpoints = localOf(view, user);
    if (endpoints.length === 0) return undefined;
    const { port } = view;
    return this.#keep(view, POLICY_LOCAL + user.nodeName, POLICY_LOCAL, () => [
      ...(port.isInternalPolicyLocal ? masqueradeRules(port, this.#style) : []),
      ...balancingRules(port, endpoints, this.#style),
    ]);
  }

  #external(view: PortView, user: ChainUser): IptablesChain | undefined {
    const { port, endpoints } = view;
    if (!port.isExternallyAccessible || !hasAnyEndpoint(endpoints)) return undefined;
    const presence = { any: true, local: localOf(view, user).length > 0 };
    return this.#keep(view, `${EXTERNAL}${presence.local}`, EXTERNAL, () =>
      externalRules(port, presence, this.#style),
    );
  }

  #firewall(view: PortView, { nodeIp }: ChainUser): IptablesChain | undefined {
    const { port, endpoints } = view;
    if (!usesFirewall(port) || !hasAnyEndpoint(endpoints)) return undefined;
    const isAllowed =
      nodeIp !== undefined && port.sourceRanges.some((range) => contains(range, nodeIp));
    return this.#keep(view, `${FIREWALL}${isAllowed}`, FIREWALL, () =>
      firewallRules(port, isAllowed),
    );
  }

  #clusterOf(view: PortView, user: ChainUser): readonly ProxyEndpoint[] {
    const { clusters } = this.#madeOf(view);
    const key = hintKey(view, user);
    let endpoints = clusters.get(key);
    if (endpoints === undefined) {
      endpoints = clusterEndpoints(view.port, view.endpoints, user);
      clusters.set(key, endpoints);
    }
    return endpoints;
  }

  /** The chain kept under `key`, made now if it is not; a name may be a prefix. */
  #keep(
    view: PortView,
    key: string,
    name: string,
    make: () => readonly IptablesRule[],
  ): IptablesChain {
    const made = this.#madeOf(view);
    let chain = made.chains.get(key);
    if (chain === undefined) {
      chain = { name: name.endsWith('-') ? name + portHash(view.port) : name, rules: make() };
      made.chains.set(key, chain);
      made.rules += chain.rules.length;
      this.#rules += chain.rules.length;
      this.#forget(view);
    }
    return chain;
  }

  #madeOf(view: PortView): Made {
    let made = this.#made.get(view);
    if (made === undefined) {
      made = { rules: 0, chains: new Map(), clusters: new Map(), endpoints: undefined };
      this.#made.set(view, made);
    }
    return made;
  }

  /** Makes room by what was first looked at longest ago; `kept` is in use. */
  #forget(kept: PortView): void {
    if (this.#rules <= RULES_MAX) return;
    for (const [view, { rules }] of this.#made) {
      if (view === kept) continue;
      this.#made.delete(view);
      this.#rules -= rules;
      if (this.#rules <= RULES_MAX) return;
    }
  }
}

const localOf = (view: PortView, { nodeName }: ChainUser): readonly ProxyEndpoint[] =>
  view.port.usesLocalEndpoints ? localEndpoints(view.port, endpointsOn(view, nodeName)) : [];

const hinted = new WeakMap<PortView, 'none' | 'zones' | 'nodes'>();

/** What of a node decides the endpoints of policy Cluster it uses; most often nothing. */
function hintKey(view: PortView, { zone, nodeName }: ChainUser): string {
  let by = hinted.get(view);
  if (by === undefined) {
    const hasNodes = view.endpoints.some(({ nodes }) => nodes.length > 0);
    const hasZones = view.endpoints.some(({ zones }) => zones.length > 0);
    by = hasNodes ? 'nodes' : hasZones ? 'zones' : 'none';
    hinted.set(view, by);
  }
  if (by === 'none') return '';
  return by === 'zones' ? (zone ?? '') : `${zone ?? ''}/${nodeName}`;
}
