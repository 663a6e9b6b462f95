/**
 * cloud/ec2/instance-actions — instances, with the primary interface each is launched with. They
 * are running when the call returns; the time that takes is cloud/decorate's.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { InstanceId } from '../../model/ec2/ids.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import { type InstanceType, instanceType } from '../../model/ec2/instance-type.ts';
import type { Attachment, NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import { preciseTimestamp } from '../../model/time.ts';
import { privateDnsName, publicDnsName, type Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { withPublic } from './elastic-ip.ts';
import { newInterface, removeInterface } from './new-interface.ts';
import { invalidValue, missingParameter, noInstance, noSubnet } from './not-found.ts';
import type { Ec2Operations, RunInstancesInput } from './operations.ts';
import { markRoutesTo } from './route-target.ts';

/** Codes of the states, as `instance-state-code` filters by. */
const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

const interfacesOf = ({ store }: Region, { instanceId }: Instance): NetworkInterface[] =>
  store.lookup('ec2/network-interface', 'instance', instanceId);

const describedInstance = (region: Region): Described<'ec2/instance'> => ({
  kind: 'ec2/instance',
  missing: noInstance,
  filters: {
    'instance-id': (it) => it.instanceId,
    'instance-type': (it) => it.instanceType,
    'image-id': (it) => it.imageId,
    'instance-state-name': (it) => it.state,
    'instance-state-code': (it) => STATE_CODES[it.state],
    'vpc-id': (it) => it.vpcId,
    'subnet-id': (it) => it.subnetId,
    'availability-zone': (it) => it.availabilityZone,
    'private-ip-address': (it) => it.privateIpAddress,
    'private-dns-name': (it) => it.privateDnsName,
    'ip-address': (it) => it.publicIpAddress,
    'instance.group-id': (it) => interfacesOf(region, it).flatMap(({ groups }) => groups),
    'network-interface.group-id': (it) => interfacesOf(region, it).flatMap(({ groups }) => groups),
    'network-interface.network-interface-id': (it) =>
      interfacesOf(region, it).map(({ networkInterfaceId }) => networkInterfaceId),
    'network-interface.subnet-id': (it) => interfacesOf(region, it).map((eni) => eni.subnetId),
    'network-interface.vpc-id': (it) => interfacesOf(region, it).map((eni) => eni.vpcId),
    'network-interface.addresses.private-ip-address': (it) =>
      interfacesOf(region, it).flatMap((eni) => eni.privateIpAddresses.map((a) => a.address)),
    'network-interface.attachment.device-index': (it) =>
      interfacesOf(region, it).map((eni) => eni.attachment?.deviceIndex),
    'network-interface.private-dns-name': (it) =>
      interfacesOf(region, it).map((eni) =>
        privateDnsName(region.name, eni.privateIpAddresses[0]!.address),
      ),
    'network-interface.attachment.attachment-id': (it) =>
      interfacesOf(region, it).map((eni) => eni.attachment?.attachmentId),
    'network-interface.mac-address': (it) => interfacesOf(region, it).map((eni) => eni.macAddress),
    'network-interface.status': (it) => interfacesOf(region, it).map((eni) => eni.status),
    'source-dest-check': (it) =>
      interfacesOf(region, it).find((eni) => eni.attachment?.deviceIndex === 0)?.sourceDestCheck,
    'instance.group-name': (it) =>
      interfacesOf(region, it)
        .flatMap(({ groups }) => groups)
        .map((id) => region.store.get('ec2/security-group', id)?.groupName),
    'dns-name': (it) =>
      it.publicIpAddress === undefined ? undefined : publicDnsName(region.name, it.publicIpAddress),
    'launch-time': (it) => `${preciseTimestamp(it.launchedAtMs).slice(0, 19)}.000Z`,
    'metadata-options.http-tokens': (it) => it.httpTokens,
    'metadata-options.http-put-response-hop-limit': (it) => it.httpPutResponseHopLimit,
    'metadata-options.http-endpoint': () => 'enabled',
    'metadata-options.state': () => 'applied',
    architecture: (it) => (instanceType(it.instanceType)?.arch === 'arm64' ? 'arm64' : 'x86_64'),
    'reservation-id': (it) => it.instanceId.replace(/^i-/, 'r-'),
    tenancy: () => 'default',
    'virtualization-type': () => 'hvm',
    'owner-id': () => region.accountId,
  },
});

type InstanceActions = Pick<
  Ec2Operations,
  'runInstances' | 'terminateInstances' | 'describeInstances' | 'describeInstanceTypes'
>;

export const instanceActions = (region: Region): InstanceActions => {
  const described = describedInstance(region);
  return {
    runInstances: (input) => run(region, input),
    terminateInstances: ({ instanceIds }) => terminate(region, instanceIds),
    describeInstances: ({ instanceIds, filters }) =>
      describe(region, described, instanceIds, filters),
    describeInstanceTypes({ instanceTypes }) {
      const found: InstanceType[] = [];
      for (const name of instanceTypes) {
        const type = instanceType(name);
        if (type === undefined) {
          return awsError(
            'InvalidInstanceType',
            `The following supplied instance types do not exist: [${name}]`,
          );
        }
        found.push(type);
      }
      return found;
    },
  };
};

function run(region: Region, input: RunInstancesInput): readonly Instance[] | AwsError {
  const { minCount, maxCount, subnetId } = input;
  const type = instanceType(input.instanceType);
  if (type === undefined)
    return invalidValue(`Invalid value '${input.instanceType}' for InstanceType.`);
  if (input.imageId === '') return missingParameter('ImageId');
  if (minCount < 1 || maxCount < minCount)
    return invalidValue(`Invalid value '${minCount}' for min instance count.`);
  const subnet = region.store.get('ec2/subnet', subnetId);
  if (subnet === undefined) return noSubnet(subnetId);
  if (input.privateIpAddress !== undefined && maxCount > 1) {
    return awsError(
      'InvalidParameterCombination',
      'The parameters maxCount and privateIpAddress cannot be used together',
    );
  }
  // As many as there are addresses for, but not fewer than minCount.
  const count = Math.min(maxCount, region.addresses.available(subnet));
  if (count < minCount) {
    return awsError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested ` +
        'number of instances.',
    );
  }
  const launched: Instance[] = [];
  for (let i = 0; i < count; i++) {
    const instance = launch(region, input, type, subnet);
    if (isAwsError(instance)) {
      // Addresses inside a reservation are free, but nobody is given them unasked.
      if (launched.length >= minCount) return launched;
      for (const earlier of launched) unlaunch(region, earlier);
      return instance;
    }
    launched.push(instance);
  }
  return launched;
}

function launch(
  region: Region,
  input: RunInstancesInput,
  type: InstanceType,
  subnet: Subnet,
): Instance | AwsError {
  const instanceId = region.ids.next<InstanceId>('i');
  const attachment: Attachment = {
    attachmentId: region.ids.next('eni-attach'),
    instanceId,
    instanceOwnerId: region.accountId,
    deviceIndex: 0,
    networkCardIndex: type.defaultNetworkCardIndex,
    deleteOnTermination: true,
    attachedAtMs: region.clock.now(),
  };
  const primary = newInterface(
    region,
    {
      subnetId: subnet.subnetId,
      groups: input.securityGroupIds,
      privateIpAddress: input.privateIpAddress,
    },
    attachment,
    type.ipv4PerEni,
  );
  if (isAwsError(primary)) return primary;
  const privateIpAddress = primary.privateIpAddresses[0]!.address;
  const publicIpAddress = lendPublicAddress(region, input, subnet, primary);
  const instance: Instance = {
    instanceId,
    instanceType: type.name,
    imageId: input.imageId,
    state: 'running',
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress,
    privateDnsName: privateDnsName(region.name, privateIpAddress),
    publicIpAddress,
    ipv6Address: primary.ipv6Addresses[0],
    httpTokens: input.httpTokens ?? 'optional',
    httpPutResponseHopLimit: input.httpPutResponseHopLimit ?? 1,
    launchedAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  region.store.put('ec2/instance', instanceId, instance);
  return instance;
}

/** A public address for as long as the instance runs, when the subnet or the caller wants one. */
function lendPublicAddress(
  region: Region,
  input: RunInstancesInput,
  subnet: Subnet,
  eni: NetworkInterface,
): string | undefined {
  if (!(input.associatePublicIpAddress ?? subnet.mapPublicIpOnLaunch)) return undefined;
  const publicIp = region.ids.publicIpv4();
  const address = eni.privateIpAddresses[0]!.address;
  const lent = { publicIp, publicDnsName: publicDnsName(region.name, publicIp) };
  region.store.put('ec2/network-interface', eni.networkInterfaceId, withPublic(eni, address, lent));
  return publicIp;
}

/** Takes a launch back that a later one of the same call made impossible. */
function unlaunch(region: Region, instance: Instance): void {
  for (const eni of interfacesOf(region, instance)) removeInterface(region, eni);
  region.store.delete('ec2/instance', instance.instanceId);
}

function terminate(region: Region, instanceIds: readonly string[]): readonly Instance[] | AwsError {
  const found: Instance[] = [];
  for (const id of new Set(instanceIds)) {
    const instance = region.store.get('ec2/instance', id);
    if (instance === undefined) return noInstance(id);
    found.push(instance);
  }
  return found.map((instance) => {
    for (const eni of interfacesOf(region, instance)) {
      if (eni.attachment!.deleteOnTermination) removeInterface(region, eni);
      else release(region, eni);
    }
    const terminated: Instance = { ...instance, state: 'terminated', publicIpAddress: undefined };
    region.store.put('ec2/instance', instance.instanceId, terminated);
    return terminated;
  });
}

/** An interface that outlives its instance. */
function release(region: Region, eni: NetworkInterface): void {
  region.store.put('ec2/network-interface', eni.networkInterfaceId, {
    ...eni,
    status: 'available',
    attachment: undefined,
  });
  markRoutesTo(region, [eni.vpcId], eni.networkInterfaceId, 'blackhole');
}
