/** model/ec2/instance — an EC2 instance, as far as its network is concerned. */
import type { InstanceId, SubnetId, VpcId } from './ids.ts';
import type { Tags } from './tags.ts';

export type InstanceState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped';

export interface Instance {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  readonly imageId: string;
  readonly state: InstanceState;
  readonly vpcId: VpcId;
  readonly subnetId: SubnetId;
  readonly availabilityZone: string;
  /** Primary private address. */
  readonly privateIpAddress: string;
  readonly privateDnsName: string;
  readonly publicIpAddress?: string | undefined;
  readonly ipv6Address?: string | undefined;
  readonly httpTokens: 'required' | 'optional';
  readonly httpPutResponseHopLimit: number;
  /** Of a stopped one: that a public address is lent to it again. */
  readonly isLentAddressOnStart?: boolean | undefined;
  readonly launchedAtMs: number;
  readonly tags: Tags;
}
