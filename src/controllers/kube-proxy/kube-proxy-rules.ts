/**
 * controllers/kube-proxy/kube-proxy-rules — the iptables rules that kubelet and kube-proxy keep on
 * each node, made when a node is asked for.
 *
 * Reads what `NodeProxies` reads; writes nothing. In nftables mode the tables are the kubelet's alone
 * (kube-proxy takes its own away when it changes mode); ipvs mode is answered as iptables.
 */
import type { Note } from '../../model/input-error.ts';
import type { Iptables } from '../../model/linux/netfilter.ts';
import { familyOf, formatCidr, type IpFamily } from '../../net/index.ts';
import { type BaseChains, baseChains } from './base-chains.ts';
import { type HealthAnswer, healthAnswer } from './health-check.ts';
import type { NodeProxies, NodeProxy } from './node-proxies.ts';
import {
  type LocalDetector,
  localDetector,
  type ProxySettings,
  proxyNotes,
} from './proxy-settings.ts';
import { RuleBook } from './rule-book.ts';

/** Configurations in use at a time: that of now, and of kube-proxies that died before it. */
const BOOKS_MAX = 8;
/** Of one configuration; more than two families only where each node has a block for its pods. */
const DETECTORS_MAX = 64;

export interface NodeTables {
  readonly ipv4: Iptables;
  readonly ipv6: Iptables;
}

const detectorKey = (detector: LocalDetector): string => {
  switch (detector.kind) {
    case 'none':
      return '';
    case 'source':
      return formatCidr(detector.cidr);
    case 'in-interface':
      return detector.name;
  }
};

/** Tables of chains that no Service has a part in. */
function plainTables(base: BaseChains): Iptables {
  const tables: Record<string, object> = {};
  for (const [name, chains] of Object.entries(base)) {
    tables[name] = {
      name,
      chain: (chain: string) => chains.get(chain),
      chains: () => chains.values(),
    };
  }
  return tables as Iptables;
}

const KUBELET_ONLY: NodeTables = {
  ipv4: plainTables(baseChains(4)),
  ipv6: plainTables(baseChains(6)),
};

export class KubeProxyRules {
  readonly #proxies: NodeProxies;
  /** By settings, then by family and what tells pods' traffic. */
  readonly #books = new Map<ProxySettings, Map<string, RuleBook>>();

  constructor(proxies: NodeProxies) {
    this.#proxies = proxies;
  }

  /** A node's tables; the kubelet's alone where no kube-proxy ran. */
  tables(nodeName: string): NodeTables {
    const proxy = this.#proxies.on(nodeName);
    if (proxy === undefined || proxy.settings.mode === 'nftables') return KUBELET_ONLY;
    return { ipv4: this.#family(proxy, 4), ipv6: this.#family(proxy, 6) };
  }

  /**
   * What a node answers on the Service's healthCheckNodePort; undefined where nothing listens:
   * the Service has no such port, or no kube-proxy ran on the node.
   */
  healthCheck(nodeName: string, serviceKey: string): HealthAnswer | undefined {
    const views = this.#proxies.on(nodeName)?.views;
    if (views === undefined) return undefined;
    const its = [...views[4], ...views[6]].filter(
      ({ port }) => port.serviceKey === serviceKey && port.healthCheckNodePort !== undefined,
    );
    return its.length === 0 ? undefined : healthAnswer(serviceKey, its, nodeName);
  }

  /** What of the configuration is not simulated. */
  notes(): readonly Note[] {
    return proxyNotes(this.#proxies.settings);
  }

  #family({ node, settings, views }: NodeProxy, family: IpFamily): Iptables {
    const nodeIp = node.nodeIps.find((ip) => familyOf(ip) === family);
    const detector = localDetector(settings, family, node.node);
    return this.#book(settings, family, detector).tables(views[family], { ...node, nodeIp });
  }

  #book(settings: ProxySettings, family: IpFamily, detector: LocalDetector): RuleBook {
    let books = this.#books.get(settings);
    if (books === undefined) {
      books = new Map();
      this.#books.set(settings, books);
      const oldest = this.#books.size > BOOKS_MAX ? this.#books.keys().next().value : undefined;
      if (oldest !== undefined) this.#books.delete(oldest);
    }
    const key = `${family} ${detectorKey(detector)}`;
    let book = books.get(key);
    if (book === undefined) {
      if (books.size >= DETECTORS_MAX) books.clear();
      book = new RuleBook(family, settings, detector);
      books.set(key, book);
    }
    return book;
  }
}
