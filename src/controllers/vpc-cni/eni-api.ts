/**
 * controllers/vpc-cni/eni-api — what ipamd asks of AWS: ENIs, addresses, instance metadata. The
 * seam upstream mocks too (awsutils.APIs).
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go:150-260.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';

/** An attached ENI as instance metadata and EC2 tell of it. */
export interface EniMetadata {
  readonly eniId: string;
  readonly macAddress: string;
  readonly deviceNumber: number;
  readonly networkCard: number;
  readonly subnetId: string;
  readonly subnetCidr: string;
  readonly subnetIpv6Cidr?: string | undefined;
  readonly primaryIp: string;
  readonly primaryIpv6?: string | undefined;
  /** Secondary addresses as blocks, `10.0.1.7/32`. */
  readonly secondaryCidrs: readonly string[];
  /** /28 blocks. */
  readonly prefixes: readonly string[];
  /** /80 blocks. */
  readonly ipv6Prefixes: readonly string[];
  readonly groups: readonly string[];
  readonly isTrunk: boolean;
  /** Takes part in EFA; an `efa-only` interface has no addresses at all. */
  readonly isEfa: boolean;
  readonly tags: Tags;
}

export interface AllocEniInput {
  /** undefined = the primary ENI's. */
  readonly securityGroups: readonly string[] | undefined;
  /** '' = discover it, or the primary ENI's. */
  readonly subnetId: string;
  /** Addresses, or prefixes with prefix delegation. */
  readonly count: number;
  readonly networkCard: number;
}

export interface EniApi {
  /** Assigns `count` addresses (prefixes with prefix delegation); the new blocks. */
  allocIpAddresses(eniId: string, count: number): Promise<readonly string[] | AwsError>;
  /** Creates and attaches an ENI; its id. */
  allocEni(input: AllocEniInput): Promise<string | AwsError>;
  /** Waits for instance metadata to show the ENI with its addresses. */
  waitForEniAndIpsAttached(eniId: string, count: number): Promise<EniMetadata | AwsError>;
  /** Assigns one /80 prefix, or returns those there are. */
  allocIpv6Prefix(eniId: string): Promise<readonly string[] | AwsError>;
  /** Blocks EC2 has on the ENI, for when the datastore is out of step. */
  describeCidrs(eniId: string, prefixes: boolean): Promise<readonly string[] | AwsError>;
  deallocCidrs(eniId: string, cidrs: readonly string[]): Promise<true | AwsError>;
  /** Detaches and deletes; gives up after upstream's tries. */
  freeEni(eniId: string): Promise<true | AwsError>;
  /** Gives the ENI the tags of ours that it lacks or has otherwise. */
  tagEni(eni: EniMetadata): Promise<true | AwsError>;
  setSecurityGroups(eniId: string, groups: readonly string[]): Promise<true | AwsError>;
  /** Everything attached, as instance metadata has it now. Costs no API call. */
  attachedEnis(): readonly EniMetadata[];
  /** Ids of what EC2 says is attached, for when metadata may be stale. */
  attachedInEc2(): Promise<ReadonlySet<string> | AwsError>;
  /** Asks EC2 for what is attached and its tags. */
  describeAllEnis(): Promise<readonly EniMetadata[] | AwsError>;
}
