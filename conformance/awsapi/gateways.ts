/** conformance/awsapi/gateways — EC2's actions on all ways out of a VPC. */
import { type FilterTable, filterTest } from '../../src/cloud/ec2/filters.ts';
import { awsError, isAwsError } from '../../src/model/aws-error.ts';
import type { VpcEndpoint } from '../../src/model/ec2/gateways.ts';
import type { Tags } from '../../src/model/ec2/tags.ts';
import { asJson, describing, done, type Handlers, one, page } from './wire.ts';

const internet: Handlers = {
  CreateInternetGateway: (request, backend) =>
    one(
      backend,
      'InternetGateway',
      'ec2/internet-gateway',
      backend.cloud.ec2.createInternetGateway({ tags: request.tags() }),
    ),
  AttachInternetGateway: (request, { cloud }) =>
    done(
      cloud.ec2.attachInternetGateway({
        internetGatewayId: request.text('InternetGatewayId'),
        vpcId: request.text('VpcId'),
      }),
    ),
  DetachInternetGateway: (request, { cloud }) =>
    done(
      cloud.ec2.detachInternetGateway({
        internetGatewayId: request.text('InternetGatewayId'),
        vpcId: request.text('VpcId'),
      }),
    ),
  DeleteInternetGateway: (request, { cloud }) => {
    const internetGatewayId = request.text('InternetGatewayId');
    return done(cloud.ec2.deleteInternetGateway({ internetGatewayId }));
  },
  DescribeInternetGateways: describing('ec2/internet-gateway', 'InternetGatewayIds', (ec2, asked) =>
    ec2.describeInternetGateways(asked),
  ),
  CreateEgressOnlyInternetGateway: (request, backend) =>
    one(
      backend,
      'EgressOnlyInternetGateway',
      'ec2/egress-only-internet-gateway',
      backend.cloud.ec2.createEgressOnlyInternetGateway({
        vpcId: request.text('VpcId'),
        tags: request.tags(),
      }),
    ),
  DeleteEgressOnlyInternetGateway: (request, { cloud }) => {
    const gone = cloud.ec2.deleteEgressOnlyInternetGateway({
      egressOnlyInternetGatewayId: request.text('EgressOnlyInternetGatewayId'),
    });
    return isAwsError(gone) ? gone : { ReturnCode: true };
  },
  DescribeEgressOnlyInternetGateways: describing(
    'ec2/egress-only-internet-gateway',
    'EgressOnlyInternetGatewayIds',
    (ec2, asked) => ec2.describeEgressOnlyInternetGateways(asked),
  ),
};

const addresses: Handlers = {
  AllocateAddress: (request, backend) => {
    const made = backend.cloud.ec2.allocateAddress({ tags: request.tags() });
    return isAwsError(made) ? made : asJson(backend, 'ec2/elastic-ip', made);
  },
  ReleaseAddress: (request, { cloud }) =>
    done(cloud.ec2.releaseAddress({ allocationId: request.text('AllocationId') })),
  AssociateAddress: (request, { cloud }) => {
    const made = cloud.ec2.associateAddress({
      allocationId: request.text('AllocationId'),
      networkInterfaceId: request.optional('NetworkInterfaceId'),
      instanceId: request.optional('InstanceId'),
      privateIpAddress: request.optional('PrivateIpAddress'),
      allowReassociation: request.flag('AllowReassociation'),
    });
    return isAwsError(made) ? made : { AssociationId: made.associationId };
  },
  DisassociateAddress: (request, { cloud }) =>
    done(cloud.ec2.disassociateAddress({ associationId: request.text('AssociationId') })),
  DescribeAddresses: (request, backend) => {
    const publicIps = request.texts('PublicIps');
    const byIp = publicIps === undefined ? [] : [{ name: 'public-ip', values: publicIps }];
    return page(
      request,
      backend,
      'ec2/elastic-ip',
      backend.cloud.ec2.describeAddresses({
        ids: request.texts('AllocationIds'),
        filters: [...request.filters(), ...byIp],
      }),
      'Addresses',
    );
  },
  CreateNatGateway: (request, backend) =>
    one(
      backend,
      'NatGateway',
      'ec2/nat-gateway',
      backend.cloud.ec2.createNatGateway({
        subnetId: request.text('SubnetId'),
        allocationId: request.optional('AllocationId'),
        connectivityType: request.optional('ConnectivityType') === 'private' ? 'private' : 'public',
        privateIpAddress: request.optional('PrivateIpAddress'),
        tags: request.tags(),
      }),
    ),
  DeleteNatGateway: (request, { cloud }) => {
    const natGatewayId = request.text('NatGatewayId');
    const gone = cloud.ec2.deleteNatGateway({ natGatewayId });
    return isAwsError(gone) ? gone : { NatGatewayId: natGatewayId };
  },
  DescribeNatGateways: describing('ec2/nat-gateway', 'NatGatewayIds', (ec2, asked) =>
    ec2.describeNatGateways(asked),
  ),
};

const peerings: Handlers = {
  CreateVpcPeeringConnection: (request, backend) =>
    one(
      backend,
      'VpcPeeringConnection',
      'ec2/vpc-peering-connection',
      backend.cloud.ec2.createVpcPeeringConnection({
        vpcId: request.text('VpcId'),
        peerVpcId: request.text('PeerVpcId'),
        tags: request.tags(),
      }),
    ),
  AcceptVpcPeeringConnection: (request, backend) =>
    one(
      backend,
      'VpcPeeringConnection',
      'ec2/vpc-peering-connection',
      backend.cloud.ec2.acceptVpcPeeringConnection({
        vpcPeeringConnectionId: request.text('VpcPeeringConnectionId'),
      }),
    ),
  RejectVpcPeeringConnection: (request, { cloud }) => {
    const vpcPeeringConnectionId = request.text('VpcPeeringConnectionId');
    return done(cloud.ec2.rejectVpcPeeringConnection({ vpcPeeringConnectionId }));
  },
  DeleteVpcPeeringConnection: (request, { cloud }) => {
    const vpcPeeringConnectionId = request.text('VpcPeeringConnectionId');
    return done(cloud.ec2.deleteVpcPeeringConnection({ vpcPeeringConnectionId }));
  },
  DescribeVpcPeeringConnections: describing(
    'ec2/vpc-peering-connection',
    'VpcPeeringConnectionIds',
    (ec2, asked) => ec2.describeVpcPeeringConnections(asked),
  ),
};

const vpn: Handlers = {
  CreateVpnGateway: (request, backend) =>
    one(
      backend,
      'VpnGateway',
      'ec2/vpn-gateway',
      backend.cloud.ec2.createVpnGateway({ tags: request.tags() }),
    ),
  AttachVpnGateway: (request, { cloud }) => {
    const vpcId = request.text('VpcId');
    const vpnGatewayId = request.text('VpnGatewayId');
    const made = cloud.ec2.attachVpnGateway({ vpnGatewayId, vpcId });
    return isAwsError(made) ? made : { VpcAttachment: { State: 'attached', VpcId: vpcId } };
  },
  DetachVpnGateway: (request, { cloud }) =>
    done(
      cloud.ec2.detachVpnGateway({
        vpnGatewayId: request.text('VpnGatewayId'),
        vpcId: request.text('VpcId'),
      }),
    ),
  DeleteVpnGateway: (request, { cloud }) =>
    done(cloud.ec2.deleteVpnGateway({ vpnGatewayId: request.text('VpnGatewayId') })),
  DescribeVpnGateways: describing('ec2/vpn-gateway', 'VpnGatewayIds', (ec2, asked) =>
    ec2.describeVpnGateways(asked),
  ),
  EnableVgwRoutePropagation: (request, { cloud }) =>
    done(
      cloud.ec2.enableVgwRoutePropagation({
        routeTableId: request.text('RouteTableId'),
        gatewayId: request.text('GatewayId'),
      }),
    ),
};

interface DescribedZone {
  readonly ZoneName: string;
  readonly ZoneId: string;
  readonly RegionName: string;
  readonly State: string;
  readonly ZoneType: string;
  /** Zones have none; every filter table is over tagged nouns. */
  readonly tags: Tags;
}

const ZONE_FILTERS: FilterTable<DescribedZone> = {
  'zone-name': ({ ZoneName }) => ZoneName,
  'zone-id': ({ ZoneId }) => ZoneId,
  'region-name': ({ RegionName }) => RegionName,
  'zone-type': ({ ZoneType }) => ZoneType,
  state: ({ State }) => State,
  'opt-in-status': () => 'opt-in-not-required',
};

const endpoints: Handlers = {
  CreateVpcEndpoint: (request, backend) =>
    one(
      backend,
      'VpcEndpoint',
      'ec2/vpc-endpoint',
      backend.cloud.ec2.createVpcEndpoint({
        vpcId: request.text('VpcId'),
        serviceName: request.text('ServiceName'),
        type: request.optional('VpcEndpointType') as VpcEndpoint['type'] | undefined,
        routeTableIds: request.texts('RouteTableIds'),
        subnetIds: request.texts('SubnetIds'),
        groups: request.texts('SecurityGroupIds'),
        privateDnsEnabled: request.flag('PrivateDnsEnabled'),
        policyDocument: request.optional('PolicyDocument'),
        tags: request.tags(),
      }),
    ),
  DeleteVpcEndpoints: (request, { cloud }) => {
    const vpcEndpointIds = request.texts('VpcEndpointIds') ?? [];
    const gone = cloud.ec2.deleteVpcEndpoints({ vpcEndpointIds });
    return isAwsError(gone) ? gone : { Unsuccessful: [] };
  },
  DescribeVpcEndpoints: describing('ec2/vpc-endpoint', 'VpcEndpointIds', (ec2, asked) =>
    ec2.describeVpcEndpoints(asked),
  ),
  CreateManagedPrefixList: (request, backend) =>
    one(
      backend,
      'PrefixList',
      'ec2/prefix-list',
      backend.cloud.ec2.createManagedPrefixList({
        prefixListName: request.text('PrefixListName'),
        addressFamily: request.text('AddressFamily') === 'IPv6' ? 'IPv6' : 'IPv4',
        maxEntries: Number(request.text('MaxEntries')),
        entries: request.list('Entries').map((it) => ({
          cidr: it.text('Cidr'),
          description: it.optional('Description'),
        })),
        tags: request.tags(),
      }),
    ),
  DeleteManagedPrefixList: (request, { cloud }) => {
    const prefixListId = request.text('PrefixListId');
    const gone = cloud.ec2.deleteManagedPrefixList({ prefixListId });
    return isAwsError(gone) ? gone : { PrefixList: { PrefixListId: prefixListId } };
  },
  DescribeManagedPrefixLists: describing('ec2/prefix-list', 'PrefixListIds', (ec2, asked) =>
    ec2.describeManagedPrefixLists(asked),
  ),
  DescribeAvailabilityZones: (request, { cloud }) => {
    const zones = cloud.availabilityZones.map(({ name, id }) => ({
      ZoneName: name,
      ZoneId: id,
      RegionName: cloud.region,
      State: 'available',
      ZoneType: 'availability-zone',
      tags: {},
    }));
    const named = [
      ...(request.texts('ZoneNames') ?? []).map((wish) => ['ZoneName', wish] as const),
      ...(request.texts('ZoneIds') ?? []).map((wish) => ['ZoneId', wish] as const),
    ];
    const unknown = named.filter(([member, wish]) => !zones.some((it) => it[member] === wish));
    if (unknown.length > 0) {
      const wishes = unknown.map(([, wish]) => wish).join(', ');
      return awsError('InvalidParameterValue', `Invalid availability zone: [${wishes}]`);
    }
    const test = filterTest(ZONE_FILTERS, request.filters());
    if (isAwsError(test)) return test;
    const wanted = (zone: DescribedZone) =>
      named.length === 0 || named.some(([member, wish]) => zone[member] === wish);
    const found = zones.filter((zone) => wanted(zone) && test(zone));
    return { AvailabilityZones: found.map(({ tags: _, ...zone }) => zone) };
  },
};

export const gatewayHandlers: Handlers = {
  ...internet,
  ...addresses,
  ...peerings,
  ...vpn,
  ...endpoints,
};
