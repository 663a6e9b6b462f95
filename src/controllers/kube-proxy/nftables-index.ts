/**
 * controllers/kube-proxy/nftables-index — the Service ports of a cluster by what nftables mode asks
 * for them: an address and port, a node port, the name of a chain; and their rules, made when first
 * asked for and kept for all nodes that see the same. Nothing here is made per node.
 */
import { nftKeyText } from '../../model/linux/nftables-set.ts';
import { type EndpointUser, usedEndpoints } from './endpoints.ts';
import { ENDPOINT, EXTERNAL, FIREWALL, LOCAL, portBase, SERVICE } from './nftables-names.ts';
import { isGuarded, type NftStyle, type ServiceRules, serviceRules } from './nftables-service.ts';
import { protocolNumber } from './service-port.ts';
import type { PortView } from './service-views.ts';

/** No node: what an endpoint's zone or node would decide does not matter for these ports. */
const ANY_NODE: EndpointUser = { nodeName: '', zone: undefined, hints: 'annotated' };

const PREFIXES = [SERVICE, LOCAL, EXTERNAL, FIREWALL];

/** Whether nodes may differ in what they write for this port. */
const dependsOnNode = ({ port, endpoints }: PortView): boolean =>
  port.usesLocalEndpoints ||
  isGuarded(port) ||
  endpoints.some(({ zones, nodes }) => zones.length > 0 || nodes.length > 0);

function listed(index: Map<string, PortView[]>, key: string, view: PortView): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [view]);
  else known.push(view);
}

/** Where an endpoint's chain says whose it is: `endpoint-HASH-ns/svc/tcp/p80__…`. */
const ENDPOINT_CHAIN = /^endpoint-[A-Z2-7]{8}-(.+)__[^_]+$/;

export class NftablesIndex {
  readonly style: NftStyle;
  readonly views: readonly PortView[];
  readonly #byAddress = new Map<string, PortView[]>();
  readonly #byNodePort = new Map<string, PortView[]>();
  readonly #byBase = new Map<string, PortView>();
  readonly #byPlainName = new Map<string, PortView>();
  readonly #clusterIps = new Map<string, PortView>();
  readonly #shared: WeakMap<PortView, ServiceRules>;

  /** @param before  whose rules are taken over where a view is the same; of the same style */
  constructor(style: NftStyle, views: readonly PortView[], before?: NftablesIndex) {
    this.style = style;
    this.views = views;
    this.#shared = before?.style === style ? before.#shared : new WeakMap();
    for (const view of views) this.#add(view);
  }

  #add(view: PortView): void {
    const { port } = view;
    const protocol = protocolNumber(port);
    for (const ip of [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps]) {
      listed(this.#byAddress, nftKeyText([ip, protocol, port.port]), view);
    }
    if (port.nodePort !== undefined) {
      listed(this.#byNodePort, nftKeyText([protocol, port.nodePort]), view);
    }
    const base = portBase(port);
    this.#byBase.set(base, view);
    // After the hash and its hyphen.
    this.#byPlainName.set(base.slice(base.indexOf('-') + 1), view);
    const key = nftKeyText([port.clusterIp]);
    if (!this.#clusterIps.has(key)) this.#clusterIps.set(key, view);
  }

  /** Those that have to do with a key of `service-ips` and its like, by the Services' keys. */
  ofAddress(key: string): readonly PortView[] {
    return this.#byAddress.get(key) ?? [];
  }

  ofNodePort(key: string): readonly PortView[] {
    return this.#byNodePort.get(key) ?? [];
  }

  /** The first Service port with this ClusterIP. */
  ofClusterIp(key: string): PortView | undefined {
    return this.#clusterIps.get(key);
  }

  clusterIps(): Iterable<PortView> {
    return this.#clusterIps.values();
  }

  /** Whose chain it is by its name; undefined where the name was cut, or is nobody's. */
  ofChain(name: string): PortView | undefined {
    if (name.startsWith(ENDPOINT)) {
      const plain = ENDPOINT_CHAIN.exec(name)?.[1];
      return plain === undefined ? undefined : this.#byPlainName.get(plain);
    }
    const prefix = PREFIXES.find((it) => name.startsWith(it));
    return prefix === undefined ? undefined : this.#byBase.get(name.slice(prefix.length));
  }

  /** Rules that every node has alike; undefined for a port whose rules depend on the node. */
  shared(view: PortView): ServiceRules | undefined {
    const known = this.#shared.get(view);
    if (known !== undefined || dependsOnNode(view)) return known;
    const used = usedEndpoints(view.port, view.endpoints, ANY_NODE);
    const rules = serviceRules(view.port, used, this.style, undefined);
    this.#shared.set(view, rules);
    return rules;
  }
}
