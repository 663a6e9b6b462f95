/**
 * controllers/eks-control-plane/cluster-objects — what every EKS cluster holds before any add-on:
 * the `kubernetes` Service in front of the X-ENIs, priority classes, a storage class, and the CRDs
 * that EKS installs.
 *
 * Upstream: kubernetes/kubernetes pkg/controlplane/controller/kubernetesservice (the Service and
 * its EndpointSlice), pkg/apis/scheduling/types.go (values of the priority classes).
 */
import { installedDefinitions } from '../../cluster/installed-definitions.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { serviceAddress } from './service-address.ts';

const API_PORT = 443;
/** The host number of `kubernetes` in the service block. */
const API_HOST = 1;

const apiService = (cluster: EksCluster): KubernetesObject => {
  const clusterIP = serviceAddress(cluster, API_HOST);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      ...(clusterIP === undefined ? {} : { clusterIP, clusterIPs: [clusterIP] }),
      ports: [{ name: 'https', port: API_PORT, protocol: 'TCP', targetPort: API_PORT }],
    },
  };
};

/** Addresses of the cluster's X-ENIs, in the family of the cluster. */
const apiAddresses = (store: TwinStore, cluster: EksCluster): string[] => {
  const found: string[] = [];
  for (const id of cluster.networkInterfaceIds) {
    const eni = store.get('ec2/network-interface', id);
    const address =
      cluster.ipFamily === 'ipv6' ? eni?.ipv6Addresses[0] : eni?.privateIpAddresses[0]?.address;
    if (address !== undefined) found.push(address);
  }
  return found.sort();
};

const apiEndpoints = (store: TwinStore, cluster: EksCluster): KubernetesObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'kubernetes' },
  },
  addressType: cluster.ipFamily === 'ipv6' ? 'IPv6' : 'IPv4',
  endpoints: apiAddresses(store, cluster).map((address) => ({
    addresses: [address],
    conditions: { ready: true },
  })),
  ports: [{ name: 'https', port: API_PORT, protocol: 'TCP' }],
});

const priorityClass = (name: string, value: number, description: string): KubernetesObject => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  globalDefault: false,
  preemptionPolicy: 'PreemptLowerPriority',
  description,
});

const STATIC_OBJECTS: readonly KubernetesObject[] = [
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
  priorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'gp2' },
    provisioner: 'kubernetes.io/aws-ebs',
    parameters: { fsType: 'ext4', type: 'gp2' },
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
];

/** The CRDs EKS installs for its network, whatever add-ons there are. */
export const NETWORK_DEFINITIONS: readonly string[] = [
  'eniconfigs.crd.k8s.amazonaws.com',
  'cninodes.vpcresources.k8s.aws',
  'securitygrouppolicies.vpcresources.k8s.aws',
  'applicationnetworkpolicies.networking.k8s.aws',
  'clusternetworkpolicies.networking.k8s.aws',
  'clusterpolicyendpoints.networking.k8s.aws',
  'policyendpoints.networking.k8s.aws',
];

/** Everything a cluster holds before any add-on. */
export const clusterObjects = (store: TwinStore, cluster: EksCluster): KubernetesObject[] => [
  ...STATIC_OBJECTS,
  ...installedDefinitions(NETWORK_DEFINITIONS),
  apiService(cluster),
  apiEndpoints(store, cluster),
];
