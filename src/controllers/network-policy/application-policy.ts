/**
 * controllers/network-policy/application-policy — an ApplicationNetworkPolicy as addresses: as a
 * NetworkPolicy, with the domains of its egress rules passed on as they are.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a
 * pkg/resolvers/applicationnetworkpolicy_resolver.go.
 */
import type {
  ApplicationNetworkPolicy,
  EndpointInfo,
  PolicyEndpointPort,
} from '../../model/kubernetes/policy-endpoint.ts';
import { type ResolvedPolicy, resolvePolicy, type Surroundings } from './resolve-policy.ts';

/** Resolves one application policy. */
export function resolveApplicationPolicy(
  around: Surroundings,
  policy: ApplicationNetworkPolicy,
): ResolvedPolicy {
  const { podSelector, ingress } = policy.spec;
  const spec = { podSelector, ingress, egress: plainEgress(policy) };
  const resolved = resolvePolicy(around, { metadata: policy.metadata, spec });
  return { ...resolved, egress: [...resolved.egress, ...domains(policy)] };
}

/**
 * The egress rules without domains. A rule without `to` is dropped with those that have domains
 * only: upstream keeps rules that have a peer left.
 */
export const plainEgress = ({ spec }: ApplicationNetworkPolicy) =>
  (spec.egress ?? []).flatMap(({ to = [], ports }) => {
    const peers = to
      .filter(({ domainNames }) => (domainNames ?? []).length === 0)
      .map(({ podSelector, namespaceSelector, ipBlock }) => ({
        podSelector,
        namespaceSelector,
        ipBlock,
      }));
    return peers.length === 0 ? [] : [{ to: peers, ports }];
  });

/** Names stay names; a port that is a name becomes every port of its protocol. */
const domains = ({ spec }: ApplicationNetworkPolicy): readonly EndpointInfo[] =>
  (spec.egress ?? []).flatMap(({ to = [], ports = [] }) => {
    const found = ports.map(
      ({ protocol = 'TCP', port, endPort }): PolicyEndpointPort => ({
        protocol,
        ...(typeof port === 'number' ? { port } : {}),
        ...(endPort == null ? {} : { endPort }),
      }),
    );
    return to.flatMap(({ domainNames = [] }) =>
      domainNames.map((domainName) => ({
        domainName,
        ...(found.length === 0 ? {} : { ports: found }),
      })),
    );
  });
