/** formats/eksctl/network — the VPC and subnets a cluster is built in, new or existing. */
import type { SubnetId, VpcId } from '../../model/ec2/ids.ts';

export interface ClusterSubnet {
  /** The zone, or the name the config gives the subnet. */
  readonly key: string;
  readonly subnetId: SubnetId;
  readonly zone: string;
}

export interface ClusterNetwork {
  readonly vpcId: VpcId;
  readonly vpcCidr: string;
  readonly publicSubnets: readonly ClusterSubnet[];
  readonly privateSubnets: readonly ClusterSubnet[];
  /** Tables of the private subnets; a fully private cluster's S3 endpoint goes there. */
  readonly privateRouteTableIds: readonly string[];
}
