/**
 * controllers/network-policy/port-lookup — which number a policy's port is on a pod, and which port
 * of a Service leads there.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/k8s/pod_utils.go
 * LookupContainerPortAndName; pkg/k8s/service_utils.go LookupServiceListenPort,
 * LookupListenPortFromPodSpec.
 */
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import { namedContainerPort } from '../../model/kubernetes/network-policy.ts';

/** The number on the pod, and the port's name there; a number nobody declares is itself. */
export function portOfPod(
  pod: Pod,
  port: number | string,
  protocol: string,
): { readonly port: number; readonly name: string } | undefined {
  if (typeof port === 'string') {
    const named = namedContainerPort(pod, port, protocol);
    return named === undefined ? undefined : { port: named.containerPort, name: port };
  }
  for (const container of pod.spec?.containers ?? []) {
    for (const declared of container.ports ?? []) {
      if (declared.containerPort !== port || (declared.protocol ?? 'TCP') !== protocol) continue;
      return { port, name: declared.name ?? '' };
    }
  }
  return { port, name: '' };
}

/** The Service's port whose target is written as the policy's port is. */
export const listenPortOf = (
  { spec }: Service,
  port: number | string,
  protocol: string,
): number | undefined =>
  (spec.ports ?? []).find(
    (it) => (it.targetPort ?? it.port) === port && (it.protocol ?? 'TCP') === protocol,
  )?.port;

/** The Service's port whose target is this port of the pod, by name or by number. */
export function listenPortByPod(
  { spec }: Service,
  pod: Pod,
  port: number | string,
  protocol: string,
): number | undefined {
  const found = portOfPod(pod, port, protocol);
  if (found === undefined) return undefined;
  return (spec.ports ?? []).find((it) => {
    if ((it.protocol ?? 'TCP') !== protocol) return false;
    const target = it.targetPort ?? it.port;
    return typeof target === 'string' ? target === found.name : target === found.port;
  })?.port;
}
