/** model/ec2/ids — AWS ids, branded so that a subnet id is never taken for a VPC id. */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type VpcId = Id<'vpc'>;
export type SubnetId = Id<'subnet'>;
export type NetworkInterfaceId = Id<'network-interface'>;
export type InstanceId = Id<'instance'>;
export type SecurityGroupId = Id<'security-group'>;
export type SecurityGroupRuleId = Id<'security-group-rule'>;
export type RouteTableId = Id<'route-table'>;
export type NetworkAclId = Id<'network-acl'>;
export type InternetGatewayId = Id<'internet-gateway'>;
export type EgressOnlyInternetGatewayId = Id<'egress-only-internet-gateway'>;
export type NatGatewayId = Id<'nat-gateway'>;
export type AllocationId = Id<'elastic-ip'>;
export type VpcPeeringConnectionId = Id<'vpc-peering-connection'>;
export type TransitGatewayId = Id<'transit-gateway'>;
export type VpnGatewayId = Id<'vpn-gateway'>;
export type VpcEndpointId = Id<'vpc-endpoint'>;
export type PrefixListId = Id<'prefix-list'>;
