/** formats/aws/vpc-links — what joins a VPC to others: peering, VPN gateways, endpoints, lists. */
import type {
  PrefixList,
  VpcEndpoint,
  VpcPeeringConnection,
  VpnGateway,
} from '../../model/ec2/gateways.ts';
import { type NounFormat, present, tagList } from './aws-json.ts';

export const vpcPeeringConnection: NounFormat<'ec2/vpc-peering-connection'> = {
  kind: 'ec2/vpc-peering-connection',
  member: 'VpcPeeringConnections',
  file: 'describe-vpc-peering-connections.json',
  toAws: (noun, store) => ({
    AccepterVpcInfo: present({
      CidrBlock: store.get('ec2/vpc', noun.accepterVpcId)?.cidrBlock,
      VpcId: noun.accepterVpcId,
    }),
    RequesterVpcInfo: present({
      CidrBlock: store.get('ec2/vpc', noun.requesterVpcId)?.cidrBlock,
      VpcId: noun.requesterVpcId,
    }),
    Status: { Code: noun.status },
    Tags: tagList(noun.tags),
    VpcPeeringConnectionId: noun.vpcPeeringConnectionId,
  }),
  fromAws: (read): VpcPeeringConnection => ({
    vpcPeeringConnectionId: read.id('VpcPeeringConnectionId'),
    requesterVpcId: read.object('RequesterVpcInfo')!.id('VpcId'),
    accepterVpcId: read.object('AccepterVpcInfo')!.id('VpcId'),
    status: (read.object('Status')?.optionalText('Code') ??
      'active') as VpcPeeringConnection['status'],
    tags: read.tags(),
  }),
};

export const vpnGateway: NounFormat<'ec2/vpn-gateway'> = {
  kind: 'ec2/vpn-gateway',
  member: 'VpnGateways',
  file: 'describe-vpn-gateways.json',
  toAws: (noun) => ({
    State: 'available',
    Type: 'ipsec.1',
    VpcAttachments: noun.vpcId === undefined ? [] : [{ State: 'attached', VpcId: noun.vpcId }],
    VpnGatewayId: noun.vpnGatewayId,
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): VpnGateway => ({
    vpnGatewayId: read.id('VpnGatewayId'),
    vpcId: read.list('VpcAttachments')[0]?.id('VpcId'),
    // Known from the propagated routes only; describe-vpn-gateways does not tell.
    remoteCidrs: [],
    tags: read.tags(),
  }),
};

export const vpcEndpoint: NounFormat<'ec2/vpc-endpoint'> = {
  kind: 'ec2/vpc-endpoint',
  member: 'VpcEndpoints',
  file: 'describe-vpc-endpoints.json',
  toAws: (noun, store) =>
    present({
      VpcEndpointId: noun.vpcEndpointId,
      VpcEndpointType: noun.type,
      VpcId: noun.vpcId,
      ServiceName: noun.serviceName,
      State: noun.state,
      PolicyDocument: noun.policyDocument,
      RouteTableIds: noun.routeTableIds,
      SubnetIds: noun.subnetIds,
      Groups: noun.groups.map((GroupId) => ({
        GroupId,
        GroupName: store.get('ec2/security-group', GroupId)?.groupName ?? '',
      })),
      PrivateDnsEnabled: noun.privateDnsEnabled,
      NetworkInterfaceIds: noun.networkInterfaceIds,
      Tags: tagList(noun.tags),
    }),
  fromAws: (read): VpcEndpoint => ({
    vpcEndpointId: read.id('VpcEndpointId'),
    vpcId: read.id('VpcId'),
    type: (read.optionalText('VpcEndpointType') ?? 'Gateway') as VpcEndpoint['type'],
    serviceName: read.text('ServiceName'),
    state: read.optionalText('State')?.toLowerCase() === 'pending' ? 'pending' : 'available',
    privateDnsEnabled: read.flag('PrivateDnsEnabled'),
    routeTableIds: read.texts('RouteTableIds') as unknown as VpcEndpoint['routeTableIds'],
    subnetIds: read.texts('SubnetIds') as unknown as VpcEndpoint['subnetIds'],
    networkInterfaceIds: read.texts(
      'NetworkInterfaceIds',
    ) as unknown as VpcEndpoint['networkInterfaceIds'],
    groups: read.list('Groups').map((it) => it.id('GroupId')),
    policyDocument: read.optionalText('PolicyDocument'),
    tags: read.tags(),
  }),
};

export const prefixList: NounFormat<'ec2/prefix-list'> = {
  kind: 'ec2/prefix-list',
  member: 'PrefixLists',
  file: 'describe-managed-prefix-lists.json',
  toAws: (noun) => ({
    PrefixListId: noun.prefixListId,
    AddressFamily: noun.addressFamily,
    State: 'create-complete',
    PrefixListName: noun.prefixListName,
    MaxEntries: noun.maxEntries,
    OwnerId: noun.awsManaged ? 'AWS' : '',
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): PrefixList => ({
    prefixListId: read.id('PrefixListId'),
    prefixListName: read.text('PrefixListName'),
    addressFamily: read.optionalText('AddressFamily') === 'IPv6' ? 'IPv6' : 'IPv4',
    maxEntries: read.number('MaxEntries', 0),
    // describe-prefix-lists shows them; else get-managed-prefix-list-entries does.
    entries: read.texts('Cidrs').map((cidr) => ({ cidr })),
    awsManaged:
      read.optionalText('OwnerId') === 'AWS' ||
      read.text('PrefixListName').startsWith('com.amazonaws.'),
    tags: read.tags(),
  }),
};
