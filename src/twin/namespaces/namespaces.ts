/**
 * twin/namespaces — every network namespace of a twin, made when first asked for and forgotten when
 * what it was made from changes.
 *
 * Reads: `node/network`, `node/pod-sandbox`, Pod, Node, Service, network interfaces. Writes nothing.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Kind, Kinds, TwinStore } from '../../model/kinds.ts';
import { isFargate } from '../../model/kubernetes/compute-type.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import {
  type NamespaceId,
  type Namespaces,
  type NetworkNamespace,
  namespaceOfPod,
  type Place,
} from '../../model/linux/namespace.ts';
import { type Ip, parseIp } from '../../net/index.ts';
import type { StoreEvent } from '../../sim/store.ts';
import { NodeNetworks } from './exported-node.ts';
import { FARGATE_DAEMONS, fargateLink, fargateRoutes } from './fargate-machine.ts';
import { NamespaceCache } from './namespace-cache.ts';
import { nodeFilters, type PacketFilter } from './node-filter.ts';
import { nodeNamespace } from './node-namespace.ts';
import { type HealthCheck, nodeSockets } from './node-sockets.ts';
import { machineNamespace, podNamespace } from './pod-namespace.ts';

/** The 5,000 nodes of the largest twin fit in each half; its pods are made again. */
const NODES_MAX = 12_000;
const PODS_MAX = 40_000;

const KUBE_PROXY_CONFIG = 'kube-system/kube-proxy-config';

const NO_FILTER: PacketFilter = { ipv4: {}, ipv6: {}, nftables: [] };

/** kube-proxy's tables on a node; undefined where none runs. */
export type ProxyFilter = (nodeName: string) => PacketFilter | undefined;

export class TwinNamespaces implements Namespaces {
  readonly #store: TwinStore;
  readonly #proxy: ProxyFilter;
  readonly #nodes = new NamespaceCache(NODES_MAX);
  readonly #pods = new NamespaceCache(PODS_MAX);
  readonly #networks: NodeNetworks;
  /** Fargate nodes by their ENI. */
  #fargateByInterface: Map<string, string> | undefined;
  #isWatching = false;
  /** Where packets to an ENI come in, as the store of a revision has it. */
  readonly #behind = new Map<string, Place | undefined>();
  #behindRevision = -1;

  constructor(store: TwinStore, proxy: ProxyFilter = () => undefined) {
    this.#store = store;
    this.#networks = new NodeNetworks(store);
    this.#proxy = proxy;
  }

  get(id: NamespaceId): NetworkNamespace | undefined {
    const isNode = id.startsWith('node/');
    const cache = isNode ? this.#nodes : this.#pods;
    const known = cache.get(id);
    if (known !== undefined) return known;
    if (!this.#isWatching) this.#watch();
    const key = id.slice(id.indexOf('/') + 1);
    const made = isNode ? this.#node(key) : this.#pod(key);
    if (made !== undefined) cache.set(id, made);
    return made;
  }

  behind(networkInterfaceId: string, destination: Ip): Place | undefined {
    // An ipvlan link has an address of an ENI, not all of it.
    if (this.#store.count('NetworkAttachmentDefinition') > 0)
      return this.#placeBehind(networkInterfaceId, destination);
    if (this.#behindRevision !== this.#store.revision) {
      this.#behind.clear();
      this.#behindRevision = this.#store.revision;
    }
    const known = this.#behind.get(networkInterfaceId);
    if (known !== undefined || this.#behind.has(networkInterfaceId)) return known;
    const made = this.#placeBehind(networkInterfaceId, destination);
    this.#behind.set(networkInterfaceId, made);
    return made;
  }

  #placeBehind(networkInterfaceId: string, destination: Ip): Place | undefined {
    const eni = this.#store.get('ec2/network-interface', networkInterfaceId);
    if (eni === undefined) return undefined;
    const trunkId = eni.trunk?.trunkInterfaceId;
    const holder = trunkId === undefined ? eni : this.#store.get('ec2/network-interface', trunkId);
    const instanceId = holder?.attachment?.instanceId;
    if (instanceId === undefined) return this.#fargatePod(eni);
    const node = this.#store.lookup('Node', 'instance', instanceId)[0];
    if (node === undefined) return undefined;
    const { name } = node.metadata;
    const attached = this.#attached(name, eni, destination);
    if (attached !== undefined) return attached;
    const link = this.get(`node/${name}`)?.links.find(
      (one) => one.networkInterfaceId === networkInterfaceId,
    );
    return link && { namespace: `node/${name}` as const, link: link.name };
  }

  #node(nodeName: string): NetworkNamespace | undefined {
    const node = this.#store.get('Node', nodeName);
    if (node !== undefined && isFargate(node)) return this.#fargateNode(node);
    const network = this.#networks.networkOf(nodeName);
    if (network === undefined) return undefined;
    const pods = this.#store.lookup('Pod', 'node', nodeName);
    const sandboxes = this.#networks.sandboxesOn(nodeName);
    return nodeNamespace({
      id: `node/${nodeName}`,
      network,
      sandboxes,
      pods,
      filters: () => nodeFilters(network, sandboxes, pods, this.#proxy(nodeName)),
      sockets: () =>
        nodeSockets(
          pods.filter(({ spec }) => spec.hostNetwork === true),
          this.#healthChecks(nodeName),
        ),
    });
  }

  #pod(key: string): NetworkNamespace | undefined {
    const pod = this.#store.get('Pod', key);
    const nodeName = pod?.spec.nodeName;
    if (pod === undefined || nodeName === undefined || pod.spec.hostNetwork === true)
      return undefined;
    const node = this.#store.get('Node', nodeName);
    if (node !== undefined && isFargate(node)) return this.#machine(namespaceOfPod(pod), node, pod);
    const network = this.#networks.networkOf(nodeName);
    if (network === undefined) return undefined;
    const sandbox = this.#networks.sandboxOf(pod);
    return sandbox && podNamespace(pod, sandbox, network.podMtu);
  }

  #fargateNode(node: Node): NetworkNamespace | undefined {
    const pod = this.#store.lookup('Pod', 'node', node.metadata.name)[0];
    return pod && this.#machine(`node/${node.metadata.name}`, node, pod);
  }

  #machine(id: NamespaceId, node: Node, pod: Pod): NetworkNamespace | undefined {
    const link = fargateLink(this.#store, node);
    if (link === undefined) return undefined;
    return machineNamespace(id, {
      pod,
      link,
      routes: fargateRoutes(this.#store, link),
      filter: this.#proxy(node.metadata.name) ?? NO_FILTER,
      daemons: FARGATE_DAEMONS,
    });
  }

  /** An ENI without instance: a Fargate machine's, when a node has its address. */
  #fargatePod(eni: NetworkInterface): Place | undefined {
    const nodeName = this.#fargateNodes().get(eni.networkInterfaceId);
    const pod = nodeName && this.#store.lookup('Pod', 'node', nodeName)[0];
    return pod ? { namespace: namespaceOfPod(pod), link: 'eth0' } : undefined;
  }

  #fargateNodes(): ReadonlyMap<string, string> {
    if (!this.#isWatching) this.#watch();
    if (this.#fargateByInterface !== undefined) return this.#fargateByInterface;
    const found = new Map<string, string>();
    for (const node of this.#store.list('Node')) {
      if (!isFargate(node)) continue;
      const id = fargateLink(this.#store, node)?.networkInterfaceId;
      if (id !== undefined) found.set(id, node.metadata.name);
    }
    this.#fargateByInterface = found;
    return found;
  }

  /** A pod that has the ENI to itself, or an ipvlan link with the address. */
  #attached(nodeName: string, eni: NetworkInterface, destination: Ip): Place | undefined {
    if (this.#store.count('NetworkAttachmentDefinition') === 0) return undefined;
    for (const sandbox of this.#store.lookup('node/pod-sandbox', 'node', nodeName))
      for (const one of sandbox.interfaces) {
        if (one.attachedAs === undefined) continue;
        if (one.networkInterfaceId !== eni.networkInterfaceId) continue;
        if (one.attachedAs === 'host-device' || parseIp(one.address) === destination)
          return {
            namespace: `pod/${sandbox.namespace}/${sandbox.podName}` as const,
            link: one.name,
          };
      }
    return undefined;
  }

  #healthChecks(nodeName: string): readonly HealthCheck[] {
    const checked = this.#store
      .list('Service')
      .filter(({ spec }) => (spec.healthCheckNodePort ?? 0) > 0);
    return checked.map((service) => {
      const slices = this.#store.lookup('EndpointSlice', 'service', keyOf(service));
      const ready = slices
        .flatMap(({ endpoints }) => endpoints)
        .filter((one) => one.nodeName === nodeName && one.conditions?.ready !== false);
      const addresses = new Set(ready.map(({ addresses: [first] }) => first));
      return { service, localEndpoints: addresses.size };
    });
  }

  /** From the first question on, what changes is forgotten. */
  #watch(): void {
    this.#isWatching = true;
    const on = <K extends Kind>(kind: K, drop: (event: StoreEvent<Kinds, K>) => void): void => {
      this.#store.subscribe(kind, drop);
    };
    on('node/network', ({ key }) => this.#dropNode(key));
    on('node/pod-sandbox', ({ key, value, previous }) => {
      this.#pods.drop(`pod/${key as `${string}/${string}`}`);
      this.#dropNode((value ?? previous)!.nodeName, false);
    });
    on('Pod', ({ key, value, previous }) => {
      this.#pods.drop(`pod/${key as `${string}/${string}`}`);
      const nodeName = value?.spec.nodeName ?? previous?.spec.nodeName;
      if (nodeName !== undefined) this.#dropNode(nodeName, false);
    });
    on('Node', ({ key }) => {
      this.#fargateByInterface = undefined;
      this.#dropNode(key);
    });
    on('ec2/network-interface', ({ value, previous }) => {
      const instanceId =
        (value ?? previous)!.attachment?.instanceId ?? previous?.attachment?.instanceId;
      if (instanceId === undefined) this.#fargateByInterface = undefined;
      else
        for (const node of this.#store.lookup('Node', 'instance', instanceId))
          this.#dropNode(node.metadata.name);
    });
    on('ConfigMap', ({ key }) => {
      if (key === KUBE_PROXY_CONFIG) this.#nodes.clear();
    });
    for (const kind of ['Service', 'EndpointSlice', 'DaemonSet', 'ec2/vpc', 'ec2/subnet'] as const)
      on(kind, () => {
        if (this.#nodes.size > 0) this.#nodes.clear();
        if (kind === 'Service' || kind === 'EndpointSlice') return;
        this.#pods.clear();
        this.#networks.clear();
      });
  }

  /** @param withPods  their namespaces tell of the node's network too */
  #dropNode(nodeName: string, withPods = true): void {
    this.#nodes.drop(`node/${nodeName}`);
    this.#networks.drop(nodeName);
    if (!withPods || this.#pods.size === 0) return;
    for (const key of this.#store.lookupKeys('Pod', 'node', nodeName))
      this.#pods.drop(`pod/${key as `${string}/${string}`}`);
  }
}
