/** model/ec2/gateways — what a route may point at beside interfaces: one noun per exit of a VPC. */
import type {
  AllocationId,
  EgressOnlyInternetGatewayId,
  InternetGatewayId,
  NatGatewayId,
  NetworkInterfaceId,
  PrefixListId,
  RouteTableId,
  SecurityGroupId,
  SubnetId,
  TransitGatewayId,
  VpcEndpointId,
  VpcId,
  VpcPeeringConnectionId,
  VpnGatewayId,
} from './ids.ts';
import type { Tags } from './tags.ts';

export interface InternetGateway {
  readonly internetGatewayId: InternetGatewayId;
  readonly ownerId: string;
  /** The VPC it is attached to. */
  readonly vpcId?: VpcId | undefined;
  readonly tags: Tags;
}

export interface EgressOnlyInternetGateway {
  readonly egressOnlyInternetGatewayId: EgressOnlyInternetGatewayId;
  readonly vpcId: VpcId;
  readonly tags: Tags;
}

export interface ElasticIp {
  readonly allocationId: AllocationId;
  readonly publicIp: string;
  readonly associationId?: string | undefined;
  readonly networkInterfaceId?: NetworkInterfaceId | undefined;
  readonly privateIpAddress?: string | undefined;
  readonly tags: Tags;
}

export interface NatGateway {
  readonly natGatewayId: NatGatewayId;
  readonly vpcId: VpcId;
  readonly subnetId: SubnetId;
  readonly connectivityType: 'public' | 'private';
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted' | 'failed';
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly privateIp: string;
  readonly publicIp?: string | undefined;
  readonly allocationId?: AllocationId | undefined;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface VpcPeeringConnection {
  readonly vpcPeeringConnectionId: VpcPeeringConnectionId;
  readonly requesterVpcId: VpcId;
  readonly accepterVpcId: VpcId;
  /** `failed`: the two VPCs' blocks overlap. */
  readonly status: 'pending-acceptance' | 'active' | 'deleted' | 'rejected' | 'failed';
  readonly tags: Tags;
}

export interface TransitGateway {
  readonly transitGatewayId: TransitGatewayId;
  /** Security group referencing; off unless switched on. */
  readonly allowsGroupReferences?: boolean | undefined;
  readonly defaultRouteTableId?: string | undefined;
  readonly tags: Tags;
}

export interface TransitGatewayAttachment {
  readonly attachmentId: string;
  readonly transitGatewayId: TransitGatewayId;
  readonly resourceType: 'vpc' | 'vpn' | 'peering' | 'direct-connect-gateway';
  readonly resourceId: string;
  readonly subnetIds: readonly SubnetId[];
  /** One requester-managed interface per subnet. */
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
  readonly associatedRouteTableId?: string | undefined;
  /** The other transit gateway's side of a peering (`resourceId` is that gateway). */
  readonly peer?: { readonly associatedRouteTableId?: string | undefined } | undefined;
  /** Security group referencing; on unless switched off, where the gateway has it on. */
  readonly allowsGroupReferences?: boolean | undefined;
  readonly tags: Tags;
}

export interface TransitGatewayRouteTable {
  readonly transitGatewayRouteTableId: string;
  readonly transitGatewayId: TransitGatewayId;
  readonly routes: readonly {
    readonly destinationCidrBlock: string;
    readonly attachmentId?: string | undefined;
    readonly type: 'static' | 'propagated';
    readonly state: 'active' | 'blackhole';
  }[];
  /** Attachments whose routes are propagated here. */
  readonly propagations: readonly string[];
  readonly tags: Tags;
}

export interface VpnGateway {
  readonly vpnGatewayId: VpnGatewayId;
  readonly vpcId?: VpcId | undefined;
  /** Blocks beyond it (the other side of a VPN or Direct Connect). */
  readonly remoteCidrs: readonly string[];
  readonly tags: Tags;
}

export interface VpcEndpoint {
  readonly vpcEndpointId: VpcEndpointId;
  readonly vpcId: VpcId;
  readonly type: 'Gateway' | 'Interface' | 'GatewayLoadBalancer';
  /** `com.amazonaws.us-west-2.s3`. */
  readonly serviceName: string;
  readonly state: 'pending' | 'available';
  readonly privateDnsEnabled: boolean;
  readonly routeTableIds: readonly RouteTableId[];
  readonly subnetIds: readonly SubnetId[];
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
  readonly groups: readonly SecurityGroupId[];
  readonly policyDocument?: string | undefined;
  readonly tags: Tags;
}

export interface PrefixList {
  readonly prefixListId: PrefixListId;
  readonly prefixListName: string;
  readonly addressFamily: 'IPv4' | 'IPv6';
  /** Counts against a security group's rules (managed lists: their maximum, not their size). */
  readonly maxEntries: number;
  readonly entries: readonly { readonly cidr: string; readonly description?: string | undefined }[];
  /** Counts its changes; absent = 1. */
  readonly version?: number | undefined;
  readonly awsManaged: boolean;
  readonly tags: Tags;
}
