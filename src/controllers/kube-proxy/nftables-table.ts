/**
 * controllers/kube-proxy/nftables-table — a node's `table ip kube-proxy` (or ip6) as kube-proxy's
 * nftables mode writes it. Chains, sets and maps answer by name and key and are made on demand: a
 * table of ten thousand Services costs what is asked of it, and what nodes share is made once.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/nftables/proxier.go. Where two Services claim
 * one address and port, the first by its key has it; in a cluster it is whichever came last.
 */
import { type NftChain, type NftTable, nftTable } from '../../model/linux/nftables.ts';
import type { NftDatatype } from '../../model/linux/nftables-field.data.ts';
import {
  type NftElement,
  type NftMap,
  type NftMapElement,
  type NftScalar,
  type NftSet,
  nftKeyText,
  nftSet,
} from '../../model/linux/nftables-set.ts';
import type { Ip } from '../../net/index.ts';
import { type EndpointUser, usedEndpoints } from './endpoints.ts';
import {
  baseChains,
  CLUSTER_IPS,
  FIREWALL_IPS,
  NO_ENDPOINT_NODEPORTS,
  NO_ENDPOINT_SERVICES,
  NODEPORT_IPS,
  SERVICE_IPS,
  SERVICE_NODEPORTS,
} from './nftables-base.ts';
import type { NftablesIndex } from './nftables-index.ts';
import { AFFINITY, ENDPOINT } from './nftables-names.ts';
import { type ServiceRules, serviceRules } from './nftables-service.ts';
import type { PortView } from './service-views.ts';

/** What of a node and its kube-proxy's settings a table depends on. */
export interface NftNode extends EndpointUser {
  readonly nodeIp: Ip | undefined;
  /**
   * Addresses that take NodePorts: the primary one unless `nodePortAddresses` says otherwise, and
   * never loopback; undefined = every address of the node.
   */
  readonly nodePortIps: readonly Ip[] | undefined;
  /** One bit; 0x4000 by default. */
  readonly masqueradeMark: number;
}

type MapOf = Exclude<keyof ServiceRules, 'chains' | 'sets'>;

const MAPS: readonly {
  readonly name: string;
  readonly of: MapOf;
  readonly isNodePort: boolean;
  readonly comment: string;
}[] = [
  {
    name: FIREWALL_IPS,
    of: 'firewallIps',
    isNodePort: false,
    comment: 'destinations that are subject to LoadBalancerSourceRanges',
  },
  {
    name: NO_ENDPOINT_NODEPORTS,
    of: 'noEndpointNodePorts',
    isNodePort: true,
    comment: 'vmap to drop or reject packets to service nodeports with no endpoints',
  },
  {
    name: NO_ENDPOINT_SERVICES,
    of: 'noEndpointServices',
    isNodePort: false,
    comment: 'vmap to drop or reject packets to services with no endpoints',
  },
  {
    name: SERVICE_IPS,
    of: 'serviceIps',
    isNodePort: false,
    comment: 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
  },
  {
    name: SERVICE_NODEPORTS,
    of: 'nodePorts',
    isNodePort: true,
    comment: 'NodePort traffic',
  },
];

class KubeProxyTable {
  readonly #index: NftablesIndex;
  readonly #node: NftNode;
  readonly #addressType: NftDatatype;
  /** Rules of ports that depend on the node. */
  readonly #own = new Map<PortView, ServiceRules>();
  readonly #fixed: NftTable;

  constructor(index: NftablesIndex, node: NftNode) {
    this.#index = index;
    this.#node = node;
    this.#addressType = index.style.family === 4 ? 'ipv4_addr' : 'ipv6_addr';
    this.#fixed = nftTable({
      family: index.style.family === 4 ? 'ip' : 'ip6',
      name: 'kube-proxy',
      comment: 'rules for kube-proxy',
      chains: fixedChains(index, node),
      sets: [this.#clusterIps(), ...this.#nodePortIps()],
      maps: MAPS.map((map) => this.#map(map)),
    });
  }

  table(): NftTable {
    const fixed = this.#fixed;
    const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
      a.name < b.name ? -1 : 1;
    return {
      ...fixed,
      chain: (name) => fixed.chain(name) ?? this.#chain(name),
      set: (name) => fixed.set(name) ?? this.#affinitySet(name),
      chains: () => [...fixed.chains(), ...this.#all(({ chains }) => chains)].sort(byName),
      sets: () => [...fixed.sets(), ...this.#all(({ sets }) => sets)].sort(byName),
    };
  }

  /** What this node writes for a Service port. */
  #rules(view: PortView): ServiceRules {
    const known = this.#index.shared(view) ?? this.#own.get(view);
    if (known !== undefined) return known;
    const used = usedEndpoints(view.port, view.endpoints, this.#node);
    const rules = serviceRules(view.port, used, this.#index.style, this.#node.nodeIp);
    this.#own.set(view, rules);
    return rules;
  }

  #all<T>(part: (rules: ServiceRules) => readonly T[]): readonly T[] {
    return this.#index.views.flatMap((view) => part(this.#rules(view)));
  }

  #chain(name: string): NftChain | undefined {
    return this.#named(name, ({ chains }) => chains);
  }

  #affinitySet(name: string): NftSet | undefined {
    return this.#named(name, ({ sets }) => sets);
  }

  /** A name that was cut does not say whose it is: then everyone is asked. */
  #named<T extends { readonly name: string }>(
    name: string,
    part: (rules: ServiceRules) => readonly T[],
  ): T | undefined {
    const owner = this.#index.ofChain(name.replace(AFFINITY, ENDPOINT));
    if (owner !== undefined) return part(this.#rules(owner)).find((it) => it.name === name);
    return name.endsWith('...') ? this.#all(part).find((it) => it.name === name) : undefined;
  }

  #map({ name, of, isNodePort, comment }: (typeof MAPS)[number]): NftMap {
    const port: readonly NftDatatype[] = ['inet_proto', 'inet_service'];
    const find = (key: readonly NftScalar[]): NftMapElement | undefined => {
      const text = nftKeyText(key);
      const views = isNodePort ? this.#index.ofNodePort(text) : this.#index.ofAddress(text);
      for (const view of views) {
        const found = this.#rules(view)[of].find(
          (it) => nftKeyText(it.key as NftScalar[]) === text,
        );
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return {
      name,
      type: isNodePort ? port : [this.#addressType, ...port],
      flags: [],
      comment,
      get: find,
      elements: () => firstOfEach(this.#all((rules) => rules[of])),
    };
  }

  #clusterIps(): NftSet {
    const elementOf = ({ port }: PortView): NftElement => ({ key: [port.clusterIp] });
    return {
      name: CLUSTER_IPS,
      type: [this.#addressType],
      flags: [],
      comment: 'Active ClusterIPs',
      get: (key) => {
        const view = this.#index.ofClusterIp(nftKeyText(key));
        return view === undefined ? undefined : elementOf(view);
      },
      elements: () => [...this.#index.clusterIps()].map(elementOf),
    };
  }

  #nodePortIps(): readonly NftSet[] {
    const { nodePortIps } = this.#node;
    if (nodePortIps === undefined) return [];
    const head = {
      name: NODEPORT_IPS,
      type: [this.#addressType],
      comment: 'IPs that accept NodePort traffic',
    };
    return [
      nftSet(
        head,
        nodePortIps.map((ip) => ({ key: [ip] })),
      ),
    ];
  }
}

/** Where a key comes twice, the first counts. */
function firstOfEach(elements: readonly NftMapElement[]): readonly NftMapElement[] {
  const byKey = new Map<string, NftMapElement>();
  for (const element of elements) {
    const text = nftKeyText(element.key as NftScalar[]);
    if (!byKey.has(text)) byKey.set(text, element);
  }
  return [...byKey.values()];
}

/** Made once for every style, mark and way of taking NodePorts. */
const fixedByIndex = new WeakMap<NftablesIndex, Map<string, readonly NftChain[]>>();

function fixedChains(index: NftablesIndex, node: NftNode): readonly NftChain[] {
  const isEveryAddress = node.nodePortIps === undefined;
  const key = `${node.masqueradeMark} ${isEveryAddress}`;
  const known = fixedByIndex.get(index) ?? new Map<string, readonly NftChain[]>();
  fixedByIndex.set(index, known);
  const made =
    known.get(key) ?? baseChains(index.style.family, node.masqueradeMark, isEveryAddress);
  known.set(key, made);
  return made;
}

/**
 * The table one node's kube-proxy writes.
 *
 * @param index of the node's family and settings; share it between nodes
 */
export function nftablesTable(index: NftablesIndex, node: NftNode): NftTable {
  return new KubeProxyTable(index, node).table();
}
