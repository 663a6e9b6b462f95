/**
 * controllers/network-policy/resolve-policy — a NetworkPolicy as addresses: who may talk to the
 * pods it selects, to whom they may talk, and which pods those are.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/resolvers/endpoints.go Resolve.
 */
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import { isOnNetwork, podAddress } from '../../model/kubernetes/network-policy.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../model/kubernetes/networking.ts';
import type {
  EndpointInfo,
  PodEndpoint,
  PolicyEndpointPort,
} from '../../model/kubernetes/policy-endpoint.ts';
import { portOfPod } from './port-lookup.ts';
import { serviceEndpoints } from './service-endpoints.ts';

/** What a policy is resolved against. */
export interface Surroundings {
  /** Pods of a namespace that the selector matches; undefined = all of them. */
  podsMatching(namespace: string, selector: LabelSelector | undefined): Iterable<Pod>;
  servicesIn(namespace: string): Iterable<Service>;
  /** Names of the namespaces whose labels match, in the order they came. */
  namespacesMatching(selector: LabelSelector): Iterable<string>;
}

export interface ResolvedPolicy {
  readonly ingress: readonly EndpointInfo[];
  readonly egress: readonly EndpointInfo[];
  readonly pods: readonly PodEndpoint[];
}

type Policy = {
  readonly metadata: { readonly namespace?: string | undefined };
  readonly spec: Pick<NetworkPolicy['spec'], 'podSelector' | 'ingress' | 'egress'>;
};

/** Resolves one policy; rules are resolved whatever its policyTypes say, as upstream's are. */
export const resolvePolicy = (around: Surroundings, policy: Policy): ResolvedPolicy => ({
  ingress: ingressEndpoints(around, policy),
  egress: egressEndpoints(around, policy),
  pods: selectedPods(around, policy.metadata.namespace ?? '', policy.spec.podSelector),
});

/** The pods that a policy isolates: those of the host network and those that ended are not. */
export function selectedPods(
  around: Surroundings,
  namespace: string,
  selector: LabelSelector | undefined,
): readonly PodEndpoint[] {
  const pods: PodEndpoint[] = [];
  for (const pod of around.podsMatching(namespace, selector ?? {})) {
    if (pod.spec?.hostNetwork === true || !isOnNetwork(pod)) continue;
    pods.push({
      hostIP: pod.status?.hostIP ?? '',
      podIP: podAddress(pod),
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? namespace,
    });
  }
  return pods;
}

function ingressEndpoints(around: Surroundings, { metadata, spec }: Policy): EndpointInfo[] {
  const namespace = metadata.namespace ?? '';
  return (spec.ingress ?? []).flatMap(({ from, ports = [] }) => {
    const resolved = ingressPorts(around, namespace, spec.podSelector, ports);
    if (ports.length > 0 && resolved.length === 0) return [];
    if (from == null) return everybody(resolved);
    return from.flatMap((peer) => {
      if (peer.ipBlock != null) return [blockEndpoint(peer.ipBlock, resolved)];
      return peerPods(around, namespace, peer).map((pod) => endpoint(podAddress(pod), resolved));
    });
  });
}

/** Names are looked up in all selected pods, and what is found is open on every one of them. */
function ingressPorts(
  around: Surroundings,
  namespace: string,
  selector: LabelSelector | undefined,
  ports: readonly NetworkPolicyPort[],
): readonly PolicyEndpointPort[] {
  if (areNumbers(ports)) return blockPorts(ports);
  const found = new Map<string, PolicyEndpointPort>();
  for (const pod of around.podsMatching(namespace, selector ?? {})) {
    if (!isOnNetwork(pod)) continue;
    for (const port of podPorts(pod, ports)) {
      found.set(`${port.protocol}@${port.port ?? ''}@${port.endPort ?? ''}`, port);
    }
  }
  return [...found.values()];
}

function egressEndpoints(around: Surroundings, { metadata, spec }: Policy): EndpointInfo[] {
  const own = metadata.namespace ?? '';
  return (spec.egress ?? []).flatMap(({ to, ports = [] }) => {
    if (to == null) return everybodyOutside(ports);
    const forBlocks = blockPorts(ports);
    return to.flatMap((peer) => {
      if (peer.ipBlock != null) {
        const isOpen = ports.length === 0 || forBlocks.length > 0;
        return isOpen ? [blockEndpoint(peer.ipBlock, forBlocks)] : [];
      }
      return peerNamespaces(around, own, peer).flatMap((namespace) => [
        ...podEndpoints(around, namespace, peer.podSelector, ports),
        ...serviceEndpoints(around, namespace, peer.podSelector ?? {}, ports),
      ]);
    });
  });
}

/** Egress to pods: names are looked up in each of them. */
function podEndpoints(
  around: Surroundings,
  namespace: string,
  selector: LabelSelector | undefined,
  ports: readonly NetworkPolicyPort[],
): EndpointInfo[] {
  const endpoints: EndpointInfo[] = [];
  // A number is the same one in every pod: one list for all of them.
  const numbers = areNumbers(ports) ? blockPorts(ports) : undefined;
  for (const pod of around.podsMatching(namespace, selector ?? undefined)) {
    if (!isOnNetwork(pod)) continue;
    const found = numbers ?? podPorts(pod, ports);
    if (ports.length > 0 && found.length === 0) continue;
    endpoints.push(endpoint(podAddress(pod), found));
  }
  return endpoints;
}

/** A rule without `to`: the whole world, but for named ports, which name no port there. */
export function everybodyOutside(ports: readonly NetworkPolicyPort[]): EndpointInfo[] {
  const resolved = blockPorts(ports);
  return ports.length > 0 && resolved.length === 0 ? [] : everybody(resolved);
}

const everybody = (ports: readonly PolicyEndpointPort[]): EndpointInfo[] => [
  endpoint('0.0.0.0/0', ports),
  endpoint('::/0', ports),
];

const endpoint = (cidr: string, ports: readonly PolicyEndpointPort[]): EndpointInfo =>
  ports.length === 0 ? { cidr } : { cidr, ports };

const blockEndpoint = (
  { cidr, except }: NonNullable<NetworkPolicyPeer['ipBlock']>,
  ports: readonly PolicyEndpointPort[],
): EndpointInfo => ({
  cidr,
  ...(except == null || except.length === 0 ? {} : { except }),
  ...(ports.length === 0 ? {} : { ports }),
});

const portEntry = (
  { protocol = 'TCP', endPort }: NetworkPolicyPort,
  port: number | undefined,
): PolicyEndpointPort => ({
  protocol,
  ...(port === undefined ? {} : { port }),
  ...(endPort == null ? {} : { endPort }),
});

const areNumbers = (ports: readonly NetworkPolicyPort[]): boolean =>
  ports.every(({ port }) => typeof port !== 'string');

const blockPorts = (ports: readonly NetworkPolicyPort[]): PolicyEndpointPort[] =>
  ports.flatMap((port) =>
    typeof port.port === 'string' ? [] : [portEntry(port, port.port ?? undefined)],
  );

const podPorts = (pod: Pod, ports: readonly NetworkPolicyPort[]): PolicyEndpointPort[] =>
  ports.flatMap((port) => {
    if (port.port == null) return [portEntry(port, undefined)];
    const found = portOfPod(pod, port.port, port.protocol ?? 'TCP');
    return found === undefined ? [] : [portEntry(port, found.port)];
  });

const peerNamespaces = (
  around: Surroundings,
  own: string,
  { namespaceSelector }: NetworkPolicyPeer,
): readonly string[] =>
  namespaceSelector == null ? [own] : [...around.namespacesMatching(namespaceSelector)];

const peerPods = (around: Surroundings, own: string, peer: NetworkPolicyPeer): readonly Pod[] =>
  peerNamespaces(around, own, peer).flatMap((namespace) =>
    [...around.podsMatching(namespace, peer.podSelector ?? undefined)].filter(isOnNetwork),
  );
