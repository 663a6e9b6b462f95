/**
 * controllers/network-policy/cluster-policy — a ClusterNetworkPolicy as addresses, by way of a
 * NetworkPolicy for every rule and namespace, as upstream goes.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a
 * pkg/resolvers/clusternetworkpolicy_resolver.go.
 */
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../../model/kubernetes/networking.ts';
import type {
  ClusterEndpointInfo,
  ClusterNetworkPolicy,
  ClusterPolicyPeer,
  ClusterPolicyPort,
  ClusterPolicyRule,
  ClusterPolicySubject,
  EndpointInfo,
  PodEndpoint,
  PolicyEndpointPort,
} from '../../model/kubernetes/policy-endpoint.ts';
import type { Reference } from './policy-references.ts';
import { resolvePolicy, type Surroundings, selectedPods } from './resolve-policy.ts';

export interface ResolvedClusterPolicy {
  readonly ingress: readonly ClusterEndpointInfo[];
  readonly egress: readonly ClusterEndpointInfo[];
  readonly pods: readonly PodEndpoint[];
}

/** Resolves one cluster policy. */
export const resolveClusterPolicy = (
  around: Surroundings,
  { spec }: ClusterNetworkPolicy,
): ResolvedClusterPolicy => ({
  ingress: once((spec.ingress ?? []).flatMap((rule) => ingressOf(around, rule))),
  egress: once((spec.egress ?? []).flatMap((rule) => egressOf(around, rule))),
  pods: subjectPods(around, spec.subject),
});

/** The pods a cluster policy is about and those its rules name. */
export const clusterReferences = ({ spec }: ClusterNetworkPolicy): readonly Reference[] => {
  const peers = (rules: readonly ClusterPolicyRule[] | undefined): readonly ClusterPolicyPeer[] =>
    (rules ?? []).flatMap(({ from, to }) => [...(from ?? []), ...(to ?? [])]);
  return [
    ...referenceOf(spec.subject, false),
    ...peers(spec.ingress).flatMap((peer) => referenceOf(peer, false)),
    ...peers(spec.egress).flatMap((peer) => referenceOf(peer, true)),
  ];
};

const referenceOf = (of: ClusterPolicySubject, namesServices: boolean): readonly Reference[] => {
  const namespace = namespacesOf(of);
  if (namespace === undefined) return [];
  return [{ namespace, pods: of.pods?.podSelector ?? {}, namesServices }];
};

const namespacesOf = ({ namespaces, pods }: ClusterPolicySubject): LabelSelector | undefined =>
  namespaces ?? pods?.namespaceSelector;

function subjectPods(
  around: Surroundings,
  subject: ClusterPolicySubject | undefined,
): readonly PodEndpoint[] {
  const namespaces = subject === undefined ? undefined : namespacesOf(subject);
  if (namespaces === undefined) return [];
  return [...around.namespacesMatching(namespaces)].flatMap((namespace) =>
    selectedPods(around, namespace, subject?.pods?.podSelector ?? {}),
  );
}

/** The first peer alone says whether there is anything to resolve; upstream asks no other. */
function ingressOf(around: Surroundings, rule: ClusterPolicyRule): ClusterEndpointInfo[] {
  const first = (rule.from ?? [])[0];
  const namespaces = first === undefined ? undefined : namespacesOf(first);
  if (namespaces === undefined) return [];
  const from = (rule.from ?? []).flatMap(policyPeers);
  const ports = policyPorts(rule.ports);
  return [...around.namespacesMatching(namespaces)].flatMap((namespace) => {
    // Named ports are looked up in all pods of the peer's namespace, as upstream does.
    const spec = { podSelector: {}, ingress: [{ from, ...ports }] };
    return withAction(resolvePolicy(around, { metadata: { namespace }, spec }).ingress, rule);
  });
}

function egressOf(around: Surroundings, rule: ClusterPolicyRule): ClusterEndpointInfo[] {
  const to = (rule.to ?? []).flatMap(policyPeers);
  const spec = { podSelector: {}, egress: [{ to, ...policyPorts(rule.ports) }] };
  const resolved = (namespace: string): readonly ClusterEndpointInfo[] =>
    withAction(resolvePolicy(around, { metadata: { namespace }, spec }).egress, rule);
  return (rule.to ?? []).flatMap((peer) => {
    if ((peer.networks ?? []).length > 0) return resolved('default');
    const namespaces = namespacesOf(peer);
    // Every peer names its namespaces itself, so one resolution stands for all of them.
    if (namespaces !== undefined) {
      const [any] = around.namespacesMatching(namespaces);
      return any === undefined ? [] : resolved(any);
    }
    if (rule.action === 'Deny') return [];
    const ports = numberedPorts(rule.ports ?? []);
    return (peer.domainNames ?? []).map((domainName) => ({
      domainName,
      action: rule.action,
      ...(ports.length === 0 ? {} : { ports }),
    }));
  });
}

const withAction = (
  infos: readonly EndpointInfo[],
  { action }: ClusterPolicyRule,
): ClusterEndpointInfo[] =>
  infos.map(({ cidr, ports }) => ({ cidr, ...(ports === undefined ? {} : { ports }), action }));

const policyPeers = ({ namespaces, pods, networks }: ClusterPolicyPeer): NetworkPolicyPeer[] => {
  if (networks !== undefined) return networks.map((cidr) => ({ ipBlock: { cidr } }));
  if (namespaces !== undefined) return [{ namespaceSelector: namespaces }];
  if (pods === undefined) return [];
  return [{ namespaceSelector: pods.namespaceSelector, podSelector: pods.podSelector }];
};

const policyPorts = (
  ports: readonly ClusterPolicyPort[] | undefined,
): { readonly ports?: readonly NetworkPolicyPort[] } => {
  if (ports === undefined) return {};
  return {
    ports: ports.flatMap(({ portNumber, portRange, namedPort }): NetworkPolicyPort[] => [
      ...(portNumber === undefined
        ? []
        : [{ protocol: portNumber.protocol ?? 'TCP', port: portNumber.port }]),
      ...(portRange === undefined
        ? []
        : [
            {
              protocol: portRange.protocol ?? 'TCP',
              port: portRange.start,
              endPort: portRange.end,
            },
          ]),
      ...(namedPort === undefined ? [] : [{ port: namedPort }]),
    ]),
  };
};

const numberedPorts = (ports: readonly ClusterPolicyPort[]): PolicyEndpointPort[] =>
  ports.flatMap(({ portNumber, portRange }): PolicyEndpointPort[] => [
    ...(portNumber === undefined
      ? []
      : [{ protocol: portNumber.protocol ?? 'TCP', port: portNumber.port }]),
    ...(portRange === undefined
      ? []
      : [{ protocol: portRange.protocol ?? 'TCP', port: portRange.start, endPort: portRange.end }]),
  ]);

/** mergeClusterEndpointInfo: the same address, action and ports once; endPort is not looked at. */
function once(infos: readonly ClusterEndpointInfo[]): readonly ClusterEndpointInfo[] {
  const seen = new Set<string>();
  return infos.filter(({ cidr, domainName, action, ports }) => {
    const of = (ports ?? []).map(({ protocol = 'TCP', port }) => `${protocol}:${port ?? 'any'}`);
    const key = `${cidr ?? ''}|${domainName ?? ''}|${action}|${of.join()}`;
    return !seen.has(key) && seen.add(key);
  });
}
