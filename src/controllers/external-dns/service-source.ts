/**
 * controllers/external-dns/service-source — the names that annotations give Services, at what each
 * type of Service is reached by.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/service.go. Without a headless Service's
 * `endpoints-type`, pods' own addresses are published.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import type { Annotations } from './annotations.ts';
import {
  type Endpoint,
  endpointOf,
  endpointsForHostname,
  mergeEndpoints,
  type NameDetails,
  RESOURCE,
  uniqueTargets,
} from './endpoint.ts';
import { headlessEndpoints } from './headless-endpoints.ts';
import { nodeTargets } from './node-targets.ts';
import type { ExternalDnsSettings } from './settings.ts';
import { seenBy } from './source-object.ts';

/** The endpoints of every Service that is looked at. */
export function serviceEndpoints(
  store: TwinStore,
  settings: ExternalDnsSettings,
): readonly Endpoint[] {
  const all = store.list('Service').flatMap((service) => endpointsOf(store, settings, service));
  return mergeEndpoints(ofOneOwner(all));
}

/** Whether nodes, pods or endpoints decide any of the records: node ports, headless Services. */
export const readsNodes = (store: TwinStore, settings: ExternalDnsSettings): boolean =>
  settings.sources.includes('service') &&
  store.list('Service').some(({ spec, metadata }) => {
    const isOfPods = spec.type === 'NodePort' || spec.clusterIP === 'None';
    const name = `${settings.annotationPrefix}hostname`;
    return isOfPods && metadata.annotations?.[name] !== undefined;
  });

function endpointsOf(
  store: TwinStore,
  settings: ExternalDnsSettings,
  service: Service,
): readonly Endpoint[] {
  const { serviceTypes, ignoresHostnameAnnotation } = settings;
  const type = service.spec.type ?? 'ClusterIP';
  if (ignoresHostnameAnnotation) return [];
  if (serviceTypes.length > 0 && !serviceTypes.includes(type)) return [];
  const said = seenBy(settings, service);
  if (said === undefined) return [];
  const of = (names: readonly string[], isInternal: boolean): readonly Endpoint[] =>
    names.flatMap((name) => namedEndpoints(store, settings, service, said, name, isInternal));
  return [...of(said.names('hostname'), false), ...of(said.names('internal-hostname'), true)];
}

function namedEndpoints(
  store: TwinStore,
  settings: ExternalDnsSettings,
  service: Service,
  said: Annotations,
  hostname: string,
  isInternal: boolean,
): readonly Endpoint[] {
  const { metadata, spec } = service;
  const name = hostname.replace(/\.$/, '');
  const details = said.details(`service/${metadata.namespace}/${metadata.name}`);
  if (said.targets.length > 0) return endpointsForHostname(name, said.targets, details);
  const at = (targets: readonly string[]): readonly Endpoint[] =>
    endpointsForHostname(name, targets, details);
  switch (spec.type ?? 'ClusterIP') {
    case 'LoadBalancer':
      return at(isInternal ? clusterIps(service) : loadBalancerTargets(service));
    case 'NodePort':
      return [
        ...serverEndpoints(service, name, details),
        ...at(nodeTargets(store, settings, service, said.get('access'))),
      ];
    case 'ExternalName':
      return at(spec.externalIPs?.length ? spec.externalIPs : [spec.externalName ?? '']);
    default:
      if (spec.clusterIP === 'None') {
        return headlessEndpoints(store, settings, service, { name, details, said });
      }
      return isInternal || settings.publishesInternal ? at(clusterIps(service)) : [];
  }
}

const clusterIps = ({ spec }: Service): readonly string[] =>
  spec.clusterIP === undefined || spec.clusterIP === 'None' ? [] : [spec.clusterIP];

function loadBalancerTargets({ spec, status }: Service): readonly string[] {
  if (spec.externalIPs?.length) return spec.externalIPs;
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) =>
    [ip ?? '', hostname ?? ''].filter((it) => it !== ''),
  );
}

/** `_web._tcp.app.example.com`: where the node ports of a Service are. */
function serverEndpoints(
  { metadata, spec }: Service,
  hostname: string,
  { resource, ...details }: NameDetails,
): readonly Endpoint[] {
  return (spec.ports ?? []).flatMap(({ nodePort = 0, protocol = 'TCP' }) => {
    if (nodePort === 0) return [];
    const name = `_${metadata.name}._${protocol.toLowerCase()}.${hostname}`;
    const labels = { [RESOURCE]: resource };
    const target = `0 50 ${nodePort} ${hostname}.`;
    return endpointOf(name, 'SRV', [target], { ...details, labels }) ?? [];
  });
}

/** Services that share a name: the first by its own name owns it and gets the targets of all. */
function ofOneOwner(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const byOwner = [...endpoints].sort((a, b) => compare(a.labels[RESOURCE], b.labels[RESOURCE]));
  const owned = new Map<string, Endpoint>();
  for (const it of byOwner) {
    const key = [it.dnsName, it.recordType, it.setIdentifier].join(' ');
    const known = owned.get(key);
    if (known?.recordType === 'CNAME') {
      owned.set(`${key} ${owned.size}`, it);
      continue;
    }
    const targets = uniqueTargets([...(known?.targets ?? []), ...it.targets]);
    owned.set(key, { ...(known ?? it), targets });
  }
  return [...owned.values()].sort(
    (a, b) => compare(a.dnsName, b.dnsName) || compare(a.recordType, b.recordType),
  );
}

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);
