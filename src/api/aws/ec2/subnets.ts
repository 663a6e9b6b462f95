/** api/aws/ec2/subnets — EC2's operations on subnets, their IPv6 blocks and what is set aside. */
import type { EC2, ModifySubnetAttributeRequest, SubnetCidrReservation } from '@aws-sdk/client-ec2';
import type { DescribedSubnet } from '../../../cloud/ec2/operations.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { SubnetCidrReservation as Reservation } from '../../../model/ec2/subnet.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { done, filtersOf, page, tagsFor } from './requests.ts';

/** The cloud's own count of free addresses, not the one worked out for exports. */
const showSubnet = (call: AwsCall, subnet: DescribedSubnet) => ({
  ...shown(call, 'ec2/subnet', subnet),
  AvailableIpAddressCount: subnet.availableIpAddressCount,
});

export const subnets: Handlers<EC2> = {
  CreateSubnet(input, call) {
    const tags = tagsFor('subnet', input);
    if (isAwsError(tags)) return tags;
    if (input.CidrBlock === undefined)
      return awsError('MissingParameter', 'The request must contain the parameter cidrBlock');
    const subnet = call.cloud.ec2.createSubnet({
      vpcId: input.VpcId!,
      cidrBlock: input.CidrBlock,
      ipv6CidrBlock: input.Ipv6CidrBlock,
      availabilityZone: input.AvailabilityZone ?? input.AvailabilityZoneId,
      tags,
    });
    return isAwsError(subnet) ? subnet : { Subnet: shown(call, 'ec2/subnet', subnet) };
  },

  DeleteSubnet: (input, { cloud }) => done(cloud.ec2.deleteSubnet({ subnetId: input.SubnetId! })),

  DescribeSubnets(input, call) {
    const found = call.cloud.ec2.describeSubnets({
      subnetIds: input.SubnetIds,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, (subnet) => showSubnet(call, subnet));
    return isAwsError(part) ? part : { Subnets: part.items, NextToken: part.NextToken };
  },

  ModifySubnetAttribute(input, { cloud }) {
    const unsupported = notSimulated(input);
    if (unsupported !== undefined) {
      return awsError(
        'UnsupportedOperation',
        `The subnet attribute ${unsupported} is not simulated by ekstwin.`,
      );
    }
    const given = [input.MapPublicIpOnLaunch, input.AssignIpv6AddressOnCreation];
    if (given.every((it) => it !== undefined))
      return awsError(
        'InvalidParameterCombination',
        'Fields for multiple attribute types specified',
      );
    return done(
      cloud.ec2.modifySubnetAttribute({
        subnetId: input.SubnetId!,
        mapPublicIpOnLaunch: input.MapPublicIpOnLaunch?.Value,
        assignIpv6AddressOnCreation: input.AssignIpv6AddressOnCreation?.Value,
      }),
    );
  },

  AssociateSubnetCidrBlock(input, { cloud }) {
    if (input.Ipv6CidrBlock === undefined)
      return awsError('MissingParameter', 'The request must contain the parameter ipv6CidrBlock');
    const added = cloud.ec2.associateSubnetCidrBlock({
      subnetId: input.SubnetId!,
      ipv6CidrBlock: input.Ipv6CidrBlock,
    });
    if (isAwsError(added)) return added;
    return {
      SubnetId: input.SubnetId,
      Ipv6CidrBlockAssociation: {
        AssociationId: added.associationId,
        Ipv6CidrBlock: added.cidrBlock,
        Ipv6CidrBlockState: { State: 'associating' },
      },
    };
  },

  DisassociateSubnetCidrBlock(input, { cloud, store }) {
    const associationId = input.AssociationId!;
    const subnet = store
      .list('ec2/subnet')
      .find((it) => it.ipv6CidrBlock?.associationId === associationId);
    const gone = cloud.ec2.disassociateSubnetCidrBlock({ associationId });
    if (isAwsError(gone)) return gone;
    return {
      SubnetId: subnet?.subnetId,
      Ipv6CidrBlockAssociation: {
        AssociationId: associationId,
        Ipv6CidrBlock: subnet?.ipv6CidrBlock?.cidrBlock,
        Ipv6CidrBlockState: { State: 'disassociating' },
      },
    };
  },

  CreateSubnetCidrReservation(input, call) {
    const { ReservationType } = input;
    const tags = tagsFor('subnet-cidr-reservation', input);
    if (isAwsError(tags)) return tags;
    if (tags !== undefined)
      return awsError('UnsupportedOperation', 'ekstwin keeps no tags of CIDR reservations.');
    if (ReservationType !== 'prefix' && ReservationType !== 'explicit') {
      return awsError(
        'InvalidParameterValue',
        `Value (${ReservationType}) for parameter reservationType is invalid.`,
      );
    }
    const reservation = call.cloud.ec2.createSubnetCidrReservation({
      subnetId: input.SubnetId!,
      cidr: input.Cidr!,
      type: ReservationType,
      description: input.Description,
    });
    if (isAwsError(reservation)) return reservation;
    return { SubnetCidrReservation: reservationJson(call, input.SubnetId!, reservation) };
  },

  DeleteSubnetCidrReservation(input, call) {
    const reservationId = input.SubnetCidrReservationId!;
    const held = call.store
      .list('ec2/subnet')
      .flatMap(({ subnetId, cidrReservations }) =>
        cidrReservations.map((reservation) => ({ subnetId, reservation })),
      )
      .find(({ reservation }) => reservation.reservationId === reservationId);
    const gone = call.cloud.ec2.deleteSubnetCidrReservation({ reservationId });
    if (isAwsError(gone) || held === undefined) return isAwsError(gone) ? gone : {};
    const { subnetId, reservation } = held;
    return { DeletedSubnetCidrReservation: reservationJson(call, subnetId, reservation) };
  },

  GetSubnetCidrReservations(input, call) {
    const subnetId = input.SubnetId!;
    const found = call.cloud.ec2.describeSubnets({ subnetIds: [subnetId] });
    if (isAwsError(found)) return found;
    const all = found[0]!.cidrReservations.map((it) => reservationJson(call, subnetId, it));
    const isIpv6 = ({ Cidr }: SubnetCidrReservation) => Cidr?.includes(':') === true;
    return {
      SubnetIpv4CidrReservations: all.filter((it) => !isIpv6(it)),
      SubnetIpv6CidrReservations: all.filter(isIpv6),
    };
  },
};

/** An attribute that would take effect on addresses or names here, and does not. */
function notSimulated(input: ModifySubnetAttributeRequest): string | undefined {
  if (input.EnableDns64?.Value === true) return 'EnableDns64';
  if (input.MapCustomerOwnedIpOnLaunch?.Value === true) return 'MapCustomerOwnedIpOnLaunch';
  if (input.EnableResourceNameDnsARecordOnLaunch?.Value === true)
    return 'EnableResourceNameDnsARecordOnLaunch';
  if (input.EnableResourceNameDnsAAAARecordOnLaunch?.Value === true)
    return 'EnableResourceNameDnsAAAARecordOnLaunch';
  return input.PrivateDnsHostnameTypeOnLaunch === 'resource-name'
    ? 'PrivateDnsHostnameTypeOnLaunch'
    : undefined;
}

const reservationJson = (
  { cloud }: AwsCall,
  SubnetId: string,
  { reservationId, cidr, type, description }: Reservation,
): SubnetCidrReservation => ({
  SubnetCidrReservationId: reservationId,
  SubnetId,
  OwnerId: cloud.accountId,
  Cidr: cidr,
  ReservationType: type,
  Description: description,
});
