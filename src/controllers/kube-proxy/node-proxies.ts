/**
 * controllers/kube-proxy/node-proxies — where kube-proxy runs, what it was told, and what it knows.
 * Neutral of the mode: the iptables rules and the nftables rules are both made from it.
 *
 * A node without kube-proxy has no rules. A node whose kube-proxy died keeps the rules it had then,
 * until another one runs there: known only for what happened while this followed the store.
 * Reads: Node, Pod, `node/network`, ConfigMap kube-system/kube-proxy-config, Service, EndpointSlice.
 */

import type { TwinStore } from '../../model/kinds.ts';
import { addressesOfNode } from '../../model/kubernetes/addresses.ts';
import { isFargate } from '../../model/kubernetes/compute-type.ts';
import type { ConfigMap, Node, Pod } from '../../model/kubernetes/core.ts';
import { type Ip, type IpFamily, parseCidr, parseIp } from '../../net/index.ts';
import { type EndpointUser, hintsRule } from './endpoints.ts';
import { type ProxySettings, parseProxySettings } from './proxy-settings.ts';
import { type PortView, ServiceViews } from './service-views.ts';

/** A node as its kube-proxy sees it. */
export interface ProxyNode extends EndpointUser {
  readonly node: Node;
  /** InternalIPs. */
  readonly nodeIps: readonly Ip[];
  /** Of every link, loopback too. */
  readonly addresses: readonly Ip[];
}

/** One kube-proxy, and what it knew when it last wrote rules. */
export interface NodeProxy {
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  readonly views: Readonly<Record<IpFamily, readonly PortView[]>>;
}

/** What a kube-proxy that died knew. */
type Memory = Pick<NodeProxy, 'settings' | 'views'>;

const CONFIG_MAP = 'kube-system/kube-proxy-config';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
const LOCALHOSTS = ['127.0.0.1', '::1'].map((text) => parseIp(text)!);
/** The oldest release whose rules are spelled as here. */
const DEFAULT_MINOR = 30;

const isKubeProxy = ({ metadata }: Pod): boolean =>
  metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'kube-proxy';

/** Whether its containers run now. */
const isRunning = (pod: Pod | undefined): boolean =>
  pod?.status?.phase === 'Running' &&
  (pod.status.containerStatuses ?? []).every(({ state }) => state?.running !== undefined);

/** Whether its containers ran at any time, and so wrote rules. */
const hasRun = (pod: Pod): boolean =>
  pod.status?.phase === 'Running' ||
  (pod.status?.containerStatuses ?? []).some(
    ({ restartCount, state }) => restartCount > 0 || state?.terminated !== undefined,
  );

/** `1.30` of an image tag, a cluster's or a kubelet's version. */
const minorOf = (text: string | undefined): number | undefined => {
  const minor = /(?:^|:)v?1\.(\d+)/.exec(text ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
};

/**
 * Nodes without a word about kube-system: an export that left it out, not a cluster without
 * kube-proxy. It is taken to run, with EKS's configuration.
 */
export const isKubeProxyUntold = (store: TwinStore): boolean =>
  store.count('Node') > 0 &&
  store.count('eks/cluster') === 0 &&
  store.get('DaemonSet', 'kube-system/kube-proxy') === undefined &&
  store.lookupKeys('Pod', 'namespace', 'kube-system').size === 0;

export class NodeProxies {
  readonly #store: TwinStore;
  readonly #services: ServiceViews;
  readonly #stops: readonly (() => void)[];
  /** By the name of the node. */
  readonly #died = new Map<string, Memory>();
  #settings: { readonly of: ConfigMap | undefined; readonly are: ProxySettings } | undefined;

  constructor(store: TwinStore) {
    this.#store = store;
    this.#services = new ServiceViews(store);
    this.#stops = [
      () => this.#services.stop(),
      store.subscribe('Pod', ({ value, previous }) => this.#seePod(value, previous)),
      store.subscribe('Node', ({ key, value }) => {
        if (value === undefined) this.#died.delete(key);
      }),
    ];
  }

  /** The configuration every kube-proxy reads; a changed one starts it anew. */
  get settings(): ProxySettings {
    const config = this.#store.get('ConfigMap', CONFIG_MAP);
    if (this.#settings === undefined || this.#settings.of !== config) {
      this.#settings = { of: config, are: parseProxySettings(config?.data?.config) };
    }
    return this.#settings.are;
  }

  /** The kube-proxy whose rules are on a node; undefined where none ever ran. */
  on(nodeName: string): NodeProxy | undefined {
    const node = this.#store.get('Node', nodeName);
    if (node === undefined) return undefined;
    const died = this.#died.get(nodeName);
    const pods = this.#store.lookup('Pod', 'node', nodeName).filter(isKubeProxy);
    // A Fargate machine runs its own, which no API shows.
    const isThere = isFargate(node) || isKubeProxyUntold(this.#store) || pods.some(hasRun);
    if (died === undefined && !isThere) return undefined;
    const knows = died ?? { settings: this.settings, views: this.#views() };
    return { ...knows, node: this.#node(node, pods[0]) };
  }

  /** Follows the store no longer. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #views(): NodeProxy['views'] {
    return { 4: this.#services.ports(4), 6: this.#services.ports(6) };
  }

  #node(node: Node, pod: Pod | undefined): ProxyNode {
    const { name, labels } = node.metadata;
    const network = this.#store.get('node/network', name);
    const links = (network?.links ?? []).flatMap(({ addresses }) => addresses);
    const nodeIps = addressesOfNode(node);
    const onLinks = links.flatMap((text) => parseCidr(text)?.first ?? []);
    return {
      node,
      nodeName: name,
      zone: labels?.[ZONE_LABEL],
      hints: hintsRule(this.#minor(node, pod)),
      nodeIps,
      addresses: [...LOCALHOSTS, ...(onLinks.length > 0 ? onLinks : nodeIps)],
    };
  }

  #minor(node: Node, pod: Pod | undefined): number {
    return (
      minorOf(pod?.spec.containers[0]?.image) ??
      minorOf(node.status?.nodeInfo?.kubeletVersion) ??
      DEFAULT_MINOR
    );
  }

  /** Remembers what a kube-proxy knew when it stopped. */
  #seePod(value: Pod | undefined, previous: Pod | undefined): void {
    const pod = value ?? previous;
    const nodeName = pod?.spec.nodeName;
    if (pod === undefined || nodeName === undefined || !isKubeProxy(pod)) return;
    if (isRunning(value)) this.#died.delete(nodeName);
    else if (isRunning(previous)) {
      this.#died.set(nodeName, { settings: this.settings, views: this.#views() });
    }
  }
}
