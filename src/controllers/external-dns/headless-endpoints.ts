/**
 * controllers/external-dns/headless-endpoints — names of a headless Service: the pods' addresses
 * under its name, and each pod's own under `hostname.name`.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/service.go extractHeadlessEndpoints,
 * processHeadlessEndpointsFromSlices, getTargetsForDomain.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { Endpoint as SliceEndpoint } from '../../model/kubernetes/networking.ts';
import { Annotations } from './annotations.ts';
import { type Endpoint, endpointOf, type NameDetails, RESOURCE, suitableType } from './endpoint.ts';
import type { ExternalDnsSettings } from './settings.ts';

/** The name, what is said of it, and the Service's annotations. */
export interface HeadlessName {
  readonly name: string;
  readonly details: NameDetails;
  readonly said: Annotations;
}

/** One endpoint for each name and type of record. */
export function headlessEndpoints(
  store: TwinStore,
  settings: ExternalDnsSettings,
  service: Service,
  { name, details: { resource, ...details }, said }: HeadlessName,
): readonly Endpoint[] {
  const { metadata, spec } = service;
  const publishesAll = spec.publishNotReadyAddresses === true || settings.publishesNotReady;
  const found = new Map<string, Set<string>>();
  const slices = store.lookup('EndpointSlice', 'service', `${metadata.namespace}/${metadata.name}`);
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints) {
      if (endpoint.conditions?.ready === false && !publishesAll) continue;
      const { targetRef } = endpoint;
      if (targetRef?.kind !== 'Pod') continue;
      const pod = store.get('Pod', `${metadata.namespace}/${targetRef.name}`);
      if (pod === undefined) continue;
      const targets = targetsOf(store, settings, pod, endpoint, said.get('endpoints-type'));
      const names = [name, ...(pod.spec.hostname ? [`${pod.spec.hostname}.${name}`] : [])];
      for (const each of names) {
        for (const target of targets) {
          const key = `${each} ${suitableType(target)}`;
          found.set(key, (found.get(key) ?? new Set()).add(target));
        }
      }
    }
  }
  const labels = { [RESOURCE]: resource };
  return [...found.keys()].sort().flatMap((key) => {
    const [dnsName = '', type] = key.split(' ') as [string, 'A' | 'AAAA' | 'CNAME'];
    return endpointOf(dnsName, type, [...found.get(key)!], { ...details, labels }) ?? [];
  });
}

function targetsOf(
  store: TwinStore,
  settings: ExternalDnsSettings,
  pod: Pod,
  endpoint: SliceEndpoint,
  type: string | undefined,
): readonly string[] {
  const own = new Annotations(pod, settings.annotationPrefix).targets;
  if (own.length > 0) return own;
  if (type === 'NodeExternalIP') {
    const addresses = store.get('Node', pod.spec.nodeName ?? '')?.status?.addresses ?? [];
    return addresses
      .filter(
        (it) =>
          it.type === 'ExternalIP' ||
          (settings.exposesInternalIpv6 &&
            it.type === 'InternalIP' &&
            suitableType(it.address) === 'AAAA'),
      )
      .map(({ address }) => address);
  }
  if (type === 'HostIP' || settings.publishesHostIp) {
    return pod.status?.hostIP === undefined ? [] : [pod.status.hostIP];
  }
  return endpoint.addresses.slice(0, 1);
}
