/**
 * twin/namespaces/node-sockets — what listens on a node itself: its daemons, and the pods that use
 * the host's network.
 *
 * Sources: kubelet's defaults (kubernetes/kubernetes pkg/kubelet/apis/config/v1beta1/defaults.go),
 * kube-proxy's configuration as EKS ships it, aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd, the EKS
 * AMIs' sshd.
 */
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import type { Socket } from '../../model/linux/namespace.ts';
import { podSockets } from './pod-sockets.ts';

const tcp = (port: number, process: string, source: string, address?: string): Socket => ({
  protocol: 'tcp',
  port,
  address,
  process,
  source,
});

/** Every node has these, whatever runs on it. */
const OF_MACHINE: readonly Socket[] = [
  tcp(22, 'sshd', 'AMI'),
  tcp(10_250, 'kubelet', 'kubelet configuration'),
  tcp(10_248, 'kubelet', 'kubelet configuration', '127.0.0.1'),
];

const KUBE_PROXY: readonly Socket[] = [
  tcp(10_256, 'kube-proxy', 'kube-proxy configuration: healthzBindAddress'),
  tcp(10_249, 'kube-proxy', 'kube-proxy configuration: metricsBindAddress'),
];

/** The metrics port is open to the network, introspection is not. */
const IPAMD: readonly Socket[] = [
  tcp(61_678, 'aws-k8s-agent', 'ipamd metrics'),
  tcp(61_679, 'aws-k8s-agent', 'ipamd introspection', '127.0.0.1'),
];

const isNamed = (pod: Pod, app: string): boolean => pod.metadata.labels?.['k8s-app'] === app;

/** A pod whose containers may run now. */
const isUp = (pod: Pod): boolean => !isPodTerminal(pod) && pod.status?.phase !== 'Pending';

/** What EKS's kubelet on a machine has, without pods. */
export const KUBELET_SOCKETS: readonly Socket[] = OF_MACHINE.slice(1);

/** What kube-proxy of one node answers a load balancer that asks about a Service. */
export interface HealthCheck {
  readonly service: Service;
  /** Ready pods of it on the node. */
  readonly localEndpoints: number;
}

/**
 * Sockets of a node, first come first served.
 *
 * @param checks  Services with a healthCheckNodePort, which kube-proxy answers on every node
 */
export function nodeSockets(
  hostPods: readonly Pod[],
  checks: readonly HealthCheck[],
): readonly Socket[] {
  const sockets: Socket[] = [...OF_MACHINE];
  const add = (all: readonly Socket[]): void => {
    for (const one of all)
      if (!sockets.some((it) => it.protocol === one.protocol && it.port === one.port))
        sockets.push(one);
  };
  for (const pod of hostPods) {
    if (!isUp(pod)) continue;
    if (isNamed(pod, 'aws-node')) add(IPAMD);
    if (isNamed(pod, 'kube-proxy')) {
      add(KUBE_PROXY);
      for (const check of checks) add(healthCheck(check));
    }
    add(podSockets(pod).sockets);
  }
  return sockets;
}

const healthCheck = ({ service, localEndpoints }: HealthCheck): readonly Socket[] => {
  const port = service.spec.healthCheckNodePort;
  if (port === undefined || port === 0) return [];
  const answer = localEndpoints > 0 ? `200, ${localEndpoints} here` : '503, no ready endpoint here';
  const source = `healthCheckNodePort of service ${keyOf(service)}: ${answer}`;
  return [{ ...tcp(port, 'kube-proxy', source), httpStatus: localEndpoints > 0 ? 200 : 503 }];
};
