/**
 * controllers/kube-proxy/rule-book — kube-proxy's iptables rules in one family under one
 * configuration, for any node: what nodes share is made once, a node's own when it is asked for.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/iptables/proxier.go. Tables are complete but
 * for what others write into the built-in chains.
 */
import {
  type Iptables,
  type IptablesChain,
  type IptablesTable,
  type IptablesTableName,
  isBuiltIn,
} from '../../model/linux/netfilter.ts';
import { formatIp, type IpFamily } from '../../net/index.ts';
import { type BaseChains, baseChains } from './base-chains.ts';
import { ENDPOINT, portHash } from './chain-names.ts';
import { type NodeAddresses, nodePortAddresses, nodePortJumps } from './node-ports.ts';
import { type ChainUser, PortChains } from './port-chains.ts';
import type { LocalDetector, ProxySettings } from './proxy-settings.ts';
import type { PortView } from './service-views.ts';
import { SharedChains, type SharedRules } from './shared-chains.ts';

/** proxier.go largeClusterEndpointsThreshold. */
const LARGE_CLUSTER = 1000;
/** Prefixes of service chains are all as long, but KUBE-FW-. */
const SERVICE_CHAIN = /^KUBE-(?:SVC|SVL|EXT|FW|SEP)-/;

/** A node as its rules need it. */
export interface RuleNode extends ChainUser, NodeAddresses {}

/** Which chain of which table holds which of the shared rules. */
const SHARED: Readonly<
  Partial<Record<IptablesTableName, Readonly<Record<string, keyof SharedRules>>>>
> = {
  nat: { 'KUBE-SERVICES': 'natServices', 'KUBE-NODEPORTS': 'natNodePorts' },
  filter: {
    'KUBE-SERVICES': 'filterServices',
    'KUBE-EXTERNAL-SERVICES': 'filterExternal',
    'KUBE-NODEPORTS': 'filterNodePorts',
    'KUBE-PROXY-FIREWALL': 'filterFirewall',
  },
};

/** Service ports as they were at one time, and what is made of all of them. */
interface Edition {
  readonly views: readonly PortView[];
  readonly shared: SharedChains;
  readonly chains: PortChains;
  /** Places of views by the hash in the names of their chains. */
  readonly byHash: ReadonlyMap<string, number>;
  /** The tables without chains of Services, as the node asked for last has them. */
  plain:
    | {
        readonly rules: SharedRules;
        readonly mangle: IptablesTable;
        readonly filter: IptablesTable;
      }
    | undefined;
  /** Every endpoint was met: a chain whose owner is not known does not exist. */
  hasAllEndpoints: boolean;
}

export class RuleBook {
  readonly #family: IpFamily;
  readonly #settings: ProxySettings;
  readonly #detector: LocalDetector;
  readonly #base: BaseChains;
  /** A node whose kube-proxy died stays with the views of its time. */
  readonly #editions = new WeakMap<readonly PortView[], Edition>();
  #latest: Edition | undefined;

  constructor(family: IpFamily, settings: ProxySettings, detector: LocalDetector) {
    this.#family = family;
    this.#settings = settings;
    this.#detector = detector;
    this.#base = baseChains(family, settings);
  }

  /**
   * The tables of one node.
   *
   * @param views  ServiceViews.ports: the same array as long as nothing changed
   */
  tables(views: readonly PortView[], node: RuleNode): Iptables {
    const edition = this.#editionOf(views);
    const last = nodePortJumps(this.#settings, node, this.#family);
    const addresses = nodePortAddresses(this.#settings, node, this.#family);
    const lastKey = addresses === undefined ? '' : addresses.map(formatIp).join();
    const rules = edition.shared.rulesOn(node.nodeName, last, lastKey);
    const table = (name: IptablesTableName): IptablesTable =>
      new ProxyTable(name, this.#base[name]!, edition, rules, node);
    // Only nat has chains that differ with the node's own endpoints and zone.
    if (edition.plain === undefined || !isFilteredAlike(edition.plain.rules, rules))
      edition.plain = { rules, mangle: table('mangle'), filter: table('filter') };
    const { mangle, filter } = edition.plain;
    return { mangle, nat: table('nat'), filter };
  }

  #editionOf(views: readonly PortView[]): Edition {
    const known = this.#editions.get(views);
    if (known !== undefined) return known;
    const before = this.#latest;
    let endpoints = 0;
    for (const view of views) endpoints += view.endpoints.length;
    const isLarge = endpoints > LARGE_CLUSTER;
    const isAsBefore = before?.chains.style.isLarge === isLarge;
    const { masqueradeAll } = this.#settings;
    const edition = {
      views,
      shared: new SharedChains(views, before?.shared),
      chains: isAsBefore
        ? before.chains
        : new PortChains({ masqueradeAll, detector: this.#detector, isLarge }),
      byHash: placesByHash(views, before),
      plain: undefined,
      hasAllEndpoints: false,
    };
    this.#editions.set(views, edition);
    this.#latest = edition;
    return edition;
  }
}

/** The places of before, where the Service ports are the same. */
function placesByHash(
  views: readonly PortView[],
  before: Edition | undefined,
): ReadonlyMap<string, number> {
  const isSame =
    before?.views.length === views.length &&
    views.every(({ port }, i) => port === before.views[i]!.port);
  return isSame ? before.byHash : new Map(views.map(({ port }, i) => [portHash(port), i]));
}

/** Whether two nodes' chains outside nat are the same arrays. */
const isFilteredAlike = (a: SharedRules, b: SharedRules): boolean =>
  a.filterServices === b.filterServices &&
  a.filterExternal === b.filterExternal &&
  a.filterNodePorts === b.filterNodePorts &&
  a.filterFirewall === b.filterFirewall;

/** The view of a Service port by the hash in the names of its chains. */
function viewOf({ byHash, views }: Edition, hash: string | undefined): PortView | undefined {
  const place = hash === undefined ? undefined : byHash.get(hash);
  return place === undefined ? undefined : views[place];
}

/** The view whose endpoint's chain has this name; met by its Service's chain, or looked for. */
function viewOfEndpoint(edition: Edition, name: string): PortView | undefined {
  const { chains, views } = edition;
  if (chains.ownerOf(name) === undefined && !edition.hasAllEndpoints) {
    // Asked for out of the blue, by a person: every endpoint's name is made once.
    for (const view of views) chains.endpointNames(view);
    edition.hasAllEndpoints = true;
  }
  return viewOf(edition, chains.ownerOf(name));
}

class ProxyTable implements IptablesTable {
  readonly name: IptablesTableName;
  readonly #base: ReadonlyMap<string, IptablesChain>;
  readonly #edition: Edition;
  readonly #rules: SharedRules;
  readonly #node: RuleNode;

  constructor(
    name: IptablesTableName,
    base: ReadonlyMap<string, IptablesChain>,
    edition: Edition,
    rules: SharedRules,
    node: RuleNode,
  ) {
    this.name = name;
    this.#base = base;
    this.#edition = edition;
    this.#rules = rules;
    this.#node = node;
  }

  chain(name: string): IptablesChain | undefined {
    const base = this.#base.get(name);
    if (base !== undefined) return base;
    const shared = SHARED[this.name]?.[name];
    if (shared !== undefined) return { name, rules: this.#rules[shared] };
    return this.name === 'nat' ? this.#serviceChain(name) : undefined;
  }

  *chains(): Iterable<IptablesChain> {
    const own = [...this.#base.keys()].filter((name) => !isBuiltIn(this.name, name));
    own.push(...Object.keys(SHARED[this.name] ?? {}));
    if (this.name === 'nat') {
      const { chains, views } = this.#edition;
      for (const view of views) own.push(...chains.names(view, this.#node));
    }
    for (const [name, chain] of this.#base) if (isBuiltIn(this.name, name)) yield chain;
    for (const name of own.sort()) yield this.chain(name)!;
  }

  #serviceChain(name: string): IptablesChain | undefined {
    const prefix = SERVICE_CHAIN.exec(name)?.[0];
    if (prefix === undefined) return undefined;
    const { chains } = this.#edition;
    if (prefix === ENDPOINT) {
      const view = viewOfEndpoint(this.#edition, name);
      return view && chains.endpointChain(name, view);
    }
    const view = viewOf(this.#edition, name.slice(prefix.length));
    if (view === undefined) return undefined;
    // What the chain jumps to is asked for next.
    chains.endpointNames(view);
    return chains.chain(prefix, view, this.#node);
  }
}
