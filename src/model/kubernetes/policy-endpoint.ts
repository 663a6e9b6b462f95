/**
 * model/kubernetes/policy-endpoint — the kinds of networking.k8s.aws/v1alpha1: what the network
 * policy controller resolves policies into, and the policies that only Amazon's engine has.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a api/v1alpha1/*_types.go.
 */
import { controllerOf, type KubernetesObject, type LabelSelector } from './meta.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './networking.ts';

export type PolicyType = 'Ingress' | 'Egress';
type PortProtocol = 'TCP' | 'UDP' | 'SCTP';

/** A port by number; none of the fields = every port of every protocol. */
export interface PolicyEndpointPort {
  readonly protocol?: PortProtocol | undefined;
  readonly port?: number | undefined;
  readonly endPort?: number | undefined;
}

/** One address or block, and the ports that are open for it; no ports = all of them. */
export interface EndpointInfo {
  /** `10.0.3.17` or `10.0.0.0/16`; absent on an entry with a domain name. */
  readonly cidr?: string | undefined;
  readonly except?: readonly string[] | undefined;
  readonly ports?: readonly PolicyEndpointPort[] | undefined;
  readonly domainName?: string | undefined;
}

/** A pod that a policy selects. */
export interface PodEndpoint {
  readonly hostIP: string;
  readonly podIP: string;
  readonly name: string;
  readonly namespace: string;
}

export interface PolicyEndpoint extends KubernetesObject {
  readonly spec: {
    readonly podSelector?: LabelSelector | undefined;
    readonly policyRef: { readonly name: string; readonly namespace: string };
    /** The policy's policyTypes. */
    readonly podIsolation?: readonly PolicyType[] | undefined;
    readonly podSelectorEndpoints?: readonly PodEndpoint[] | undefined;
    readonly ingress?: readonly EndpointInfo[] | undefined;
    readonly egress?: readonly EndpointInfo[] | undefined;
  };
}

export type PolicyTier = 'Admin' | 'Baseline';
export type PolicyAction = 'Accept' | 'Deny' | 'Pass';

interface NamespacedPods {
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector;
}

/** Whom a cluster policy is about; exactly one field is set. */
export interface ClusterPolicySubject {
  readonly namespaces?: LabelSelector | undefined;
  readonly pods?: NamespacedPods | undefined;
}

/** Exactly one field is set; `networks` and `domainNames` on egress only. */
export interface ClusterPolicyPeer extends ClusterPolicySubject {
  readonly networks?: readonly string[] | undefined;
  readonly domainNames?: readonly string[] | undefined;
}

export interface ClusterPolicyPort {
  readonly portNumber?: { readonly protocol?: PortProtocol; readonly port: number } | undefined;
  readonly portRange?:
    | { readonly protocol?: PortProtocol; readonly start: number; readonly end: number }
    | undefined;
  readonly namedPort?: string | undefined;
}

export interface ClusterPolicyRule {
  readonly name?: string | undefined;
  readonly action: PolicyAction;
  /** On ingress rules. */
  readonly from?: readonly ClusterPolicyPeer[] | undefined;
  /** On egress rules. */
  readonly to?: readonly ClusterPolicyPeer[] | undefined;
  readonly ports?: readonly ClusterPolicyPort[] | undefined;
}

export interface ClusterNetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly tier: PolicyTier;
    /** 0..1000; the lowest wins within its tier. */
    readonly priority: number;
    readonly subject: ClusterPolicySubject;
    readonly ingress?: readonly ClusterPolicyRule[] | undefined;
    readonly egress?: readonly ClusterPolicyRule[] | undefined;
  };
}

export interface ClusterEndpointInfo extends Omit<EndpointInfo, 'except'> {
  readonly action: PolicyAction;
}

export interface ClusterPolicyEndpoint extends KubernetesObject {
  readonly spec: {
    readonly policyRef: { readonly name: string };
    readonly tier: PolicyTier;
    readonly priority: number;
    readonly subject: ClusterPolicySubject;
    readonly podSelectorEndpoints?: readonly PodEndpoint[] | undefined;
    readonly ingress?: readonly ClusterEndpointInfo[] | undefined;
    readonly egress?: readonly ClusterEndpointInfo[] | undefined;
  };
}

export interface ApplicationPolicyPeer extends NetworkPolicyPeer {
  readonly domainNames?: readonly string[] | undefined;
}

/** A NetworkPolicy whose egress may name domains. */
export interface ApplicationNetworkPolicy extends KubernetesObject {
  readonly spec: Omit<NetworkPolicy['spec'], 'egress'> & {
    readonly egress?:
      | readonly {
          readonly to?: readonly ApplicationPolicyPeer[] | undefined;
          readonly ports?: readonly NetworkPolicyPort[] | undefined;
        }[]
      | undefined;
  };
}

/** What an endpoint object was made of: `PolicyKind:namespace/name`; exports may lack the owner. */
export function policyOf(endpoint: PolicyEndpoint | ClusterPolicyEndpoint): string | undefined {
  const reference: { readonly name: string; readonly namespace?: string } | undefined =
    endpoint.spec?.policyRef;
  if (reference === undefined) return undefined;
  const owner = controllerOf(endpoint)?.kind;
  if (reference.namespace === undefined) return `ClusterNetworkPolicy:${reference.name}`;
  return `${owner ?? 'NetworkPolicy'}:${reference.namespace}/${reference.name}`;
}
