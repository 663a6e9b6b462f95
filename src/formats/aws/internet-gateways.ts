/** formats/aws/internet-gateways — internet, egress-only and NAT gateways, elastic IPs. */
import type {
  EgressOnlyInternetGateway,
  ElasticIp,
  InternetGateway,
  NatGateway,
} from '../../model/ec2/gateways.ts';
import { ec2Time, type NounFormat, present, tagList } from './aws-json.ts';

export const internetGateway: NounFormat<'ec2/internet-gateway'> = {
  kind: 'ec2/internet-gateway',
  member: 'InternetGateways',
  file: 'describe-internet-gateways.json',
  toAws: (noun) => ({
    Attachments: noun.vpcId === undefined ? [] : [{ State: 'available', VpcId: noun.vpcId }],
    InternetGatewayId: noun.internetGatewayId,
    OwnerId: noun.ownerId,
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): InternetGateway => ({
    internetGatewayId: read.id('InternetGatewayId'),
    ownerId: read.optionalText('OwnerId') ?? '',
    vpcId: read.list('Attachments')[0]?.id('VpcId'),
    tags: read.tags(),
  }),
};

export const egressOnlyInternetGateway: NounFormat<'ec2/egress-only-internet-gateway'> = {
  kind: 'ec2/egress-only-internet-gateway',
  member: 'EgressOnlyInternetGateways',
  file: 'describe-egress-only-internet-gateways.json',
  toAws: (noun) => ({
    Attachments: [{ State: 'attached', VpcId: noun.vpcId }],
    EgressOnlyInternetGatewayId: noun.egressOnlyInternetGatewayId,
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): EgressOnlyInternetGateway => ({
    egressOnlyInternetGatewayId: read.id('EgressOnlyInternetGatewayId'),
    vpcId: read.list('Attachments')[0]!.id('VpcId'),
    tags: read.tags(),
  }),
};

export const natGateway: NounFormat<'ec2/nat-gateway'> = {
  kind: 'ec2/nat-gateway',
  member: 'NatGateways',
  file: 'describe-nat-gateways.json',
  toAws: (noun) => ({
    CreateTime: ec2Time(noun.createdAtMs),
    NatGatewayAddresses: [
      present({
        AllocationId: noun.allocationId,
        NetworkInterfaceId: noun.networkInterfaceId,
        PrivateIp: noun.privateIp,
        PublicIp: noun.publicIp,
        IsPrimary: true,
        Status: 'succeeded',
      }),
    ],
    NatGatewayId: noun.natGatewayId,
    State: noun.state,
    SubnetId: noun.subnetId,
    VpcId: noun.vpcId,
    Tags: tagList(noun.tags),
    ConnectivityType: noun.connectivityType,
  }),
  fromAws(read): NatGateway {
    const addresses = read.list('NatGatewayAddresses');
    const main = addresses.find((it) => it.flag('IsPrimary')) ?? addresses[0];
    return {
      natGatewayId: read.id('NatGatewayId'),
      vpcId: read.id('VpcId'),
      subnetId: read.id('SubnetId'),
      connectivityType: read.optionalText('ConnectivityType') === 'private' ? 'private' : 'public',
      state: (read.optionalText('State') ?? 'available') as NatGateway['state'],
      networkInterfaceId: main?.id('NetworkInterfaceId') ?? read.id('NetworkInterfaceId'),
      privateIp: main?.text('PrivateIp') ?? '',
      publicIp: main?.optionalText('PublicIp'),
      allocationId: main?.optionalId('AllocationId'),
      createdAtMs: read.time('CreateTime'),
      tags: read.tags(),
    };
  },
};

export const elasticIp: NounFormat<'ec2/elastic-ip'> = {
  kind: 'ec2/elastic-ip',
  member: 'Addresses',
  file: 'describe-addresses.json',
  toAws: (noun) =>
    present({
      AllocationId: noun.allocationId,
      AssociationId: noun.associationId,
      Domain: 'vpc',
      NetworkInterfaceId: noun.networkInterfaceId,
      PrivateIpAddress: noun.privateIpAddress,
      PublicIp: noun.publicIp,
      PublicIpv4Pool: 'amazon',
      Tags: tagList(noun.tags),
    }),
  fromAws: (read): ElasticIp => ({
    allocationId: read.id('AllocationId'),
    publicIp: read.text('PublicIp'),
    associationId: read.optionalText('AssociationId'),
    networkInterfaceId: read.optionalId('NetworkInterfaceId'),
    privateIpAddress: read.optionalText('PrivateIpAddress'),
    tags: read.tags(),
  }),
};
