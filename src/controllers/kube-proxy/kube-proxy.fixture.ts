/** controllers/kube-proxy fixture — small Services and EndpointSlices, and a store that holds them. */
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Service, ServiceSpec } from '../../model/kubernetes/core.ts';
import { keyOf, type Labels } from '../../model/kubernetes/meta.ts';
import type { Endpoint, EndpointSlice } from '../../model/kubernetes/networking.ts';
import { Store } from '../../sim/store.ts';

/** `ns1/svc1`, ClusterIP 172.30.0.41, one port p80. */
export const service = (
  spec: Partial<ServiceSpec> = {},
  {
    name = 'svc1',
    annotations = {},
    labels = {} as Labels,
    ingress = [] as readonly object[],
  } = {},
): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'ns1', name, annotations, labels },
  spec: {
    type: 'ClusterIP',
    clusterIP: '172.30.0.41',
    clusterIPs: spec.clusterIP === undefined ? ['172.30.0.41'] : [spec.clusterIP],
    ports: [{ name: 'p80', protocol: 'TCP', port: 80, targetPort: 80 }],
    ...spec,
  },
  status: { loadBalancer: { ingress } },
});

/** A slice of `ns1/svc1`; an endpoint is an address, or an Endpoint. */
export const slice = (
  endpoints: readonly (string | Endpoint)[],
  { name = 'svc1-1', of = 'svc1', port = 80 } = {},
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'ns1', name, labels: { 'kubernetes.io/service-name': of } },
  addressType: 'IPv4',
  endpoints: endpoints.map((it) => (typeof it === 'string' ? { addresses: [it] } : it)),
  ports: [{ name: 'p80', protocol: 'TCP', port }],
});

/** A store that holds them. */
export function storeOf(...objects: readonly (Service | EndpointSlice)[]): TwinStore {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  for (const object of objects) put(store, object);
  return store;
}

/** Writes one of them. */
export function put(store: TwinStore, object: Service | EndpointSlice): void {
  store.put(object.kind as 'Service', keyOf(object), object as Service);
}
