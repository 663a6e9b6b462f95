/**
 * controllers/network-policy/policy-kinds — the three kinds of policies that are resolved, and whom
 * each of them names.
 */
import type { Kinds } from '../../model/kinds.ts';
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import type { NetworkPolicy, NetworkPolicyPeer } from '../../model/kubernetes/networking.ts';
import type {
  ApplicationNetworkPolicy,
  ClusterNetworkPolicy,
} from '../../model/kubernetes/policy-endpoint.ts';
import { plainEgress } from './application-policy.ts';
import { clusterReferences } from './cluster-policy.ts';
import type { Reference } from './policy-references.ts';

export const POLICY_KINDS = [
  'NetworkPolicy',
  'ApplicationNetworkPolicy',
  'ClusterNetworkPolicy',
] as const;

export type PolicyKind = (typeof POLICY_KINDS)[number];

/** The pods and Services whose changes a policy has to hear of. */
export function policyReferences(
  kind: PolicyKind,
  policy: Kinds[PolicyKind],
): readonly Reference[] {
  if (kind === 'ClusterNetworkPolicy') return clusterReferences(policy as ClusterNetworkPolicy);
  const { spec, metadata } = policy as NetworkPolicy;
  const egress =
    kind === 'ApplicationNetworkPolicy'
      ? plainEgress(policy as ApplicationNetworkPolicy)
      : (spec.egress ?? []);
  const own = metadata.namespace ?? '';
  return [
    { namespace: own, pods: spec.podSelector ?? {}, namesServices: false },
    ...(spec.ingress ?? []).flatMap(({ from }) => peerReferences(own, from, false)),
    ...egress.flatMap(({ to }) => peerReferences(own, to, true)),
  ];
}

const peerReferences = (
  own: string,
  peers: readonly NetworkPolicyPeer[] | undefined,
  namesServices: boolean,
): readonly Reference[] =>
  (peers ?? []).flatMap(({ ipBlock, namespaceSelector, podSelector }) => {
    if (ipBlock != null) return [];
    const namespace: string | LabelSelector = namespaceSelector ?? own;
    return [{ namespace, pods: podSelector ?? {}, namesServices }];
  });
