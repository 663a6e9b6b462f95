/** model/ec2/network-acl — stateless filters at a subnet's border. */
import type { NetworkAclId, SubnetId, VpcId } from './ids.ts';
import type { Tags } from './tags.ts';

export interface NetworkAclEntry {
  /** 1–32766; 32767 is the rule shown as `*`. */
  readonly ruleNumber: number;
  readonly egress: boolean;
  /** Protocol number; -1 = all. */
  readonly protocol: number;
  readonly action: 'allow' | 'deny';
  readonly cidrBlock?: string | undefined;
  readonly ipv6CidrBlock?: string | undefined;
  readonly portRange?: { readonly from: number; readonly to: number } | undefined;
  readonly icmp?: { readonly type: number; readonly code: number } | undefined;
}

export interface NetworkAcl {
  readonly networkAclId: NetworkAclId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly isDefault: boolean;
  readonly entries: readonly NetworkAclEntry[];
  readonly associations: readonly { readonly associationId: string; readonly subnetId: SubnetId }[];
  readonly tags: Tags;
}
