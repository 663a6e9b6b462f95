/** datapath/dns/names.fixture — a cluster's store by hand: a VPC, a node, CoreDNS, one Service. */
import type { TwinStore } from '../../model/kinds.ts';
import type { Container, Pod, PodSpec, ServiceSpec } from '../../model/kubernetes/core.ts';
import type { Endpoint } from '../../model/kubernetes/networking.ts';
import { emptyStore } from '../../twin/twin.ts';

export const DNS = '10.100.0.10';
export const NODE = 'ip-10-0-3-10.us-west-2.compute.internal';

/** A running pod. */
export function putPod(
  store: TwinStore,
  key: string,
  podIP: string,
  spec: Partial<PodSpec> = {},
): void {
  const [namespace = '', name = ''] = key.split('/');
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { nodeName: NODE, containers: [], ...spec },
    status: { phase: 'Running', podIP },
  };
  store.put('Pod', key, pod);
}

/** A Service and, where given, its one slice. */
export function putService(
  store: TwinStore,
  key: string,
  spec: ServiceSpec,
  endpoints: readonly Endpoint[] = [],
): void {
  const [namespace = '', name = ''] = key.split('/');
  const metadata = { name, namespace };
  store.put('Service', key, { apiVersion: 'v1', kind: 'Service', metadata, spec });
  store.put('EndpointSlice', `${key}-1`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-1`,
      namespace,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    endpoints,
    ports: (spec.ports ?? []).map(({ name: port, protocol, targetPort, port: number }) => ({
      name: port ?? '',
      protocol: protocol ?? 'TCP',
      port: typeof targetPort === 'number' ? targetPort : number,
    })),
  });
}

const COREDNS: Container = { name: 'coredns', image: 'registry/eks/coredns:v1.11.4' };

/** Writes the Corefile that CoreDNS runs with. */
export function putCorefile(store: TwinStore, text: string, name = 'coredns'): void {
  store.put('ConfigMap', `kube-system/${name}`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
    data: { Corefile: text },
  });
}

/** kube-dns on 10.100.0.10 with one CoreDNS pod, a client `shop/client`, a Service `shop/web`. */
export function smallCluster(corefile: string): TwinStore {
  const store = emptyStore();
  for (const name of ['default', 'shop', 'kube-system']) {
    store.put('Namespace', name, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  store.put('ec2/vpc', 'vpc-1', {
    vpcId: 'vpc-1' as never,
    ownerId: '1',
    cidrBlock: '10.0.0.0/16',
    cidrBlocks: [{ associationId: 'a', cidrBlock: '10.0.0.0/16' }],
    ipv6CidrBlocks: [],
    enableDnsSupport: true,
    enableDnsHostnames: true,
    isDefault: false,
    dhcpOptionsId: 'dopt-1',
    tags: {},
  });
  putCorefile(store, corefile);
  putPod(store, 'kube-system/coredns-1', '10.0.3.77', {
    dnsPolicy: 'Default',
    containers: [COREDNS],
    volumes: [{ configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
  });
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
  ] as const;
  putService(store, 'kube-system/kube-dns', { clusterIP: DNS, clusterIPs: [DNS], ports }, [
    { addresses: ['10.0.3.77'], targetRef: { kind: 'Pod', name: 'coredns-1' } },
  ]);
  putPod(store, 'shop/client', '10.0.3.50');
  const web = { clusterIP: '10.100.7.7', clusterIPs: ['10.100.7.7'], ports: [{ port: 80 }] };
  putService(store, 'shop/web', web, [{ addresses: ['10.0.3.51'] }]);
  return store;
}
