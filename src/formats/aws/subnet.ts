/** formats/aws/subnet — `aws ec2 describe-subnets`. */

import { RESERVED_PER_SUBNET, type Subnet } from '../../model/ec2/subnet.ts';
import { regionOfZone } from '../../model/ec2/zone.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { parseCidr4, sizeOf } from '../../net/index.ts';
import { type AwsJson, type NounFormat, present, tagList } from './aws-json.ts';

/** Addresses a /28 prefix takes (spec eks-defaults §9). */
const PREFIX_ADDRESSES = 16;

/** AvailableIpAddressCount: what no interface in the subnet holds. */
function freeAddresses(subnet: Subnet, store: TwinStore): number {
  const block = parseCidr4(subnet.cidrBlock);
  if (block === undefined) return 0;
  let used = RESERVED_PER_SUBNET;
  for (const eni of store.lookup('ec2/network-interface', 'subnet', subnet.subnetId)) {
    used += eni.privateIpAddresses.length + eni.ipv4Prefixes.length * PREFIX_ADDRESSES;
  }
  return Number(sizeOf(block)) - used;
}

const arnOf = (subnet: Subnet): string =>
  `arn:aws:ec2:${regionOfZone(subnet.availabilityZone)}:${subnet.ownerId}:subnet/${subnet.subnetId}`;

const ipv6ToAws = (subnet: Subnet): readonly AwsJson[] =>
  subnet.ipv6CidrBlock === undefined
    ? []
    : [
        {
          AssociationId: subnet.ipv6CidrBlock.associationId,
          Ipv6CidrBlock: subnet.ipv6CidrBlock.cidrBlock,
          Ipv6CidrBlockState: { State: 'associated' },
        },
      ];

export const subnet: NounFormat<'ec2/subnet'> = {
  kind: 'ec2/subnet',
  member: 'Subnets',
  file: 'describe-subnets.json',
  toAws: (noun, store): AwsJson => ({
    SubnetId: noun.subnetId,
    SubnetArn: arnOf(noun),
    VpcId: noun.vpcId,
    OwnerId: noun.ownerId,
    CidrBlock: noun.cidrBlock,
    Ipv6CidrBlockAssociationSet: ipv6ToAws(noun),
    AvailabilityZone: noun.availabilityZone,
    AvailabilityZoneId: noun.availabilityZoneId,
    AvailableIpAddressCount: freeAddresses(noun, store),
    MapPublicIpOnLaunch: noun.mapPublicIpOnLaunch,
    AssignIpv6AddressOnCreation: noun.assignIpv6AddressOnCreation,
    DefaultForAz: false,
    MapCustomerOwnedIpOnLaunch: false,
    EnableDns64: false,
    Ipv6Native: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    State: 'available',
    Tags: tagList(noun.tags),
  }),
  fromAws: (json): Subnet => {
    const ipv6 = json
      .list('Ipv6CidrBlockAssociationSet')
      .find(
        (it) => !/disassociat/.test(it.object('Ipv6CidrBlockState')?.optionalText('State') ?? ''),
      );
    return present({
      subnetId: json.text('SubnetId'),
      vpcId: json.text('VpcId'),
      ownerId: json.optionalText('OwnerId') ?? '',
      cidrBlock: json.block('CidrBlock'),
      ipv6CidrBlock:
        ipv6 === undefined
          ? undefined
          : { associationId: ipv6.text('AssociationId'), cidrBlock: ipv6.block('Ipv6CidrBlock') },
      availabilityZone: json.text('AvailabilityZone'),
      availabilityZoneId: json.optionalText('AvailabilityZoneId') ?? '',
      mapPublicIpOnLaunch: json.flag('MapPublicIpOnLaunch'),
      assignIpv6AddressOnCreation: json.flag('AssignIpv6AddressOnCreation'),
      cidrReservations: [],
      tags: json.tags(),
    }) as unknown as Subnet;
  },
};
