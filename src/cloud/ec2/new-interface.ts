/**
 * cloud/ec2/new-interface — how every interface comes and goes, whoever asks: a user, an instance
 * being launched, or an AWS service making one for itself (requester-managed).
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { NetworkInterfaceId, SecurityGroupId } from '../../model/ec2/ids.ts';
import { allInstanceTypes } from '../../model/ec2/instance-type.ts';
import type { Attachment, NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Region } from '../region.ts';
import type { Claim } from './address-space.ts';
import { freeAddressOf } from './elastic-ip.ts';
import { noSecurityGroup, noSubnet } from './not-found.ts';
import type { CreateNetworkInterfaceInput } from './operations.ts';
import { markRoutesTo } from './route-target.ts';

/** hashicorp and CNI reports: aws/amazon-vpc-cni-k8s#989. */
export const tooManyAddresses = (): AwsError =>
  awsError('PrivateIpAddressLimitExceeded', 'Number of private addresses will exceed limit.');

let addressesPerEniMax: number | undefined;

/** What fits on an interface no instance has: as much as on the largest type's. */
export function unattachedAddressesMax(): number {
  addressesPerEniMax ??= Math.max(...allInstanceTypes().map((type) => type.ipv4PerEni));
  return addressesPerEniMax;
}

/** Addresses and prefixes an interface has, each of which takes one slot. */
export const slotsUsed = (
  eni: Pick<NetworkInterface, 'privateIpAddresses' | 'ipv4Prefixes'>,
): number => eni.privateIpAddresses.length + eni.ipv4Prefixes.length;

type Drawn = Pick<
  NetworkInterface,
  'privateIpAddresses' | 'ipv4Prefixes' | 'ipv6Addresses' | 'ipv6Prefixes'
>;

/** Chooses every address of a new interface; nothing is taken yet. */
function draw(claim: Claim, subnet: Subnet, input: CreateNetworkInterfaceInput): Drawn | AwsError {
  const primary = named(claim.address, input.privateIpAddress) ?? claim.addresses(1);
  if (isAwsError(primary)) return primary;
  const secondaries = allNamed(claim.address, input.secondaryPrivateIpAddresses);
  if (isAwsError(secondaries)) return secondaries;
  const more = claim.addresses(input.secondaryPrivateIpAddressCount ?? 0);
  if (isAwsError(more)) return more;
  const ipv4Prefixes = someOf(claim.prefix, input.ipv4Prefixes, () =>
    claim.prefixes(input.ipv4PrefixCount ?? 0),
  );
  if (isAwsError(ipv4Prefixes)) return ipv4Prefixes;
  const ipv6Count = input.ipv6AddressCount ?? (subnet.assignIpv6AddressOnCreation ? 1 : 0);
  const ipv6Addresses = someOf(claim.ipv6Address, input.ipv6Addresses, () =>
    ipv6Count === 0 ? [] : claim.ipv6Addresses(ipv6Count),
  );
  if (isAwsError(ipv6Addresses)) return ipv6Addresses;
  const ipv6Prefixes = someOf(claim.ipv6Prefix, input.ipv6Prefixes, () =>
    (input.ipv6PrefixCount ?? 0) === 0 ? [] : claim.ipv6Prefixes(input.ipv6PrefixCount!),
  );
  if (isAwsError(ipv6Prefixes)) return ipv6Prefixes;
  const privateIpAddresses = [...primary, ...secondaries, ...more].map((address, i) => ({
    address,
    primary: i === 0,
  }));
  return { privateIpAddresses, ipv4Prefixes, ipv6Addresses, ipv6Prefixes };
}

type ByName = (text: string) => true | AwsError;

function named(byName: ByName, text: string | undefined): readonly string[] | AwsError | undefined {
  if (text === undefined) return undefined;
  const taken = byName(text);
  return isAwsError(taken) ? taken : [text];
}

function allNamed(byName: ByName, texts: readonly string[] = []): readonly string[] | AwsError {
  for (const text of texts) {
    const taken = byName(text);
    if (isAwsError(taken)) return taken;
  }
  return texts;
}

/** Those named, or else as many as counted. */
function someOf(
  byName: ByName,
  texts: readonly string[] | undefined,
  counted: () => readonly string[] | AwsError,
): readonly string[] | AwsError {
  return texts !== undefined && texts.length > 0 ? allNamed(byName, texts) : counted();
}

/** The groups as ids of the VPC's groups; its default group when none is named. */
export function soundGroups(
  region: Region,
  subnet: Pick<Subnet, 'vpcId' | 'subnetId'>,
  groups: readonly string[] | undefined,
): readonly SecurityGroupId[] | AwsError {
  if (groups === undefined || groups.length === 0) {
    const ofVpc = region.store.lookup('ec2/security-group', 'vpc', subnet.vpcId);
    const own = ofVpc.find((group) => group.groupName === 'default');
    return own === undefined ? [] : [own.groupId];
  }
  const found = new Set<SecurityGroupId>();
  for (const id of groups) {
    const group = region.store.get('ec2/security-group', id);
    if (group === undefined) return noSecurityGroup(id);
    if (group.vpcId !== subnet.vpcId) {
      return awsError(
        'InvalidParameter',
        `Security group ${id} and subnet ${subnet.subnetId} belong to different networks.`,
      );
    }
    found.add(group.groupId);
  }
  if (found.size > region.quotas.groupsPerInterface) {
    return awsError(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  }
  return [...found];
}

/** Interfaces of these types have no security groups. */
const WITHOUT_GROUPS = new Set(['nat_gateway', 'transit_gateway', 'gateway_load_balancer']);

/**
 * Makes an interface and puts it into the store.
 *
 * @param attachment   of an instance that is being launched
 * @param addressesMax slots the instance type has per interface
 */
export function newInterface(
  region: Region,
  input: CreateNetworkInterfaceInput,
  attachment?: Attachment,
  addressesMax = unattachedAddressesMax(),
): NetworkInterface | AwsError {
  const subnet = region.store.get('ec2/subnet', input.subnetId);
  if (subnet === undefined) return noSubnet(input.subnetId);
  const interfaceType = input.interfaceType ?? 'interface';
  // A Network Load Balancer made without groups never gets any, not even the VPC's default.
  const ungrouped = interfaceType === 'network_load_balancer' && (input.groups ?? []).length === 0;
  const grouped = !WITHOUT_GROUPS.has(interfaceType) && !ungrouped;
  const groups = grouped ? soundGroups(region, subnet, input.groups) : [];
  if (isAwsError(groups)) return groups;
  if (slotsAsked(input) > addressesMax) return tooManyAddresses();
  const claim = region.addresses.claim(subnet);
  const drawn = draw(claim, subnet, input);
  claim.end();
  if (isAwsError(drawn)) return drawn;
  const service =
    input.requesterId === undefined ? undefined : serviceAttachment(region, input.requesterId);
  const held = attachment ?? service;
  const eni: NetworkInterface = {
    networkInterfaceId: region.ids.next<NetworkInterfaceId>('eni'),
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    ownerId: region.accountId,
    availabilityZone: subnet.availabilityZone,
    description: input.description ?? '',
    interfaceType,
    macAddress: region.ids.mac(),
    requesterId: input.requesterId,
    requesterManaged: input.requesterId !== undefined,
    // NAT gateways and load balancers carry other people's packets.
    sourceDestCheck: interfaceType !== 'nat_gateway',
    status: held === undefined ? 'available' : 'in-use',
    ...drawn,
    groups,
    attachment: held,
    listens: input.listens,
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  region.store.put('ec2/network-interface', eni.networkInterfaceId, eni);
  return eni;
}

const slotsAsked = (input: CreateNetworkInterfaceInput): number =>
  1 +
  (input.secondaryPrivateIpAddresses?.length ?? 0) +
  (input.secondaryPrivateIpAddressCount ?? 0) +
  (input.ipv4Prefixes?.length ?? input.ipv4PrefixCount ?? 0);

/** How AWS holds an interface it made for itself: no instance of the user's has it. */
const serviceAttachment = (region: Region, requesterId: string): Attachment => ({
  attachmentId: `ela-attach-0${region.ids.hex(16)}`,
  instanceOwnerId: requesterId,
  deviceIndex: 1,
  networkCardIndex: 0,
  deleteOnTermination: false,
  attachedAtMs: region.clock.now(),
});

/** Deletes an interface with everything that hangs on it: public addresses, branches, routes. */
export function removeInterface(region: Region, eni: NetworkInterface): void {
  const { store } = region;
  for (const { public: publicAddress } of eni.privateIpAddresses)
    if (publicAddress !== undefined) freeAddressOf(region, publicAddress);
  for (const branch of store.lookup('ec2/network-interface', 'trunk', eni.networkInterfaceId))
    store.put('ec2/network-interface', branch.networkInterfaceId, offTrunk(branch));
  store.delete('ec2/network-interface', eni.networkInterfaceId);
  markRoutesTo(region, [eni.vpcId], eni.networkInterfaceId, 'blackhole');
}

/** A branch interface as it is without its trunk. */
export const offTrunk = (branch: NetworkInterface): NetworkInterface => ({
  ...branch,
  interfaceType: 'interface',
  status: 'available',
  trunk: undefined,
});
