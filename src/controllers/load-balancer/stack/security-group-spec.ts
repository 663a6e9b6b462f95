/**
 * controllers/load-balancer/stack/security-group-spec — the security group the controller makes for
 * a load balancer's clients.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/ec2/*.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';

/** One rule has one source: a block, a prefix list or another group. */
export interface IpPermission {
  /** `tcp`, `udp`, `icmp`, `icmpv6`. */
  readonly ipProtocol: string;
  readonly fromPort?: number | undefined;
  readonly toPort?: number | undefined;
  readonly ipRanges?: readonly { readonly cidrIP: string; readonly description?: string }[];
  readonly ipv6Ranges?: readonly { readonly cidrIPv6: string; readonly description?: string }[];
  readonly userIDGroupPairs?: readonly {
    readonly groupID: string;
    readonly description?: string;
  }[];
  readonly prefixLists?: readonly { readonly listID: string; readonly description?: string }[];
}

export interface SecurityGroupSpec {
  readonly groupName: string;
  readonly description: string;
  readonly tags?: Tags | undefined;
  readonly ingress?: readonly IpPermission[] | undefined;
}
