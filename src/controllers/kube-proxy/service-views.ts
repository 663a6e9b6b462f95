/**
 * controllers/kube-proxy/service-views — every Service port with its endpoints, as the API server
 * shows them now: what kube-proxies of all nodes share. Neutral of the mode: the iptables rules and
 * the nftables rules are both made from it.
 *
 * Reads: Service, EndpointSlice, by following their changes. A view is the same object as long as
 * what it says is the same, so what is made of it can be kept; a change of one Service costs one
 * Service.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import type { EndpointSlice } from '../../model/kubernetes/networking.ts';
import type { IpFamily } from '../../net/index.ts';
import { endpointsOf, type ProxyEndpoint } from './endpoints.ts';
import { type ServicePort, servicePorts } from './service-port.ts';

export interface PortView {
  /** The same object as long as the Service is. */
  readonly port: ServicePort;
  /** Ready or not, on any node. */
  readonly endpoints: readonly ProxyEndpoint[];
}

/** One Service's views in both families. */
interface Viewed {
  readonly service: Service;
  readonly views: Readonly<Record<IpFamily, readonly PortView[]>>;
}

type Lists = Readonly<Record<IpFamily, readonly PortView[]>>;

const FAMILIES: readonly IpFamily[] = [4, 6];

const serviceKeyOf = ({ metadata }: EndpointSlice): string =>
  `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;

const sameTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, i) => text === b[i]);

const sameEndpoint = (a: ProxyEndpoint, b: ProxyEndpoint): boolean =>
  a.text === b.text &&
  a.nodeName === b.nodeName &&
  a.isReady === b.isReady &&
  a.isServingTerminating === b.isServingTerminating &&
  sameTexts(a.zones, b.zones) &&
  sameTexts(a.nodes, b.nodes);

/** `now`, with those of `old` that say the same; `old` itself where all do. */
function lend(
  old: readonly ProxyEndpoint[],
  now: readonly ProxyEndpoint[],
): readonly ProxyEndpoint[] {
  const before = new Map(old.map((endpoint) => [endpoint.text, endpoint]));
  const lent = now.map((endpoint) => {
    const known = before.get(endpoint.text);
    return known !== undefined && sameEndpoint(known, endpoint) ? known : endpoint;
  });
  return old.length === lent.length && lent.every((it, i) => it === old[i]) ? old : lent;
}

const sameProtocol = (a: ServicePort, b: ServicePort): boolean => a.protocol === b.protocol;

/** The ports of a Service with their endpoints; `before` lends what did not change. */
function viewsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  family: IpFamily,
  before: Viewed | undefined,
): readonly PortView[] {
  const old = before?.views[family];
  const ports =
    before?.service === service ? old!.map(({ port }) => port) : servicePorts(service, family);
  return ports.map((port) => {
    const known = old?.find(({ port: its }) => its.name === port.name && sameProtocol(its, port));
    const endpoints = lend(known?.endpoints ?? [], endpointsOf(port, slices, family));
    return known?.port === port && known.endpoints === endpoints ? known : { port, endpoints };
  });
}

export class ServiceViews {
  readonly #store: TwinStore;
  readonly #viewed = new Map<string, Viewed>();
  /** Services that changed since they were viewed. */
  readonly #changed = new Set<string>();
  readonly #stops: readonly (() => void)[];
  /** In the order of their keys; undefined when a Service came or went. */
  #keys: readonly string[] | undefined;
  #lists: Lists = { 4: [], 6: [] };

  constructor(store: TwinStore) {
    this.#store = store;
    for (const { key } of store.entries('Service')) this.#changed.add(key);
    this.#stops = [
      store.subscribe('Service', ({ key }) => {
        this.#changed.add(key);
      }),
      store.subscribe('EndpointSlice', ({ value, previous }) => {
        if (value !== undefined) this.#changed.add(serviceKeyOf(value));
        if (previous !== undefined) this.#changed.add(serviceKeyOf(previous));
      }),
    ];
  }

  /**
   * Every Service port of one family, by the Services' keys and in the order of their ports. The
   * same array as long as nothing changed.
   */
  ports(family: IpFamily): readonly PortView[] {
    if (this.#changed.size > 0) this.#refresh();
    return this.#lists[family];
  }

  /** Follows the store no longer. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #refresh(): void {
    let isSame = true;
    for (const key of this.#changed) isSame = this.#view(key) && isSame;
    this.#changed.clear();
    if (isSame) return;
    this.#keys ??= [...this.#viewed.keys()].sort();
    const lists: Record<IpFamily, PortView[]> = { 4: [], 6: [] };
    for (const key of this.#keys) {
      const { views } = this.#viewed.get(key)!;
      for (const family of FAMILIES) for (const view of views[family]) lists[family].push(view);
    }
    this.#lists = lists;
  }

  /** Looks at one Service again; true when that changed nothing. */
  #view(key: string): boolean {
    const before = this.#viewed.get(key);
    const service = this.#store.get('Service', key);
    if (service === undefined) {
      if (before === undefined) return true;
      this.#viewed.delete(key);
      this.#keys = undefined;
      return before.views[4].length === 0 && before.views[6].length === 0;
    }
    const slices = this.#store.lookup('EndpointSlice', 'service', key);
    const now: Viewed = {
      service,
      views: {
        4: viewsOf(service, slices, 4, before),
        6: viewsOf(service, slices, 6, before),
      },
    };
    this.#viewed.set(key, now);
    if (before === undefined) this.#keys = undefined;
    return FAMILIES.every((family) => {
      const [old, views] = [before?.views[family] ?? [], now.views[family]];
      return old.length === views.length && views.every((view, i) => view === old[i]);
    });
  }
}
