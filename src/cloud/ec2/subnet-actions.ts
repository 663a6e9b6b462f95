/** cloud/ec2/subnet-actions — subnets, their attributes, IPv6 blocks and CIDR reservations. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { SubnetId } from '../../model/ec2/ids.ts';
import type { Subnet, SubnetCidrReservation } from '../../model/ec2/subnet.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import {
  canonicalCidr,
  cidrTextContainsCidr,
  cidrTextsOverlap,
  formatCidr,
  parseCidr,
  parseCidr4,
  parseCidr6,
} from '../../net/index.ts';
import type { AvailabilityZone, Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { plainValue } from './filters.ts';
import { associateWithDefaultAcl, dropAclAssociation } from './network-acl-actions.ts';
import {
  hasDependencies,
  invalidValue,
  noAssociation,
  noReservation,
  noSubnet,
  noVpc,
} from './not-found.ts';
import type { DescribedSubnet, Ec2Operations } from './operations.ts';
import { dropSubnetAssociation } from './route-table-actions.ts';
import type { VpcOperations } from './vpc-operations.ts';

/** A subnet's filters that need nothing but the noun; the count of free addresses is added. */
const describedSubnet = (region: Region): Described<'ec2/subnet'> => ({
  kind: 'ec2/subnet',
  missing: noSubnet,
  filters: {
    'subnet-id': (subnet) => subnet.subnetId,
    'vpc-id': (subnet) => subnet.vpcId,
    'cidr-block': (subnet) => subnet.cidrBlock,
    cidr: (subnet) => subnet.cidrBlock,
    cidrBlock: (subnet) => subnet.cidrBlock,
    'availability-zone': (subnet) => subnet.availabilityZone,
    availabilityZone: (subnet) => subnet.availabilityZone,
    'availability-zone-id': (subnet) => subnet.availabilityZoneId,
    'available-ip-address-count': (subnet) => region.addresses.available(subnet),
    availabilityZoneId: (subnet) => subnet.availabilityZoneId,
    'default-for-az': () => false,
    defaultForAz: () => false,
    'enable-dns64': () => false,
    'map-customer-owned-ip-on-launch': () => false,
    'private-dns-name-options-on-launch.hostname-type': () => 'ip-name',
    'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': () => false,
    'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': () => false,
    'outpost-arn': () => undefined,
    'customer-owned-ipv4-pool': () => undefined,
    'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
    'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) => subnet.ipv6CidrBlock?.cidrBlock,
    'ipv6-cidr-block-association.association-id': (subnet) => subnet.ipv6CidrBlock?.associationId,
    'ipv6-cidr-block-association.state': (subnet) =>
      subnet.ipv6CidrBlock === undefined ? undefined : 'associated',
    'ipv6-native': () => false,
    'owner-id': (subnet) => subnet.ownerId,
    'subnet-arn': (subnet) =>
      `arn:aws:ec2:${region.name}:${subnet.ownerId}:subnet/${subnet.subnetId}`,
    state: () => 'available',
  },
});

type SubnetActions = Pick<
  VpcOperations & Ec2Operations,
  | 'createSubnet'
  | 'deleteSubnet'
  | 'modifySubnetAttribute'
  | 'associateSubnetCidrBlock'
  | 'disassociateSubnetCidrBlock'
  | 'createSubnetCidrReservation'
  | 'deleteSubnetCidrReservation'
  | 'describeSubnets'
>;

export const subnetActions = (region: Region): SubnetActions => ({
  createSubnet: (input) => createSubnet(region, input),

  deleteSubnet({ subnetId }) {
    const subnet = region.store.get('ec2/subnet', subnetId);
    if (subnet === undefined) return noSubnet(subnetId);
    if (region.store.lookupKeys('ec2/network-interface', 'subnet', subnetId).size > 0)
      return hasDependencies('subnet', subnetId);
    dropSubnetAssociation(region, subnet);
    dropAclAssociation(region, subnet);
    region.store.delete('ec2/subnet', subnetId);
    return true;
  },

  modifySubnetAttribute({ subnetId, mapPublicIpOnLaunch, assignIpv6AddressOnCreation }) {
    const subnet = region.store.get('ec2/subnet', subnetId);
    if (subnet === undefined) return noSubnet(subnetId);
    if (assignIpv6AddressOnCreation === true && subnet.ipv6CidrBlock === undefined) {
      return invalidValue(
        `Invalid value 'true' for assignIpv6AddressOnCreation. Subnet ${subnetId} has no IPv6 ` +
          'CIDR block associated.',
      );
    }
    region.store.put('ec2/subnet', subnetId, {
      ...subnet,
      mapPublicIpOnLaunch: mapPublicIpOnLaunch ?? subnet.mapPublicIpOnLaunch,
      assignIpv6AddressOnCreation:
        assignIpv6AddressOnCreation ?? subnet.assignIpv6AddressOnCreation,
    });
    return true;
  },

  associateSubnetCidrBlock({ subnetId, ipv6CidrBlock }) {
    const subnet = region.store.get('ec2/subnet', subnetId);
    if (subnet === undefined) return noSubnet(subnetId);
    if (subnet.ipv6CidrBlock !== undefined) {
      return awsError(
        'InvalidSubnet.Conflict',
        `The subnet '${subnetId}' already has an IPv6 CIDR block associated.`,
      );
    }
    const vpc = region.store.get('ec2/vpc', subnet.vpcId)!;
    const block = ipv6Block(region, vpc, ipv6CidrBlock);
    if (isAwsError(block)) return block;
    region.store.put('ec2/subnet', subnetId, { ...subnet, ipv6CidrBlock: block });
    return block;
  },

  disassociateSubnetCidrBlock: ({ associationId }) => disassociateBlock(region, associationId),
  createSubnetCidrReservation: (input) => createReservation(region, input),

  deleteSubnetCidrReservation({ reservationId }) {
    const subnet = region.store
      .list('ec2/subnet')
      .find((it) => it.cidrReservations.some((held) => held.reservationId === reservationId));
    if (subnet === undefined) return noReservation(reservationId);
    region.store.put('ec2/subnet', subnet.subnetId, {
      ...subnet,
      cidrReservations: subnet.cidrReservations.filter(
        (held) => held.reservationId !== reservationId,
      ),
    });
    return true;
  },

  describeSubnets({ subnetIds, filters }) {
    const found = describe(region, describedSubnet(region), subnetIds, filters, () => {
      const vpcId = plainValue(filters, 'vpc-id');
      return vpcId === undefined
        ? region.store.list('ec2/subnet')
        : region.store.lookup('ec2/subnet', 'vpc', vpcId);
    });
    if (isAwsError(found)) return found;
    return found.map(
      (subnet): DescribedSubnet => ({
        ...subnet,
        availableIpAddressCount: region.addresses.available(subnet),
      }),
    );
  },
});

const SUBNET_BITS_MIN = 16;
const SUBNET_BITS_MAX = 28;

type CreateSubnetInput = Parameters<VpcOperations['createSubnet']>[0];

function createSubnet(region: Region, input: CreateSubnetInput): Subnet | AwsError {
  const vpc = region.store.get('ec2/vpc', input.vpcId);
  if (vpc === undefined) return noVpc(input.vpcId);
  const zone = chooseZone(region, input.availabilityZone);
  if (isAwsError(zone)) return zone;
  const cidrBlock = ipv4Block(region, vpc, input.cidrBlock);
  if (typeof cidrBlock !== 'string') return cidrBlock;
  let ipv6CidrBlock: Subnet['ipv6CidrBlock'];
  if (input.ipv6CidrBlock !== undefined) {
    const block = ipv6Block(region, vpc, input.ipv6CidrBlock);
    if (isAwsError(block)) return block;
    ipv6CidrBlock = block;
  }
  const subnet: Subnet = {
    subnetId: region.ids.next<SubnetId>('subnet'),
    vpcId: vpc.vpcId,
    ownerId: region.accountId,
    cidrBlock,
    ipv6CidrBlock,
    availabilityZone: zone.name,
    availabilityZoneId: zone.id,
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    cidrReservations: [],
    tags: input.tags ?? {},
  };
  region.store.put('ec2/subnet', subnet.subnetId, subnet);
  associateWithDefaultAcl(region, subnet);
  return subnet;
}

/** The zone asked for by name or id; without a wish EC2 chooses one. */
function chooseZone(region: Region, wish: string | undefined): AvailabilityZone | AwsError {
  if (wish === undefined) return region.ids.oneOf(region.zones);
  const zone = region.zones.find(({ name, id }) => name === wish || id === wish);
  if (zone !== undefined) return zone;
  const names = region.zones.map(({ name }) => name).join(', ');
  return invalidValue(
    `Value (${wish}) for parameter availabilityZone is invalid. Subnets can currently only be ` +
      `created in the following availability zones: ${names}.`,
  );
}

function ipv4Block(region: Region, vpc: Vpc, text: string): string | AwsError {
  const cidr = parseCidr4(text);
  if (cidr === undefined) {
    return invalidValue(
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const sized = cidr.bits >= SUBNET_BITS_MIN && cidr.bits <= SUBNET_BITS_MAX;
  const inside = vpc.cidrBlocks.some((it) => cidrTextContainsCidr(it.cidrBlock, text));
  if (!sized || !inside) return outOfRange(text);
  const taken = region.store
    .lookup('ec2/subnet', 'vpc', vpc.vpcId)
    .some((other) => cidrTextsOverlap(other.cidrBlock, text));
  return taken ? conflicting(text) : formatCidr(canonicalCidr(cidr));
}

/** IPv6 blocks of subnets are /44 to /64 in steps of four. */
function ipv6Block(
  region: Region,
  vpc: Vpc,
  text: string,
): { readonly associationId: string; readonly cidrBlock: string } | AwsError {
  const cidr = parseCidr6(text);
  if (cidr === undefined) {
    return invalidValue(
      `Value (${text}) for parameter ipv6CidrBlock is invalid. This is not a valid IPv6 CIDR block.`,
    );
  }
  const inside = vpc.ipv6CidrBlocks.some((it) => cidrTextContainsCidr(it.cidrBlock, text));
  if (!inside || cidr.bits > 64 || cidr.bits < 44 || cidr.bits % 4 !== 0) return outOfRange(text);
  const taken = region.store
    .lookup('ec2/subnet', 'vpc', vpc.vpcId)
    .some((other) => cidrTextsOverlap(other.ipv6CidrBlock?.cidrBlock ?? '', text));
  if (taken) return conflicting(text);
  return {
    associationId: region.ids.next('subnet-cidr-assoc'),
    cidrBlock: formatCidr(canonicalCidr(cidr)),
  };
}

const outOfRange = (text: string): AwsError =>
  awsError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`);

const conflicting = (text: string): AwsError =>
  awsError('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`);

function disassociateBlock(region: Region, associationId: string): true | AwsError {
  const subnet = region.store
    .list('ec2/subnet')
    .find((it) => it.ipv6CidrBlock?.associationId === associationId);
  if (subnet === undefined) return noAssociation(associationId);
  const used = region.store
    .lookup('ec2/network-interface', 'subnet', subnet.subnetId)
    .some((eni) => eni.ipv6Addresses.length + eni.ipv6Prefixes.length > 0);
  if (used) {
    return awsError(
      'InvalidCidrBlock.InUse',
      `The CIDR block ${subnet.ipv6CidrBlock!.cidrBlock} of subnet ${subnet.subnetId} is in use.`,
    );
  }
  region.store.put('ec2/subnet', subnet.subnetId, {
    ...subnet,
    ipv6CidrBlock: undefined,
    assignIpv6AddressOnCreation: false,
  });
  return true;
}

type ReservationInput = Parameters<VpcOperations['createSubnetCidrReservation']>[0];

function createReservation(
  region: Region,
  input: ReservationInput,
): SubnetCidrReservation | AwsError {
  const subnet = region.store.get('ec2/subnet', input.subnetId);
  if (subnet === undefined) return noSubnet(input.subnetId);
  const cidr = parseCidr(input.cidr);
  if (cidr === undefined) {
    return invalidValue(
      `Value (${input.cidr}) for parameter cidr is invalid. This is not a valid CIDR block.`,
    );
  }
  const block = cidr.family === 4 ? subnet.cidrBlock : (subnet.ipv6CidrBlock?.cidrBlock ?? '');
  if (!cidrTextContainsCidr(block, input.cidr))
    return invalidValue(`The CIDR '${input.cidr}' is not within subnet ${subnet.subnetId}.`);
  if (subnet.cidrReservations.some((held) => cidrTextsOverlap(held.cidr, input.cidr))) {
    return awsError(
      'InvalidSubnetCidrReservation.Conflict',
      `The CIDR '${input.cidr}' conflicts with another reservation of subnet ${subnet.subnetId}.`,
    );
  }
  const reservation: SubnetCidrReservation = {
    reservationId: region.ids.next('scr'),
    cidr: formatCidr(canonicalCidr(cidr)),
    type: input.type,
    description: input.description,
  };
  region.store.put('ec2/subnet', subnet.subnetId, {
    ...subnet,
    cidrReservations: [...subnet.cidrReservations, reservation],
  });
  return reservation;
}
