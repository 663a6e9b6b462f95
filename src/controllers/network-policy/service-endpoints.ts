/**
 * controllers/network-policy/service-endpoints — cluster addresses in an egress rule: the agent
 * sees a packet before kube-proxy has rewritten it, so a Service whose selector satisfies the
 * rule's podSelector is let through by its own address. Its selector, not its pods: that is
 * upstream's way.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/resolvers/endpoints.go
 * getMatchingServiceClusterIPs, getMatchingServicePort, hasTargetPortBypass, isNumericPortAllowed.
 */
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import { namedContainerPort } from '../../model/kubernetes/network-policy.ts';
import type { NetworkPolicyPort } from '../../model/kubernetes/networking.ts';
import type { EndpointInfo, PolicyEndpointPort } from '../../model/kubernetes/policy-endpoint.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import { listenPortByPod, listenPortOf } from './port-lookup.ts';
import type { Surroundings } from './resolve-policy.ts';

/** The Services' addresses that a peer of an egress rule opens in one namespace. */
export function serviceEndpoints(
  around: Surroundings,
  namespace: string,
  selector: LabelSelector,
  ports: readonly NetworkPolicyPort[],
): EndpointInfo[] {
  const endpoints: EndpointInfo[] = [];
  for (const service of around.servicesIn(namespace)) {
    if (isHeadless(service) || !matchesSelector(selector, service.spec.selector)) continue;
    const found = servicePorts(around, namespace, service, ports);
    if (ports.length > 0 && found.length === 0) continue;
    const cidr = service.spec.clusterIP!;
    endpoints.push(found.length === 0 ? { cidr } : { cidr, ports: found });
  }
  return endpoints;
}

/** No address of its own: none, or not yet. */
export const isHeadless = ({ spec }: Service): boolean =>
  spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None';

function servicePorts(
  around: Surroundings,
  namespace: string,
  service: Service,
  ports: readonly NetworkPolicyPort[],
): PolicyEndpointPort[] {
  const behind = (): Iterable<Pod> =>
    around.podsMatching(namespace, { matchLabels: service.spec.selector ?? {} });
  return ports.flatMap(({ port, protocol = 'TCP', endPort }) => {
    const rest = { protocol, ...(endPort == null ? {} : { endPort }) };
    if (port == null) return [rest];
    const listen =
      listenPortOf(service, port, protocol) ?? byPods(service, behind(), port, protocol);
    if (listen === undefined) return [];
    if (typeof port === 'number' && leadsElsewhere(service, listen, protocol, ports, behind())) {
      return [];
    }
    return [{ ...rest, port: listen }];
  });
}

function byPods(
  service: Service,
  pods: Iterable<Pod>,
  port: number | string,
  protocol: string,
): number | undefined {
  for (const pod of pods) {
    const listen = listenPortByPod(service, pod, port, protocol);
    if (listen !== undefined) return listen;
  }
  return undefined;
}

/** True when a named target is, on some pod behind, a port that the policy does not open. */
export function leadsElsewhere(
  { spec }: Service,
  listen: number,
  protocol: string,
  ports: readonly NetworkPolicyPort[],
  pods: Iterable<Pod>,
): boolean {
  const target = (spec.ports ?? []).find(
    (it) =>
      it.port === listen &&
      (it.protocol ?? 'TCP') === protocol &&
      typeof it.targetPort === 'string',
  )?.targetPort;
  if (typeof target !== 'string' || target === '') return false;
  for (const pod of pods) {
    const named = namedContainerPort(pod, target, protocol);
    if (named !== undefined && !isOpen(named.containerPort, protocol, ports)) return true;
  }
  return false;
}

const isOpen = (number: number, protocol: string, ports: readonly NetworkPolicyPort[]): boolean =>
  ports.some((it) => {
    if ((it.protocol ?? 'TCP') !== protocol) return false;
    if (it.port == null) return true;
    return typeof it.port === 'number' && number >= it.port && number <= (it.endPort ?? it.port);
  });
