/** model/ec2/vpc — a VPC and its address blocks. */
import type { VpcId } from './ids.ts';
import type { Tags } from './tags.ts';

export interface VpcCidrAssociation {
  readonly associationId: string;
  /** Canonical block, `10.0.0.0/16`. */
  readonly cidrBlock: string;
}

export interface Vpc {
  readonly vpcId: VpcId;
  readonly ownerId: string;
  /** The block the VPC was created with; also the first of `cidrBlocks`. */
  readonly cidrBlock: string;
  readonly cidrBlocks: readonly VpcCidrAssociation[];
  readonly ipv6CidrBlocks: readonly VpcCidrAssociation[];
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  /** A metric of CloudWatch's, which is not simulated; kept because it is read back. */
  readonly enableNetworkAddressUsageMetrics?: boolean | undefined;
  readonly isDefault: boolean;
  readonly dhcpOptionsId: string;
  readonly tags: Tags;
}
