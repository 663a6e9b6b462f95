/**
 * datapath/dns/cluster-names — what CoreDNS's informers hold: Services, EndpointSlices, Pods and
 * Namespaces by name and by address. A question is one look-up, however many Services there are.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/kubernetes/controller.go and object/*.go: which
 * objects are kept (not terminating pods, ready endpoints only) and by what they are found.
 * Reads the store only; the maps by address follow its event log.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Namespace, Pod, Service } from '../../model/kubernetes/core.ts';
import type { EndpointSlice } from '../../model/kubernetes/networking.ts';
import { canonicalIpText } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { FollowedIndex } from './followed-index.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** An endpoint address that CoreDNS answers with. */
export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string | undefined;
  /** The pod behind it, unless its name is too long for a label. */
  readonly podName?: string | undefined;
}

/** An EndpointSlice as CoreDNS keeps it. */
export interface Endpoints {
  readonly name: string;
  readonly namespace: string;
  readonly serviceName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly EndpointAddress[];
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly port: number;
  }[];
}

/** One endpoint of a slice, as evidence. */
export const endpointElement = (
  { namespace, name }: Endpoints,
  { ip }: EndpointAddress,
): Element => ({ kind: 'endpoint', object: `endpointslice ${namespace}/${name}`, rule: ip });

/** Port of a Service or slice that declares none: answers addresses, no SRV. */
export const NO_PORT = -1;

const POD_LABEL_MAX = 64;
const kept = new WeakMap<EndpointSlice, Endpoints>();

/** A slice's ready endpoints; the same for the same frozen slice. */
export function endpointsOf(slice: EndpointSlice): Endpoints {
  const known = kept.get(slice);
  if (known !== undefined) return known;
  const addresses = (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses: ips, hostname, targetRef }) =>
      ips.map((ip): EndpointAddress => {
        const name = targetRef?.name;
        const podName = name !== undefined && name.length < POD_LABEL_MAX ? name : undefined;
        return { ip, hostname, podName };
      }),
    );
  const ports = (slice.ports ?? []).map(({ name, protocol, port }) => ({
    name: name ?? '',
    protocol: protocol ?? 'TCP',
    port: port ?? NO_PORT,
  }));
  const labels = slice.metadata.labels ?? {};
  const endpoints: Endpoints = {
    name: slice.metadata.name,
    namespace: slice.metadata.namespace ?? '',
    serviceName: labels[SERVICE_NAME] ?? '',
    labels,
    addresses,
    ports: ports.length === 0 ? [{ name: '', protocol: '', port: NO_PORT }] : ports,
  };
  kept.set(slice, endpoints);
  return endpoints;
}

/** The addresses of a Service as CoreDNS keeps them; `None` for a headless one. */
export const clusterIpsOf = ({ spec }: Service): readonly string[] =>
  spec.clusterIPs !== undefined && spec.clusterIPs.length > 0
    ? spec.clusterIPs
    : [spec.clusterIP ?? ''];

export const isHeadless = (service: Service): boolean => clusterIpsOf(service)[0] === 'None';

/** Phases whose pods CoreDNS does not list. */
const ENDED = ['Succeeded', 'Failed', 'Unknown'];

const podAddresses = (pod: Pod): readonly string[] => {
  const ip = pod.status?.podIP;
  const isListed = !ENDED.includes(pod.status?.phase ?? '');
  return ip === undefined || !isListed || pod.metadata.deletionTimestamp !== undefined
    ? []
    : [plain(ip)];
};

const plain = (ip: string): string => canonicalIpText(ip) ?? ip;

/** What is known of one cluster's names. */
export class ClusterNames {
  readonly #store: TwinStore;
  readonly #services = new FollowedIndex('Service', (service) =>
    clusterIpsOf(service)
      .filter((ip) => ip !== '' && ip !== 'None')
      .map(plain),
  );
  readonly #slices = new FollowedIndex('EndpointSlice', (slice) =>
    endpointsOf(slice).addresses.map(({ ip }) => plain(ip)),
  );
  readonly #pods = new FollowedIndex('Pod', podAddresses);

  constructor(store: TwinStore) {
    this.#store = store;
  }

  namespace(name: string): Namespace | undefined {
    return this.#store.get('Namespace', name);
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#store.get('Service', `${namespace}/${name}`);
  }

  /** The slices of a Service, by name. */
  endpoints(namespace: string, serviceName: string): readonly Endpoints[] {
    const slices = this.#store.lookup('EndpointSlice', 'service', `${namespace}/${serviceName}`);
    if (slices.length > 1) {
      slices.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    }
    return slices.map(endpointsOf);
  }

  /** Services with this cluster address. */
  servicesAt(ip: string): readonly Service[] {
    return this.#services.find(this.#store, plain(ip));
  }

  /** Slices with this ready endpoint. */
  endpointsAt(ip: string): readonly Endpoints[] {
    return this.#slices.find(this.#store, plain(ip)).map(endpointsOf);
  }

  /** Pods with this address. */
  podsAt(ip: string): readonly Pod[] {
    return this.#pods.find(this.#store, plain(ip));
  }
}
