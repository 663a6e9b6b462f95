/**
 * datapath/dns/kubernetes-records — the addresses that the kubernetes plugin finds for a name:
 * Services, headless endpoints, ExternalNames, pods, and the reverse.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/kubernetes/kubernetes.go Records, findServices,
 * findPods, endpointHostname; reverse.go serviceRecordForIP; ns.go nsAddrs.
 */
import type { Service } from '../../model/kubernetes/core.ts';
import { matchesText } from '../../model/kubernetes/selectors.ts';
import { parseIp } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import {
  type ClusterNames,
  clusterIpsOf,
  type EndpointAddress,
  type Endpoints,
  endpointElement,
  isHeadless,
  NO_PORT,
} from './cluster-names.ts';
import { isReverse } from './domain-name.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import { type KubernetesRequest, parseKubernetesName } from './kubernetes-request.ts';

/** One thing found: where it is, and the name it goes by (the target of an SRV record). */
export interface Found {
  /** An address, or for an ExternalName a name. */
  readonly host: string;
  readonly port: number;
  /** Whole name, in the zone as it was asked. */
  readonly name: string;
}

/** `undefined`: there is no such name; empty: the name exists and holds nothing. */
export type Findings = readonly Found[] | undefined;

/** What a cluster's objects answer; one per query. */
export class KubernetesRecords {
  readonly #names: ClusterNames;
  readonly #options: KubernetesOptions;
  /** The objects that were found, or whose absence decided. */
  readonly evidence: Element[] = [];

  constructor(names: ClusterNames, options: KubernetesOptions) {
    this.#names = names;
    this.#options = options;
  }

  /** @param name  lower case, @param zone  the end of the name, letters as they were asked */
  find(name: string, zone: string): Findings {
    const request = parseKubernetesName(name, zone.toLowerCase());
    if (request === undefined) return undefined;
    if (request.kind === undefined) return [];
    if (isReverse(name) || !this.#isExposed(request.namespace)) return undefined;
    if (request.service === '') return request.kind === 'pod' && !this.#hasPods() ? undefined : [];
    return request.kind === 'pod' ? this.#pod(request, zone) : this.#service(request, zone);
  }

  /** Names of the Service or the endpoints with this address, whole. */
  namesOf(ip: string): readonly string[] {
    const zone = this.#options.primaryZone;
    for (const service of this.#names.servicesAt(ip)) {
      const { name, namespace = '' } = service.metadata;
      if (!this.#isKept(service.metadata.labels) || !this.#isListed(namespace)) continue;
      this.#cite(service);
      return [`${name}.${namespace}.svc.${zone}`];
    }
    return this.#names
      .endpointsAt(ip)
      .filter(({ namespace, labels }) => this.#isListed(namespace) && this.#isKept(labels))
      .flatMap((endpoints) =>
        endpoints.addresses
          .filter((address) => address.ip === ip)
          .map((address) => {
            this.evidence.push(endpointElement(endpoints, address));
            const host = endpointHostname(address, this.#options.usesPodNames);
            return `${host}.${endpoints.serviceName}.${endpoints.namespace}.svc.${zone}`;
          }),
      );
  }

  /** Where the zone's own name server is: the Services in front of the CoreDNS that was asked. */
  nameServers(localIps: readonly string[], zone: string): readonly Found[] {
    const found: Found[] = [];
    let isBehindService = false;
    for (const ip of localIps) {
      for (const endpoints of this.#names.endpointsAt(ip)) {
        isBehindService = true;
        const { serviceName, namespace } = endpoints;
        const service = this.#names.service(namespace, serviceName);
        if (service === undefined) continue;
        const name = `${serviceName}.${namespace}.svc.${zone}`;
        if (isHeadless(service)) {
          for (const address of endpoints.addresses) {
            const host = endpointHostname(address, this.#options.usesPodNames);
            found.push({ host: address.ip, port: 0, name: `${host}.${name}` });
          }
        } else {
          for (const host of clusterIpsOf(service)) found.push({ host, port: 0, name });
        }
      }
    }
    if (isBehindService) return found;
    return localIps.map((host) => ({ host, port: 0, name: `ns.dns.${zone}` }));
  }

  #hasPods(): boolean {
    return this.#options.pods !== 'disabled';
  }

  /** The Corefile names it, or names none. */
  #isListed(namespace: string): boolean {
    return this.#options.namespaces.size === 0 || this.#options.namespaces.has(namespace);
  }

  #isExposed(name: string): boolean {
    if (!this.#isListed(name)) return false;
    const namespace = this.#names.namespace(name);
    const selector = this.#options.namespaceSelector;
    return (
      namespace !== undefined &&
      (selector === undefined || matchesText(selector, namespace.metadata.labels))
    );
  }

  #isKept(labels: Readonly<Record<string, string>> | undefined): boolean {
    const { selector } = this.#options;
    return selector === undefined || matchesText(selector, labels);
  }

  #cite(service: Service, field?: string): void {
    const { namespace, name } = service.metadata;
    this.evidence.push({ kind: 'service', object: `service ${namespace}/${name}`, field });
  }

  #pod({ namespace, service: label }: KubernetesRequest, zone: string): Findings {
    if (!this.#hasPods()) return undefined;
    const isV4 = (label.match(/-/g)?.length ?? 0) === 3 && !label.includes('--');
    const host = label.replaceAll('-', isV4 ? '.' : ':');
    const found: Found = { host, port: 0, name: `${label}.${namespace}.pod.${zone}` };
    if (this.#options.pods === 'insecure') return parseIp(host) === undefined ? undefined : [found];
    const pods = this.#names
      .podsAt(host)
      .filter((pod) => pod.metadata.namespace === namespace && pod.status?.podIP === host);
    for (const { metadata } of pods)
      this.evidence.push({ kind: 'pod', object: `pod ${namespace}/${metadata.name}`, rule: host });
    return pods.length === 0 ? undefined : pods.map(() => found);
  }

  #service(request: KubernetesRequest, zone: string): Findings {
    const { namespace, service: name } = request;
    const service = this.#names.service(namespace, name);
    if (service === undefined || !this.#isKept(service.metadata.labels)) return undefined;
    const at = `${name}.${namespace}.svc.${zone}`;
    if (service.spec.type === 'ExternalName') {
      const host = service.spec.externalName ?? '';
      const isPlain = request.endpoint === '' && request.port === '' && request.protocol === '';
      if (!isPlain || host === '' || parseIp(host) !== undefined) return undefined;
      this.#cite(service, `externalName ${host}`);
      return [{ host, port: 0, name: at }];
    }
    const isWithoutAddress = isHeadless(service);
    if (this.#options.ignoresEmptyServices && !isWithoutAddress) {
      const some = this.#slices(namespace, name).find((it) => it.addresses.length > 0);
      if (some === undefined) return undefined;
    }
    if (isWithoutAddress || request.endpoint !== '') {
      return this.#endpoints(request, at);
    }
    const ports = service.spec.ports ?? [];
    const fitting = (ports.length === 0 ? [{ name: '', protocol: '', port: NO_PORT }] : ports)
      .filter((port) => fits(request, port.name ?? '', port.protocol ?? 'TCP'))
      .flatMap(({ port }) => clusterIpsOf(service).map((host) => ({ host, port, name: at })));
    if (fitting.length === 0) return undefined;
    this.#cite(service, `clusterIPs ${clusterIpsOf(service).join(', ')}`);
    return fitting;
  }

  #slices(namespace: string, name: string): readonly Endpoints[] {
    if (!this.#options.hasEndpoints) return [];
    return this.#names.endpoints(namespace, name).filter(({ labels }) => this.#isKept(labels));
  }

  #endpoints(request: KubernetesRequest, at: string): Findings {
    const found: Found[] = [];
    for (const endpoints of this.#slices(request.namespace, request.service)) {
      for (const address of endpoints.addresses) {
        const hostname = endpointHostname(address, this.#options.usesPodNames);
        if (request.endpoint !== '' && request.endpoint !== hostname.toLowerCase()) continue;
        const before = found.length;
        for (const { name, protocol, port } of endpoints.ports) {
          if (!fits(request, name, protocol)) continue;
          found.push({ host: address.ip, port, name: `${hostname}.${at}` });
        }
        if (found.length > before) this.evidence.push(endpointElement(endpoints, address));
      }
    }
    return found.length === 0 ? undefined : found;
  }
}

const fits = (request: KubernetesRequest, port: string, protocol: string): boolean =>
  (request.port === '' || request.port === port.toLowerCase()) &&
  (request.protocol === '' || request.protocol === protocol.toLowerCase());

/** The label an endpoint goes by: its hostname, its pod's name when asked for, or its address. */
export function endpointHostname(
  { ip, hostname, podName }: EndpointAddress,
  usesPodNames: boolean,
): string {
  if (hostname !== undefined && hostname !== '') return hostname;
  if (usesPodNames && podName !== undefined && podName !== '') return podName;
  if (ip.includes('.')) return ip.replaceAll('.', '-');
  const dashes = ip.replaceAll(':', '-');
  return dashes.endsWith('-') ? `${dashes}0` : dashes;
}
