/** formats/cloudformation/vpc-resources — VPCs, their blocks, subnets, route tables and routes. */

import type { RouteTargetInput } from '../../cloud/ec2/vpc-operations.ts';
import type { RouteDestination } from '../../model/ec2/route-table.ts';
import type { Properties } from './properties.ts';
import { madeAs, type ResourceType } from './resource-type.ts';

const vpc: ResourceType = {
  properties: [
    'CidrBlock',
    'EnableDnsHostnames',
    'EnableDnsSupport',
    'InstanceTenancy',
    'Ipv4IpamPoolId',
    'Ipv4NetmaskLength',
    'Tags',
  ],
  make(properties, { cloud, store, must }) {
    const { vpcId } = must(
      cloud.ec2.createVpc({ cidrBlock: properties.text('CidrBlock'), tags: properties.tags() }),
    );
    // CreateVpc's defaults: DNS support on, host names off.
    const enableDnsSupport = properties.flag('EnableDnsSupport') ?? true;
    const enableDnsHostnames = properties.flag('EnableDnsHostnames') ?? false;
    must(cloud.ec2.modifyVpcAttribute({ vpcId, enableDnsSupport, enableDnsHostnames }));
    const now = () => store.get('ec2/vpc', vpcId)!;
    const own = <T extends { readonly vpcId: string }>(all: readonly T[]): T[] =>
      all.filter((it) => it.vpcId === vpcId);
    return {
      ref: vpcId,
      attributes: {
        VpcId: () => vpcId,
        CidrBlock: () => now().cidrBlock,
        CidrBlockAssociations: () => now().cidrBlocks.map((it) => it.associationId),
        Ipv6CidrBlocks: () => now().ipv6CidrBlocks.map((it) => it.cidrBlock),
        DefaultSecurityGroup: () =>
          own(store.list('ec2/security-group')).find((it) => it.groupName === 'default')?.groupId,
        DefaultNetworkAcl: () =>
          own(store.list('ec2/network-acl')).find((it) => it.isDefault)?.networkAclId,
      },
    };
  },
};

const vpcCidrBlock: ResourceType = {
  properties: [
    'VpcId',
    'CidrBlock',
    'AmazonProvidedIpv6CidrBlock',
    'Ipv6CidrBlock',
    'Ipv6Pool',
    'Ipv4IpamPoolId',
    'Ipv4NetmaskLength',
    'Ipv6IpamPoolId',
    'Ipv6NetmaskLength',
    'Ipv6CidrBlockNetworkBorderGroup',
  ],
  make(properties, { cloud, must }) {
    const { associationId } = must(
      cloud.ec2.associateVpcCidrBlock({
        vpcId: properties.text('VpcId'),
        cidrBlock: properties.optionalText('CidrBlock'),
        amazonProvidedIpv6CidrBlock: properties.flag('AmazonProvidedIpv6CidrBlock'),
      }),
    );
    return madeAs(associationId, 'Id');
  },
};

const subnet: ResourceType = {
  properties: [
    'VpcId',
    'CidrBlock',
    'AvailabilityZone',
    'AvailabilityZoneId',
    'MapPublicIpOnLaunch',
    'AssignIpv6AddressOnCreation',
    'Ipv6CidrBlock',
    'Ipv6Native',
    'EnableDns64',
    'EnableLniAtDeviceIndex',
    'Ipv4IpamPoolId',
    'Ipv4NetmaskLength',
    'Ipv6IpamPoolId',
    'Ipv6NetmaskLength',
    'OutpostArn',
    'PrivateDnsNameOptionsOnLaunch',
    'BlockPublicAccessStates',
    'Tags',
  ],
  make(properties, { cloud, store, must }) {
    const zoneId = properties.optionalText('AvailabilityZoneId');
    const zone = cloud.availabilityZones.find(({ id }) => id === zoneId)?.name;
    if (properties.flag('Ipv6Native') === true) {
      properties.refuse(
        'Ipv6Native',
        'subnets without IPv4 are not simulated',
        'give the subnet a CidrBlock',
      );
    }
    const made = must(
      cloud.ec2.createSubnet({
        vpcId: properties.text('VpcId'),
        cidrBlock: properties.text('CidrBlock'),
        ipv6CidrBlock: properties.optionalText('Ipv6CidrBlock'),
        availabilityZone: properties.optionalText('AvailabilityZone') ?? zone,
        tags: properties.tags(),
      }),
    );
    const { subnetId } = made;
    must(
      cloud.ec2.modifySubnetAttribute({
        subnetId,
        mapPublicIpOnLaunch: properties.flag('MapPublicIpOnLaunch'),
        assignIpv6AddressOnCreation: properties.flag('AssignIpv6AddressOnCreation'),
      }),
    );
    const now = () => store.get('ec2/subnet', subnetId)!;
    return {
      ref: subnetId,
      attributes: {
        SubnetId: () => subnetId,
        AvailabilityZone: () => now().availabilityZone,
        AvailabilityZoneId: () => now().availabilityZoneId,
        CidrBlock: () => now().cidrBlock,
        VpcId: () => now().vpcId,
        Ipv6CidrBlocks: () =>
          now().ipv6CidrBlock === undefined ? [] : [now().ipv6CidrBlock!.cidrBlock],
        NetworkAclAssociationId: () =>
          store
            .list('ec2/network-acl')
            .flatMap((acl) => acl.associations)
            .find((it) => it.subnetId === subnetId)?.associationId,
      },
    };
  },
};

const subnetCidrBlock: ResourceType = {
  properties: ['SubnetId', 'Ipv6CidrBlock', 'Ipv6IpamPoolId', 'Ipv6NetmaskLength'],
  make(properties, { cloud, must }) {
    const { associationId } = must(
      cloud.ec2.associateSubnetCidrBlock({
        subnetId: properties.text('SubnetId'),
        ipv6CidrBlock: properties.text('Ipv6CidrBlock'),
      }),
    );
    return madeAs(associationId, 'Id');
  },
};

const routeTable: ResourceType = {
  properties: ['VpcId', 'Tags'],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.createRouteTable({ vpcId: properties.text('VpcId'), tags: properties.tags() }),
    );
    return madeAs(made.routeTableId, 'RouteTableId');
  },
};

const TARGETS: Readonly<Record<string, RouteTargetInput['kind']>> = {
  EgressOnlyInternetGatewayId: 'egress-only-internet-gateway',
  NatGatewayId: 'nat-gateway',
  NetworkInterfaceId: 'network-interface',
  InstanceId: 'instance',
  VpcPeeringConnectionId: 'vpc-peering-connection',
  TransitGatewayId: 'transit-gateway',
  VpcEndpointId: 'vpc-endpoint',
  CarrierGatewayId: 'carrier-gateway',
  LocalGatewayId: 'local-gateway',
};

function destinationOf(properties: Properties): RouteDestination {
  const ipv4 = properties.optionalText('DestinationCidrBlock');
  if (ipv4 !== undefined) return { kind: 'ipv4', cidr: ipv4 };
  const ipv6 = properties.optionalText('DestinationIpv6CidrBlock');
  if (ipv6 !== undefined) return { kind: 'ipv6', cidr: ipv6 };
  const prefixListId = properties.optionalText('DestinationPrefixListId');
  if (prefixListId !== undefined) return { kind: 'prefix-list', prefixListId };
  return properties.refuse(
    'DestinationCidrBlock',
    'a route needs a destination',
    'add DestinationCidrBlock, e.g. 0.0.0.0/0',
  );
}

function targetOf(properties: Properties): RouteTargetInput {
  const gateway = properties.optionalText('GatewayId');
  if (gateway !== undefined) {
    return { kind: gateway.startsWith('vgw-') ? 'vpn-gateway' : 'internet-gateway', id: gateway };
  }
  for (const [name, kind] of Object.entries(TARGETS)) {
    const id = properties.optionalText(name);
    if (id !== undefined) return { kind, id };
  }
  return properties.refuse(
    'GatewayId',
    'a route needs a target',
    `add GatewayId or one of ${Object.keys(TARGETS).join(', ')}`,
  );
}

const route: ResourceType = {
  properties: [
    'RouteTableId',
    'DestinationCidrBlock',
    'DestinationIpv6CidrBlock',
    'DestinationPrefixListId',
    'GatewayId',
    'CoreNetworkArn',
    ...Object.keys(TARGETS),
  ],
  make(properties, { cloud, must }) {
    const routeTableId = properties.text('RouteTableId');
    const destination = destinationOf(properties);
    must(cloud.ec2.createRoute({ routeTableId, destination, target: targetOf(properties) }));
    const to = destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr;
    return { ref: `${routeTableId}|${to}`, attributes: { CidrBlock: () => to } };
  },
};

const subnetRouteTableAssociation: ResourceType = {
  properties: ['RouteTableId', 'SubnetId'],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.associateRouteTable({
        routeTableId: properties.text('RouteTableId'),
        subnetId: properties.text('SubnetId'),
      }),
    );
    return madeAs(made.associationId, 'Id');
  },
};

const gatewayRouteTableAssociation: ResourceType = {
  properties: ['RouteTableId', 'GatewayId'],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.associateRouteTable({
        routeTableId: properties.text('RouteTableId'),
        gatewayId: properties.text('GatewayId'),
      }),
    );
    return madeAs(made.associationId, 'AssociationId');
  },
};

/** EIPs, gateways and attachments live in gateway-resources. */
export const VPC_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::EC2::VPC': vpc,
  'AWS::EC2::VPCCidrBlock': vpcCidrBlock,
  'AWS::EC2::Subnet': subnet,
  'AWS::EC2::SubnetCidrBlock': subnetCidrBlock,
  'AWS::EC2::RouteTable': routeTable,
  'AWS::EC2::Route': route,
  'AWS::EC2::SubnetRouteTableAssociation': subnetRouteTableAssociation,
  'AWS::EC2::GatewayRouteTableAssociation': gatewayRouteTableAssociation,
};
