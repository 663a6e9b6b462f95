/**
 * cloud/ec2/network-interface-actions — interfaces as users handle them: made, changed, described,
 * deleted. What an AWS service made for itself users may not touch.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { preciseTimestamp } from '../../model/time.ts';
import { privateDnsName, type Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { plainValue } from './filters.ts';
import { newInterface, removeInterface, soundGroups } from './new-interface.ts';
import { invalidValue, noNetworkInterface } from './not-found.ts';
import type { Ec2Operations } from './operations.ts';

const publicOf = (eni: NetworkInterface) =>
  eni.privateIpAddresses.flatMap(({ public: it }) => (it === undefined ? [] : [it]));

const describedInterface = (region: Region): Described<'ec2/network-interface'> => ({
  kind: 'ec2/network-interface',
  missing: noNetworkInterface,
  filters: {
    'network-interface-id': (eni) => eni.networkInterfaceId,
    'subnet-id': (eni) => eni.subnetId,
    'vpc-id': (eni) => eni.vpcId,
    'owner-id': (eni) => eni.ownerId,
    'availability-zone': (eni) => eni.availabilityZone,
    description: (eni) => eni.description,
    'interface-type': (eni) => eni.interfaceType,
    status: (eni) => eni.status,
    'mac-address': (eni) => eni.macAddress,
    'requester-id': (eni) => eni.requesterId,
    'requester-managed': (eni) => eni.requesterManaged,
    'source-dest-check': (eni) => eni.sourceDestCheck,
    'private-dns-name': (eni) => privateDnsName(region.name, eni.privateIpAddresses[0]!.address),
    'private-ip-address': (eni) => eni.privateIpAddresses.map(({ address }) => address),
    'addresses.private-ip-address': (eni) => eni.privateIpAddresses.map(({ address }) => address),
    'addresses.primary': (eni) => eni.privateIpAddresses.map(({ primary }) => primary),
    'addresses.association.public-ip': (eni) => publicOf(eni).map(({ publicIp }) => publicIp),
    'addresses.association.allocation-id': (eni) =>
      publicOf(eni).map(({ allocationId }) => allocationId),
    'addresses.association.association-id': (eni) =>
      publicOf(eni).map(({ associationId }) => associationId),
    'addresses.association.owner-id': (eni) => publicOf(eni).map(() => eni.ownerId),
    'association.public-ip': (eni) => publicOf(eni).map(({ publicIp }) => publicIp),
    'association.allocation-id': (eni) => publicOf(eni).map(({ allocationId }) => allocationId),
    'association.association-id': (eni) => publicOf(eni).map(({ associationId }) => associationId),
    'association.ip-owner-id': (eni) => publicOf(eni).map(() => eni.ownerId),
    'association.public-dns-name': (eni) => publicOf(eni).map((it) => it.publicDnsName),
    'ipv6-addresses.ipv6-address': (eni) => eni.ipv6Addresses,
    'ipv4-prefixes.ipv4-prefix': (eni) => eni.ipv4Prefixes,
    'ipv6-prefixes.ipv6-prefix': (eni) => eni.ipv6Prefixes,
    'group-id': (eni) => eni.groups,
    'group-name': (eni) =>
      eni.groups.map((id) => region.store.get('ec2/security-group', id)?.groupName),
    'attachment.attachment-id': (eni) => eni.attachment?.attachmentId,
    'attachment.instance-id': (eni) => eni.attachment?.instanceId,
    'attachment.instance-owner-id': (eni) => eni.attachment?.instanceOwnerId,
    'attachment.device-index': (eni) => eni.attachment?.deviceIndex,
    'attachment.network-card-index': (eni) => eni.attachment?.networkCardIndex,
    'attachment.delete-on-termination': (eni) => eni.attachment?.deleteOnTermination,
    'attachment.status': (eni) => (eni.attachment === undefined ? undefined : 'attached'),
    'attachment.attach-time': (eni) =>
      eni.attachment && `${preciseTimestamp(eni.attachment.attachedAtMs).slice(0, 19)}.000Z`,
    'operator.managed': () => false,
    'operator.principal': () => undefined,
  },
});

type NetworkInterfaceActions = Pick<
  Ec2Operations,
  | 'createNetworkInterface'
  | 'deleteNetworkInterface'
  | 'modifyNetworkInterfaceAttribute'
  | 'describeNetworkInterfaces'
>;

export const networkInterfaceActions = (region: Region): NetworkInterfaceActions => {
  const described = describedInterface(region);
  return {
    createNetworkInterface: (input) => newInterface(region, input),

    deleteNetworkInterface({ networkInterfaceId, requesterId }) {
      const eni = region.store.get('ec2/network-interface', networkInterfaceId);
      if (eni === undefined) return noNetworkInterface(networkInterfaceId);
      if (eni.requesterManaged && eni.requesterId !== requesterId) return notYours();
      if (!eni.requesterManaged && eni.attachment !== undefined) {
        return invalidValue(`Network interface '${networkInterfaceId}' is currently in use.`);
      }
      removeInterface(region, eni);
      return true;
    },

    modifyNetworkInterfaceAttribute: (input) => modify(region, input),

    describeNetworkInterfaces: ({ networkInterfaceIds, filters }) =>
      describe(region, described, networkInterfaceIds, filters, () =>
        candidates(region, (name) => plainValue(filters, name)),
      ),
  };
};

/** The fewest interfaces the filters leave open, by the store's indexes. */
function candidates(
  { store }: Region,
  plain: (name: string) => string | undefined,
): readonly NetworkInterface[] {
  const id = plain('network-interface-id');
  if (id !== undefined) {
    const eni = store.get('ec2/network-interface', id);
    return eni === undefined ? [] : [eni];
  }
  const instance = plain('attachment.instance-id');
  if (instance !== undefined) return store.lookup('ec2/network-interface', 'instance', instance);
  const attachment = plain('attachment.attachment-id');
  if (attachment !== undefined)
    return store.lookup('ec2/network-interface', 'attachment', attachment);
  const address = plain('private-ip-address') ?? plain('addresses.private-ip-address');
  const byAddress = served(store, 'address', address);
  if (byAddress !== undefined) return byAddress;
  const subnet = plain('subnet-id');
  if (subnet !== undefined) return store.lookup('ec2/network-interface', 'subnet', subnet);
  const ofGroup = served(store, 'group', plain('group-id'));
  if (ofGroup !== undefined) return ofGroup;
  const ofVpc = served(store, 'vpc', plain('vpc-id'));
  if (ofVpc !== undefined) return ofVpc;
  return store.list('ec2/network-interface');
}

/** By an index that only served twins keep; undefined where there is none, or nothing is asked. */
const served = (
  store: Region['store'],
  index: 'address' | 'group' | 'vpc',
  term: string | undefined,
): readonly NetworkInterface[] | undefined =>
  term !== undefined && store.hasIndex('ec2/network-interface', index)
    ? store.lookup('ec2/network-interface', index, term)
    : undefined;

/** What a user gets for touching what an AWS service made. */
const notYours = (): AwsError =>
  awsError('OperationNotPermitted', 'You do not have permission to access the specified resource.');

type ModifyInput = Parameters<Ec2Operations['modifyNetworkInterfaceAttribute']>[0];

function modify(region: Region, input: ModifyInput): true | AwsError {
  const { networkInterfaceId, groups, sourceDestCheck, description, attachment } = input;
  const eni = region.store.get('ec2/network-interface', networkInterfaceId);
  if (eni === undefined) return noNetworkInterface(networkInterfaceId);
  if (eni.requesterManaged && eni.requesterId !== input.requesterId) return notYours();
  const sound = groups === undefined ? eni.groups : soundGroups(region, eni, groups);
  if (isAwsError(sound)) return sound;
  const held = eni.attachment;
  if (attachment !== undefined && held?.attachmentId !== attachment.attachmentId) {
    return awsError(
      'InvalidAttachmentID.NotFound',
      `The attachment ID '${attachment.attachmentId}' does not exist`,
    );
  }
  region.store.put('ec2/network-interface', networkInterfaceId, {
    ...eni,
    groups: sound,
    sourceDestCheck: sourceDestCheck ?? eni.sourceDestCheck,
    description: description ?? eni.description,
    attachment:
      held === undefined || attachment === undefined
        ? held
        : { ...held, deleteOnTermination: attachment.deleteOnTermination },
  });
  return true;
}
