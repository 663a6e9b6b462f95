/**
 * cloud/ec2/vpc-operations — the EC2 verbs that build a network: VPCs, subnets, routes, gateways,
 * groups, filters, endpoints. One method per API action in camelCase; input and output in our
 * nouns; errors as values. What is created is also in the store when the call returns.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type {
  EgressOnlyInternetGateway,
  ElasticIp,
  InternetGateway,
  NatGateway,
  PrefixList,
  TransitGateway,
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
  VpcEndpoint,
  VpcPeeringConnection,
  VpnGateway,
} from '../../model/ec2/gateways.ts';
import type { NetworkAcl, NetworkAclEntry } from '../../model/ec2/network-acl.ts';
import type { InterfacePermission, NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { RouteDestination, RouteTable, RouteTarget } from '../../model/ec2/route-table.ts';
import type { RulePeer, SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { Subnet, SubnetCidrReservation } from '../../model/ec2/subnet.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Vpc, VpcCidrAssociation } from '../../model/ec2/vpc.ts';
import type { Filter } from './operations.ts';

/** What every describe takes: ids that must exist, and filters that all must match. */
export interface DescribeInput {
  readonly ids?: readonly string[] | undefined;
  readonly filters?: readonly Filter[] | undefined;
}

/** One rule to allow or to take away: one peer, as EC2 keeps them. */
export interface RuleInput {
  /** `-1`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number. */
  readonly protocol: string;
  /** Needed for tcp, udp and icmp; ignored for `-1`. */
  readonly fromPort?: number | undefined;
  readonly toPort?: number | undefined;
  readonly peer: RulePeer;
  readonly description?: string | undefined;
}

/** A network ACL entry without its place. */
export type NetworkAclEntryInput = NetworkAclEntry & { readonly networkAclId: string };

/** Where a route of CreateRoute may point. */
export type RouteTargetInput = Exclude<RouteTarget, { readonly kind: 'local' }>;

export interface RouteInput {
  readonly routeTableId: string;
  readonly destination: RouteDestination;
  readonly target: RouteTargetInput;
}

/** ReplaceRoute also takes a local route back to `local`. */
export interface ReplaceRouteInput {
  readonly routeTableId: string;
  readonly destination: RouteDestination;
  readonly target: RouteTarget;
}

export interface RuleChangeInput {
  readonly groupId: string;
  readonly rules: readonly RuleInput[];
  readonly tags?: Tags | undefined;
}

/** Rules to take away, by what they say or by id. */
export interface RevokeInput {
  readonly groupId: string;
  readonly rules?: readonly RuleInput[] | undefined;
  readonly ruleIds?: readonly string[] | undefined;
}

interface VpcActions {
  /** Comes with its main route table, default network ACL and default security group. */
  createVpc(input: {
    readonly cidrBlock: string;
    readonly amazonProvidedIpv6CidrBlock?: boolean | undefined;
    readonly tags?: Tags | undefined;
  }): Vpc | AwsError;
  deleteVpc(input: { readonly vpcId: string }): true | AwsError;
  modifyVpcAttribute(input: {
    readonly vpcId: string;
    readonly enableDnsSupport?: boolean | undefined;
    readonly enableDnsHostnames?: boolean | undefined;
    readonly enableNetworkAddressUsageMetrics?: boolean | undefined;
  }): true | AwsError;
  /** One of `cidrBlock` (IPv4) and `amazonProvidedIpv6CidrBlock` (a /56). */
  associateVpcCidrBlock(input: {
    readonly vpcId: string;
    readonly cidrBlock?: string | undefined;
    readonly amazonProvidedIpv6CidrBlock?: boolean | undefined;
  }): VpcCidrAssociation | AwsError;
  disassociateVpcCidrBlock(input: {
    readonly associationId: string;
  }): VpcCidrAssociation | AwsError;
}

interface SubnetActions {
  createSubnet(input: {
    readonly vpcId: string;
    readonly cidrBlock: string;
    readonly ipv6CidrBlock?: string | undefined;
    /** Name or id; a zone of the region is chosen when absent. */
    readonly availabilityZone?: string | undefined;
    readonly tags?: Tags | undefined;
  }): Subnet | AwsError;
  deleteSubnet(input: { readonly subnetId: string }): true | AwsError;
  modifySubnetAttribute(input: {
    readonly subnetId: string;
    readonly mapPublicIpOnLaunch?: boolean | undefined;
    readonly assignIpv6AddressOnCreation?: boolean | undefined;
  }): true | AwsError;
  associateSubnetCidrBlock(input: {
    readonly subnetId: string;
    readonly ipv6CidrBlock: string;
  }): { readonly associationId: string; readonly cidrBlock: string } | AwsError;
  disassociateSubnetCidrBlock(input: { readonly associationId: string }): true | AwsError;
  createSubnetCidrReservation(input: {
    readonly subnetId: string;
    readonly cidr: string;
    readonly type: 'prefix' | 'explicit';
    readonly description?: string | undefined;
  }): SubnetCidrReservation | AwsError;
  deleteSubnetCidrReservation(input: { readonly reservationId: string }): true | AwsError;
}

interface RouteActions {
  createRouteTable(input: {
    readonly vpcId: string;
    readonly tags?: Tags | undefined;
  }): RouteTable | AwsError;
  deleteRouteTable(input: { readonly routeTableId: string }): true | AwsError;
  /** With a subnet, or with an internet or VPN gateway (an edge association). */
  associateRouteTable(input: {
    readonly routeTableId: string;
    readonly subnetId?: string | undefined;
    readonly gatewayId?: string | undefined;
  }): { readonly associationId: string } | AwsError;
  disassociateRouteTable(input: { readonly associationId: string }): true | AwsError;
  replaceRouteTableAssociation(input: {
    readonly associationId: string;
    readonly routeTableId: string;
  }): { readonly associationId: string } | AwsError;
  createRoute(input: RouteInput): true | AwsError;
  replaceRoute(input: ReplaceRouteInput): true | AwsError;
  deleteRoute(input: {
    readonly routeTableId: string;
    readonly destination: RouteDestination;
  }): true | AwsError;
}

interface GatewayActions {
  createInternetGateway(input: { readonly tags?: Tags | undefined }): InternetGateway | AwsError;
  attachInternetGateway(input: {
    readonly internetGatewayId: string;
    readonly vpcId: string;
  }): true | AwsError;
  detachInternetGateway(input: {
    readonly internetGatewayId: string;
    readonly vpcId: string;
  }): true | AwsError;
  deleteInternetGateway(input: { readonly internetGatewayId: string }): true | AwsError;
  createEgressOnlyInternetGateway(input: {
    readonly vpcId: string;
    readonly tags?: Tags | undefined;
  }): EgressOnlyInternetGateway | AwsError;
  deleteEgressOnlyInternetGateway(input: {
    readonly egressOnlyInternetGatewayId: string;
  }): true | AwsError;
  allocateAddress(input: { readonly tags?: Tags | undefined }): ElasticIp | AwsError;
  releaseAddress(input: { readonly allocationId: string }): true | AwsError;
  /** To an interface, or to an instance's primary one. */
  associateAddress(input: {
    readonly allocationId: string;
    readonly networkInterfaceId?: string | undefined;
    readonly instanceId?: string | undefined;
    readonly privateIpAddress?: string | undefined;
    /** VPC addresses are reassociated unless this is false. */
    readonly allowReassociation?: boolean | undefined;
  }): { readonly associationId: string } | AwsError;
  disassociateAddress(input: { readonly associationId: string }): true | AwsError;
  createNatGateway(input: {
    readonly subnetId: string;
    readonly allocationId?: string | undefined;
    readonly connectivityType?: 'public' | 'private' | undefined;
    readonly privateIpAddress?: string | undefined;
    readonly tags?: Tags | undefined;
  }): NatGateway | AwsError;
  deleteNatGateway(input: { readonly natGatewayId: string }): true | AwsError;
}

interface SecurityGroupActions {
  createSecurityGroup(input: {
    readonly groupName: string;
    readonly description: string;
    readonly vpcId: string;
    readonly tags?: Tags | undefined;
  }): SecurityGroup | AwsError;
  deleteSecurityGroup(input: { readonly groupId: string }): true | AwsError;
  authorizeSecurityGroupIngress(input: RuleChangeInput): readonly SecurityGroupRule[] | AwsError;
  authorizeSecurityGroupEgress(input: RuleChangeInput): readonly SecurityGroupRule[] | AwsError;
  revokeSecurityGroupIngress(input: RevokeInput): readonly SecurityGroupRule[] | AwsError;
  revokeSecurityGroupEgress(input: RevokeInput): readonly SecurityGroupRule[] | AwsError;
}

interface NetworkAclActions {
  createNetworkAcl(input: {
    readonly vpcId: string;
    readonly tags?: Tags | undefined;
  }): NetworkAcl | AwsError;
  createNetworkAclEntry(input: NetworkAclEntryInput): true | AwsError;
  replaceNetworkAclEntry(input: NetworkAclEntryInput): true | AwsError;
  deleteNetworkAclEntry(input: {
    readonly networkAclId: string;
    readonly ruleNumber: number;
    readonly egress: boolean;
  }): true | AwsError;
  replaceNetworkAclAssociation(input: {
    readonly associationId: string;
    readonly networkAclId: string;
  }): { readonly associationId: string } | AwsError;
  deleteNetworkAcl(input: { readonly networkAclId: string }): true | AwsError;
}

interface ConnectionActions {
  createVpcPeeringConnection(input: {
    readonly vpcId: string;
    readonly peerVpcId: string;
    readonly tags?: Tags | undefined;
  }): VpcPeeringConnection | AwsError;
  acceptVpcPeeringConnection(input: {
    readonly vpcPeeringConnectionId: string;
  }): VpcPeeringConnection | AwsError;
  rejectVpcPeeringConnection(input: { readonly vpcPeeringConnectionId: string }): true | AwsError;
  deleteVpcPeeringConnection(input: { readonly vpcPeeringConnectionId: string }): true | AwsError;
  /** With a default route table unless told otherwise. */
  createTransitGateway(input: {
    readonly defaultRouteTable?: boolean | undefined;
    readonly tags?: Tags | undefined;
  }): TransitGateway | AwsError;
  deleteTransitGateway(input: { readonly transitGatewayId: string }): true | AwsError;
  /** Associated with and propagated to the default route table, when there is one. */
  createTransitGatewayVpcAttachment(input: {
    readonly transitGatewayId: string;
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
    readonly tags?: Tags | undefined;
  }): TransitGatewayAttachment | AwsError;
  deleteTransitGatewayVpcAttachment(input: { readonly attachmentId: string }): true | AwsError;
  createTransitGatewayRouteTable(input: {
    readonly transitGatewayId: string;
    readonly tags?: Tags | undefined;
  }): TransitGatewayRouteTable | AwsError;
  associateTransitGatewayRouteTable(input: {
    readonly transitGatewayRouteTableId: string;
    readonly attachmentId: string;
  }): true | AwsError;
  enableTransitGatewayRouteTablePropagation(input: {
    readonly transitGatewayRouteTableId: string;
    readonly attachmentId: string;
  }): true | AwsError;
  /** Without an attachment the route is a blackhole. */
  createTransitGatewayRoute(input: {
    readonly transitGatewayRouteTableId: string;
    readonly destinationCidrBlock: string;
    readonly attachmentId?: string | undefined;
  }): true | AwsError;
  /** `remoteCidrs`: what lies beyond its VPN or Direct Connect (ours; AWS learns them by BGP). */
  createVpnGateway(input: {
    readonly remoteCidrs?: readonly string[] | undefined;
    readonly tags?: Tags | undefined;
  }): VpnGateway | AwsError;
  deleteVpnGateway(input: { readonly vpnGatewayId: string }): true | AwsError;
  attachVpnGateway(input: {
    readonly vpnGatewayId: string;
    readonly vpcId: string;
  }): true | AwsError;
  detachVpnGateway(input: {
    readonly vpnGatewayId: string;
    readonly vpcId: string;
  }): true | AwsError;
  enableVgwRoutePropagation(input: {
    readonly routeTableId: string;
    readonly gatewayId: string;
  }): true | AwsError;
}

interface EndpointActions {
  /**
   * Gateway: a prefix list route in each table. Interface: one requester-managed interface per
   * subnet, with the groups (the VPC's default group when none is given).
   */
  createVpcEndpoint(input: {
    readonly vpcId: string;
    readonly serviceName: string;
    readonly type?: VpcEndpoint['type'] | undefined;
    readonly routeTableIds?: readonly string[] | undefined;
    readonly subnetIds?: readonly string[] | undefined;
    readonly groups?: readonly string[] | undefined;
    readonly privateDnsEnabled?: boolean | undefined;
    readonly policyDocument?: string | undefined;
    readonly tags?: Tags | undefined;
  }): VpcEndpoint | AwsError;
  deleteVpcEndpoints(input: { readonly vpcEndpointIds: readonly string[] }): true | AwsError;
  createManagedPrefixList(input: {
    readonly prefixListName: string;
    readonly addressFamily: 'IPv4' | 'IPv6';
    readonly maxEntries: number;
    readonly entries?: PrefixList['entries'] | undefined;
    readonly tags?: Tags | undefined;
  }): PrefixList | AwsError;
  deleteManagedPrefixList(input: { readonly prefixListId: string }): true | AwsError;
  /** Not an EC2 action: RDS's, as far as the network sees it: an interface that listens. */
  createDbInstance(input: {
    readonly identifier: string;
    readonly subnetIds: readonly string[];
    readonly port: number;
    readonly groups?: readonly string[] | undefined;
    readonly tags?: Tags | undefined;
  }): NetworkInterface | AwsError;
  deleteDbInstance(input: { readonly identifier: string }): true | AwsError;
}

interface DescribeActions {
  describeRouteTables(input: DescribeInput): readonly RouteTable[] | AwsError;
  describeNetworkAcls(input: DescribeInput): readonly NetworkAcl[] | AwsError;
  describeInternetGateways(input: DescribeInput): readonly InternetGateway[] | AwsError;
  describeEgressOnlyInternetGateways(
    input: DescribeInput,
  ): readonly EgressOnlyInternetGateway[] | AwsError;
  describeNatGateways(input: DescribeInput): readonly NatGateway[] | AwsError;
  describeAddresses(input: DescribeInput): readonly ElasticIp[] | AwsError;
  describeVpcPeeringConnections(input: DescribeInput): readonly VpcPeeringConnection[] | AwsError;
  describeTransitGateways(input: DescribeInput): readonly TransitGateway[] | AwsError;
  describeTransitGatewayAttachments(
    input: DescribeInput,
  ): readonly TransitGatewayAttachment[] | AwsError;
  describeTransitGatewayRouteTables(
    input: DescribeInput,
  ): readonly TransitGatewayRouteTable[] | AwsError;
  describeVpnGateways(input: DescribeInput): readonly VpnGateway[] | AwsError;
  describeVpcEndpoints(input: DescribeInput): readonly VpcEndpoint[] | AwsError;
  describeManagedPrefixLists(input: DescribeInput): readonly PrefixList[] | AwsError;
}

/** What networks are built with: console, eksctl, CloudFormation and Terraform call these. */
interface PermissionActions {
  /** One account, one permission; giving it again gives the same one. */
  createNetworkInterfacePermission(input: {
    readonly networkInterfaceId: string;
    readonly accountId: string;
    readonly permission: InterfacePermission['permission'];
  }): InterfacePermission | AwsError;
}

export interface VpcOperations
  extends VpcActions,
    PermissionActions,
    SubnetActions,
    RouteActions,
    GatewayActions,
    SecurityGroupActions,
    NetworkAclActions,
    ConnectionActions,
    EndpointActions,
    DescribeActions {}
