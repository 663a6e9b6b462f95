/**
 * controllers/load-balancer/stack/load-balancer-spec — the load balancer wanted, and what is tied
 * to it: web ACLs and Shield.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/elbv2/load_balancer.go and the
 * models of wafv2, wafregional and shield.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type {
  LoadBalancerAddressType,
  LoadBalancerType,
  Scheme,
} from '../../../model/elbv2/load-balancer.ts';
import type { Token } from './token.ts';

export interface SubnetMappingSpec {
  readonly allocationID?: string | undefined;
  readonly privateIPv4Address?: string | undefined;
  readonly ipv6Address?: string | undefined;
  /** A prefix, or `auto_assigned`. */
  readonly sourceNatIpv6Prefix?: string | undefined;
  readonly subnetID: string;
}

/** One attribute of a load balancer or a target group. */
export interface AttributeSpec {
  readonly key: string;
  readonly value: string;
}

export interface LoadBalancerSpec {
  readonly name: string;
  readonly type: LoadBalancerType;
  readonly scheme?: Scheme | undefined;
  readonly ipAddressType?: LoadBalancerAddressType | undefined;
  readonly enablePrefixForIpv6SourceNat?: 'on' | 'off' | undefined;
  readonly subnetMapping?: readonly SubnetMappingSpec[] | undefined;
  readonly securityGroups?: readonly Token[] | undefined;
  readonly securityGroupsInboundRulesOnPrivateLink?: 'on' | 'off' | undefined;
  readonly customerOwnedIPv4Pool?: string | undefined;
  readonly loadBalancerAttributes?: readonly AttributeSpec[] | undefined;
  readonly minimumLoadBalancerCapacity?: { readonly capacityUnits: number } | undefined;
  readonly tags?: Tags | undefined;
  readonly ipv4IPAMPool?: string | undefined;
}

export interface WebAclAssociationSpec {
  /** Empty: the association is taken away. */
  readonly webACLARN: string;
  readonly resourceARN: Token;
}

export interface RegionalWebAclAssociationSpec {
  /** Empty: the association is taken away. */
  readonly webACLID: string;
  readonly resourceARN: Token;
}

export interface ProtectionSpec {
  readonly enabled: boolean;
  readonly resourceARN: Token;
}
