/** model/ec2/security-group — a security group and its rules, one a peer as EC2 keeps them. */
import type { PrefixListId, SecurityGroupId, SecurityGroupRuleId, VpcId } from './ids.ts';
import type { Tags } from './tags.ts';

export type RulePeer =
  | { readonly kind: 'ipv4'; readonly cidr: string }
  | { readonly kind: 'ipv6'; readonly cidr: string }
  | {
      readonly kind: 'group';
      readonly groupId: SecurityGroupId;
      readonly vpcId?: VpcId | undefined;
    }
  | { readonly kind: 'prefix-list'; readonly prefixListId: PrefixListId };

export interface SecurityGroupRule {
  readonly ruleId: SecurityGroupRuleId;
  readonly direction: 'ingress' | 'egress';
  /** `-1` (all), `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number. */
  readonly protocol: string;
  /** Ports, or ICMP type; -1 = all. Both -1 when `protocol` is `-1`. */
  readonly fromPort: number;
  /** Ports, or ICMP code; -1 = all. */
  readonly toPort: number;
  readonly peer: RulePeer;
  readonly description?: string | undefined;
  readonly tags: Tags;
}

export interface SecurityGroup {
  readonly groupId: SecurityGroupId;
  readonly groupName: string;
  readonly description: string;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly rules: readonly SecurityGroupRule[];
  readonly tags: Tags;
}
