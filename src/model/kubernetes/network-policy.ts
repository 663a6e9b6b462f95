/**
 * model/kubernetes/network-policy — what a NetworkPolicy's words mean, whoever enforces it: its
 * directions, the address a pod has for it, the number behind a port's name.
 *
 * Upstream: kubernetes/api networking/v1 types.go; kubernetes/kubernetes pkg/apis/networking/v1
 * defaults.go SetDefaults_NetworkPolicy; amazon-network-policy-controller-k8s@ecc7e6a
 * pkg/k8s/pod_utils.go GetPodIP, IsPodNetworkReady.
 */
import type { ContainerPort, Pod } from './core.ts';
import type { NetworkPolicy } from './networking.ts';
import type { PolicyType } from './policy-endpoint.ts';

const POD_IPS = 'vpc.amazonaws.com/pod-ips';

/** The directions a policy isolates: as written, else ingress, and egress where it has rules. */
export function policyTypesOf(spec: Partial<NetworkPolicy['spec']>): readonly PolicyType[] {
  if (spec.policyTypes != null && spec.policyTypes.length > 0) return spec.policyTypes;
  return (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** status.podIP, else what the CNI wrote into the annotation before the kubelet could. */
export const podAddress = (pod: Pod): string =>
  pod.status?.podIP || (pod.metadata.annotations?.[POD_IPS] ?? '');

/** True for a pod that policies reckon with: it has an address and has not ended. */
export const isOnNetwork = (pod: Pod): boolean => {
  const phase = pod.status?.phase;
  return podAddress(pod) !== '' && phase !== 'Succeeded' && phase !== 'Failed';
};

/** The first container port of this name and protocol, containers in order. */
export function namedContainerPort(
  pod: Pod,
  name: string,
  protocol: string,
): ContainerPort | undefined {
  for (const container of pod.spec?.containers ?? []) {
    for (const port of container.ports ?? []) {
      if (port.name === name && (port.protocol ?? 'TCP') === protocol) return port;
    }
  }
  return undefined;
}
