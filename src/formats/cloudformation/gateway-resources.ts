/** formats/cloudformation/gateway-resources — what leads out of a VPC, and joins it to others. */
import { madeAs, type ResourceType } from './resource-type.ts';

const internetGateway: ResourceType = {
  properties: ['Tags'],
  make(properties, { cloud, must }) {
    const { internetGatewayId } = must(
      cloud.ec2.createInternetGateway({ tags: properties.tags() }),
    );
    return madeAs(internetGatewayId, 'InternetGatewayId');
  },
};

const vpcGatewayAttachment: ResourceType = {
  properties: ['VpcId', 'InternetGatewayId', 'VpnGatewayId'],
  make(properties, { cloud, must }) {
    const vpcId = properties.text('VpcId');
    const internetGatewayId = properties.optionalText('InternetGatewayId');
    if (internetGatewayId !== undefined)
      must(cloud.ec2.attachInternetGateway({ internetGatewayId, vpcId }));
    else must(cloud.ec2.attachVpnGateway({ vpnGatewayId: properties.text('VpnGatewayId'), vpcId }));
    return { ref: `${internetGatewayId === undefined ? 'VGW' : 'IGW'}|${vpcId}` };
  },
};

const egressOnlyInternetGateway: ResourceType = {
  properties: ['VpcId', 'Tags'],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.createEgressOnlyInternetGateway({
        vpcId: properties.text('VpcId'),
        tags: properties.tags(),
      }),
    );
    const id = made.egressOnlyInternetGatewayId;
    return madeAs(id, 'Id');
  },
};

const elasticIp: ResourceType = {
  properties: [
    'Domain',
    'InstanceId',
    'NetworkBorderGroup',
    'PublicIpv4Pool',
    'TransferAddress',
    'Address',
    'IpamPoolId',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const made = must(cloud.ec2.allocateAddress({ tags: properties.tags() }));
    const { allocationId, publicIp } = made;
    const instanceId = properties.optionalText('InstanceId');
    if (instanceId !== undefined) must(cloud.ec2.associateAddress({ allocationId, instanceId }));
    return {
      ref: publicIp,
      attributes: { AllocationId: () => allocationId, PublicIp: () => publicIp },
    };
  },
};

const elasticIpAssociation: ResourceType = {
  properties: ['AllocationId', 'EIP', 'InstanceId', 'NetworkInterfaceId', 'PrivateIpAddress'],
  make(properties, { cloud, store, must }) {
    const publicIp = properties.optionalText('EIP');
    const allocationId =
      properties.optionalText('AllocationId') ??
      store.list('ec2/elastic-ip').find((it) => it.publicIp === publicIp)?.allocationId ??
      properties.refuse(
        'AllocationId',
        'which elastic IP is not said',
        'add AllocationId: !GetAtt YourEip.AllocationId',
      );
    const { associationId } = must(
      cloud.ec2.associateAddress({
        allocationId,
        instanceId: properties.optionalText('InstanceId'),
        networkInterfaceId: properties.optionalText('NetworkInterfaceId'),
        privateIpAddress: properties.optionalText('PrivateIpAddress'),
      }),
    );
    return madeAs(associationId, 'Id');
  },
};

const natGateway: ResourceType = {
  properties: [
    'SubnetId',
    'AllocationId',
    'ConnectivityType',
    'PrivateIpAddress',
    'MaxDrainDurationSeconds',
    'SecondaryAllocationIds',
    'SecondaryPrivateIpAddresses',
    'SecondaryPrivateIpAddressCount',
    'VpcId',
    'AvailabilityMode',
    'AvailabilityZoneAddresses',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.createNatGateway({
        subnetId: properties.text('SubnetId'),
        allocationId: properties.optionalText('AllocationId'),
        connectivityType:
          properties.optionalText('ConnectivityType') === 'private' ? 'private' : 'public',
        privateIpAddress: properties.optionalText('PrivateIpAddress'),
        tags: properties.tags(),
      }),
    );
    return madeAs(made.natGatewayId, 'NatGatewayId');
  },
};

const vpcPeeringConnection: ResourceType = {
  properties: [
    'VpcId',
    'PeerVpcId',
    'PeerOwnerId',
    'PeerRegion',
    'PeerRoleArn',
    'AssumeRoleRegion',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const { vpcPeeringConnectionId } = must(
      cloud.ec2.createVpcPeeringConnection({
        vpcId: properties.text('VpcId'),
        peerVpcId: properties.text('PeerVpcId'),
        tags: properties.tags(),
      }),
    );
    // In one account CloudFormation accepts it at once.
    must(cloud.ec2.acceptVpcPeeringConnection({ vpcPeeringConnectionId }));
    return madeAs(vpcPeeringConnectionId, 'Id');
  },
};

const transitGateway: ResourceType = {
  properties: [
    'AmazonSideAsn',
    'AssociationDefaultRouteTableId',
    'AutoAcceptSharedAttachments',
    'DefaultRouteTableAssociation',
    'DefaultRouteTablePropagation',
    'Description',
    'DnsSupport',
    'EncryptionSupport',
    'MulticastSupport',
    'PropagationDefaultRouteTableId',
    'SecurityGroupReferencingSupport',
    'TransitGatewayCidrBlocks',
    'VpnEcmpSupport',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.createTransitGateway({
        defaultRouteTable: properties.optionalText('DefaultRouteTableAssociation') !== 'disable',
        tags: properties.tags(),
      }),
    );
    return madeAs(made.transitGatewayId, 'Id');
  },
};

const transitGatewayAttachment: ResourceType = {
  properties: [
    'TransitGatewayId',
    'VpcId',
    'SubnetIds',
    'Options',
    'AddSubnetIds',
    'RemoveSubnetIds',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.createTransitGatewayVpcAttachment({
        transitGatewayId: properties.text('TransitGatewayId'),
        vpcId: properties.text('VpcId'),
        subnetIds: properties.texts('SubnetIds'),
        tags: properties.tags(),
      }),
    );
    return madeAs(made.attachmentId, 'Id');
  },
};

const transitGatewayRouteTable: ResourceType = {
  properties: ['TransitGatewayId', 'Tags'],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.createTransitGatewayRouteTable({
        transitGatewayId: properties.text('TransitGatewayId'),
        tags: properties.tags(),
      }),
    );
    const id = made.transitGatewayRouteTableId;
    return madeAs(id, 'TransitGatewayRouteTableId');
  },
};

const transitGatewayRoute: ResourceType = {
  properties: [
    'TransitGatewayRouteTableId',
    'DestinationCidrBlock',
    'TransitGatewayAttachmentId',
    'Blackhole',
  ],
  make(properties, { cloud, must }) {
    const transitGatewayRouteTableId = properties.text('TransitGatewayRouteTableId');
    const destinationCidrBlock = properties.text('DestinationCidrBlock');
    must(
      cloud.ec2.createTransitGatewayRoute({
        transitGatewayRouteTableId,
        destinationCidrBlock,
        attachmentId:
          properties.flag('Blackhole') === true
            ? undefined
            : properties.text('TransitGatewayAttachmentId'),
      }),
    );
    return { ref: `${transitGatewayRouteTableId}|${destinationCidrBlock}` };
  },
};

const transitGatewayRouteTableAssociation: ResourceType = {
  properties: ['TransitGatewayRouteTableId', 'TransitGatewayAttachmentId'],
  make(properties, { cloud, must }) {
    const transitGatewayRouteTableId = properties.text('TransitGatewayRouteTableId');
    const attachmentId = properties.text('TransitGatewayAttachmentId');
    must(cloud.ec2.associateTransitGatewayRouteTable({ transitGatewayRouteTableId, attachmentId }));
    return { ref: `${transitGatewayRouteTableId}|${attachmentId}` };
  },
};

const transitGatewayRouteTablePropagation: ResourceType = {
  properties: ['TransitGatewayRouteTableId', 'TransitGatewayAttachmentId'],
  make(properties, { cloud, must }) {
    const transitGatewayRouteTableId = properties.text('TransitGatewayRouteTableId');
    const attachmentId = properties.text('TransitGatewayAttachmentId');
    must(
      cloud.ec2.enableTransitGatewayRouteTablePropagation({
        transitGatewayRouteTableId,
        attachmentId,
      }),
    );
    return { ref: `${transitGatewayRouteTableId}|${attachmentId}` };
  },
};

const vpnGateway: ResourceType = {
  properties: ['Type', 'AmazonSideAsn', 'Tags'],
  make(properties, { cloud, must }) {
    const { vpnGatewayId } = must(cloud.ec2.createVpnGateway({ tags: properties.tags() }));
    return madeAs(vpnGatewayId, 'VPNGatewayId');
  },
};

const vpnGatewayRoutePropagation: ResourceType = {
  properties: ['RouteTableIds', 'VpnGatewayId'],
  make(properties, { cloud, must, logicalId }) {
    const gatewayId = properties.text('VpnGatewayId');
    for (const routeTableId of properties.texts('RouteTableIds')) {
      must(cloud.ec2.enableVgwRoutePropagation({ routeTableId, gatewayId }));
    }
    return { ref: logicalId };
  },
};

const vpcEndpoint: ResourceType = {
  properties: [
    'VpcId',
    'ServiceName',
    'VpcEndpointType',
    'RouteTableIds',
    'SubnetIds',
    'SecurityGroupIds',
    'PrivateDnsEnabled',
    'PolicyDocument',
    'DnsOptions',
    'IpAddressType',
    'ResourceConfigurationArn',
    'ServiceNetworkArn',
    'ServiceRegion',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const policy = properties.values.PolicyDocument;
    const made = must(
      cloud.ec2.createVpcEndpoint({
        vpcId: properties.text('VpcId'),
        serviceName: properties.text('ServiceName'),
        type: (properties.optionalText('VpcEndpointType') ?? 'Gateway') as 'Gateway' | 'Interface',
        routeTableIds: properties.texts('RouteTableIds'),
        subnetIds: properties.texts('SubnetIds'),
        groups: properties.texts('SecurityGroupIds'),
        privateDnsEnabled: properties.flag('PrivateDnsEnabled'),
        policyDocument:
          policy === undefined || typeof policy === 'string' ? policy : JSON.stringify(policy),
        tags: properties.tags(),
      }),
    );
    return {
      ref: made.vpcEndpointId,
      attributes: {
        Id: () => made.vpcEndpointId,
        NetworkInterfaceIds: () => made.networkInterfaceIds,
      },
    };
  },
};

const prefixList: ResourceType = {
  properties: ['PrefixListName', 'AddressFamily', 'MaxEntries', 'Entries', 'Tags'],
  make(properties, { cloud, must }) {
    const entries = properties.objects('Entries').map((it) => ({
      cidr: it.text('Cidr'),
      description: it.optionalText('Description'),
    }));
    const made = must(
      cloud.ec2.createManagedPrefixList({
        prefixListName: properties.text('PrefixListName'),
        addressFamily: properties.text('AddressFamily') === 'IPv6' ? 'IPv6' : 'IPv4',
        maxEntries: properties.number('MaxEntries') ?? Math.max(1, entries.length),
        entries,
        tags: properties.tags(),
      }),
    );
    return madeAs(made.prefixListId, 'PrefixListId');
  },
};

export const GATEWAY_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::EC2::InternetGateway': internetGateway,
  'AWS::EC2::VPCGatewayAttachment': vpcGatewayAttachment,
  'AWS::EC2::EgressOnlyInternetGateway': egressOnlyInternetGateway,
  'AWS::EC2::EIP': elasticIp,
  'AWS::EC2::EIPAssociation': elasticIpAssociation,
  'AWS::EC2::NatGateway': natGateway,
  'AWS::EC2::VPCPeeringConnection': vpcPeeringConnection,
  'AWS::EC2::TransitGateway': transitGateway,
  'AWS::EC2::TransitGatewayAttachment': transitGatewayAttachment,
  'AWS::EC2::TransitGatewayVpcAttachment': transitGatewayAttachment,
  'AWS::EC2::TransitGatewayRouteTable': transitGatewayRouteTable,
  'AWS::EC2::TransitGatewayRoute': transitGatewayRoute,
  'AWS::EC2::TransitGatewayRouteTableAssociation': transitGatewayRouteTableAssociation,
  'AWS::EC2::TransitGatewayRouteTablePropagation': transitGatewayRouteTablePropagation,
  'AWS::EC2::VPNGateway': vpnGateway,
  'AWS::EC2::VPNGatewayRoutePropagation': vpnGatewayRoutePropagation,
  'AWS::EC2::VPCEndpoint': vpcEndpoint,
  'AWS::EC2::PrefixList': prefixList,
};
