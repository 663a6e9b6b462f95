/** formats/aws/network-interface — `aws ec2 describe-network-interfaces`. */

import { privateDnsName } from '../../cloud/region.ts';
import type { AllocationId, InstanceId } from '../../model/ec2/ids.ts';
import type {
  Attachment,
  NetworkInterface,
  PrivateAddress,
} from '../../model/ec2/network-interface.ts';
import { regionOfZone } from '../../model/ec2/zone.ts';
import type { TwinStore } from '../../model/kinds.ts';
import {
  type AwsJson,
  type AwsReader,
  ec2Time,
  type NounFormat,
  present,
  tagList,
} from './aws-json.ts';

const associationToAws = (
  eni: NetworkInterface,
  { public: open }: PrivateAddress,
): AwsJson | undefined =>
  open === undefined
    ? undefined
    : present({
        AllocationId: open.allocationId,
        AssociationId: open.associationId,
        IpOwnerId: open.allocationId === undefined ? 'amazon' : eni.ownerId,
        PublicDnsName: open.publicDnsName,
        PublicIp: open.publicIp,
      });

const addressesToAws = (eni: NetworkInterface, region: string): readonly AwsJson[] =>
  eni.privateIpAddresses.map((address) => {
    const shown = {
      Primary: address.primary,
      PrivateDnsName: privateDnsName(region, address.address),
      PrivateIpAddress: address.address,
    };
    const Association = associationToAws(eni, address);
    return Association === undefined ? shown : { Association, ...shown };
  });

/** `Groups`, the same in describe-instances. */
export const groupsToAws = (eni: NetworkInterface, store: TwinStore): readonly AwsJson[] =>
  eni.groups.map((id) => ({
    GroupId: id,
    GroupName: store.get('ec2/security-group', id)?.groupName ?? '',
  }));

const attachmentToAws = (attachment: Attachment): AwsJson =>
  present({
    AttachTime: ec2Time(attachment.attachedAtMs),
    AttachmentId: attachment.attachmentId,
    DeleteOnTermination: attachment.deleteOnTermination,
    DeviceIndex: attachment.deviceIndex,
    InstanceId: attachment.instanceId,
    InstanceOwnerId: attachment.instanceOwnerId,
    NetworkCardIndex: attachment.networkCardIndex,
    Status: 'attached',
  });

const attachmentFromAws = (json: AwsReader): Attachment => ({
  attachmentId: json.text('AttachmentId'),
  ...(json.has('InstanceId') ? { instanceId: json.id<InstanceId>('InstanceId') } : {}),
  instanceOwnerId: json.optionalText('InstanceOwnerId') ?? '',
  deviceIndex: json.number('DeviceIndex', 0),
  networkCardIndex: json.number('NetworkCardIndex', 0),
  deleteOnTermination: json.flag('DeleteOnTermination'),
  attachedAtMs: json.time('AttachTime'),
});

const addressFromAws = (json: AwsReader): PrivateAddress => {
  const association = json.object('Association');
  const address = json.address('PrivateIpAddress');
  const primary = json.flag('Primary');
  const publicIp = association?.optionalText('PublicIp');
  if (association === undefined || publicIp === undefined) return { address, primary };
  return {
    address,
    primary,
    public: {
      publicIp,
      publicDnsName: association.optionalText('PublicDnsName') ?? '',
      ...(association.has('AllocationId')
        ? { allocationId: association.id<AllocationId>('AllocationId') }
        : {}),
      ...(association.has('AssociationId')
        ? { associationId: association.text('AssociationId') }
        : {}),
    },
  };
};

/** The interface's own address alone, when the list is missing (an old CLI, a cut-down export). */
const loneAddress = (json: AwsReader): PrivateAddress[] =>
  json.has('PrivateIpAddress')
    ? [{ address: json.address('PrivateIpAddress'), primary: true }]
    : [];

/** An interface as describe-network-interfaces or an instance's NetworkInterfaces shows it. */
export function interfaceFromAws(json: AwsReader, zone?: string): NetworkInterface {
  const attachment = json.object('Attachment');
  const addresses = json.list('PrivateIpAddresses').map(addressFromAws);
  return present({
    networkInterfaceId: json.text('NetworkInterfaceId'),
    subnetId: json.text('SubnetId'),
    vpcId: json.text('VpcId'),
    ownerId: json.optionalText('OwnerId') ?? '',
    availabilityZone: zone ?? json.text('AvailabilityZone'),
    description: json.optionalText('Description') ?? '',
    interfaceType: json.optionalText('InterfaceType') ?? 'interface',
    macAddress: json.optionalText('MacAddress') ?? '',
    requesterId: json.optionalText('RequesterId'),
    requesterManaged: json.flag('RequesterManaged'),
    sourceDestCheck: json.flag('SourceDestCheck', true),
    status: json.optionalText('Status') === 'in-use' ? 'in-use' : 'available',
    privateIpAddresses: addresses.length > 0 ? addresses : loneAddress(json),
    ipv4Prefixes: json.list('Ipv4Prefixes').map((it) => it.block('Ipv4Prefix')),
    ipv6Addresses: json.list('Ipv6Addresses').map((it) => it.address('Ipv6Address')),
    ipv6Prefixes: json.list('Ipv6Prefixes').map((it) => it.block('Ipv6Prefix')),
    groups: json.list('Groups').map((it) => it.text('GroupId')),
    attachment:
      attachment?.has('AttachmentId') === true ? attachmentFromAws(attachment) : undefined,
    createdAtMs: attachment?.time('AttachTime') ?? 0,
    tags: json.tags('TagSet', 'Tags'),
  }) as unknown as NetworkInterface;
}

export const networkInterface: NounFormat<'ec2/network-interface'> = {
  kind: 'ec2/network-interface',
  member: 'NetworkInterfaces',
  file: 'describe-network-interfaces.json',
  toAws: (eni, store): AwsJson => {
    const primary = eni.privateIpAddresses[0];
    const region = regionOfZone(eni.availabilityZone);
    return present({
      Association: primary === undefined ? undefined : associationToAws(eni, primary),
      Attachment: eni.attachment === undefined ? undefined : attachmentToAws(eni.attachment),
      AvailabilityZone: eni.availabilityZone,
      Description: eni.description,
      Groups: groupsToAws(eni, store),
      InterfaceType: eni.interfaceType,
      Ipv4Prefixes:
        eni.ipv4Prefixes.length === 0
          ? undefined
          : eni.ipv4Prefixes.map((Ipv4Prefix) => ({ Ipv4Prefix })),
      Ipv6Addresses: eni.ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address })),
      Ipv6Prefixes:
        eni.ipv6Prefixes.length === 0
          ? undefined
          : eni.ipv6Prefixes.map((Ipv6Prefix) => ({ Ipv6Prefix })),
      MacAddress: eni.macAddress,
      NetworkInterfaceId: eni.networkInterfaceId,
      OwnerId: eni.ownerId,
      PrivateDnsName: primary && privateDnsName(region, primary.address),
      PrivateIpAddress: primary?.address,
      PrivateIpAddresses: addressesToAws(eni, region),
      RequesterId: eni.requesterId,
      RequesterManaged: eni.requesterManaged,
      SourceDestCheck: eni.sourceDestCheck,
      Status: eni.status,
      SubnetId: eni.subnetId,
      TagSet: tagList(eni.tags),
      VpcId: eni.vpcId,
    });
  },
  fromAws: (json) => interfaceFromAws(json),
};

/** The interface inside its instance in describe-instances, which says the instance's part once. */
export function interfaceOfInstance(eni: NetworkInterface, store: TwinStore): AwsJson {
  const { AvailabilityZone, RequesterId, RequesterManaged, TagSet, ...shown } =
    networkInterface.toAws(eni, store);
  if (eni.attachment === undefined) return shown;
  const { InstanceId, InstanceOwnerId, ...Attachment } = attachmentToAws(eni.attachment);
  return { ...shown, Attachment };
}
