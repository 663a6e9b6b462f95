/** api/aws/ec2/network-interfaces — EC2's operations on network interfaces and their attachment. */
import type { CreateNetworkInterfaceRequest, EC2 } from '@aws-sdk/client-ec2';
import { missingParameter, noNetworkInterface } from '../../../cloud/ec2/not-found.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { InterfaceType } from '../../../model/ec2/network-interface.ts';
import type { Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { listed, made } from './nouns-of.ts';
import { filtersOf, silent, tagsFor } from './requests.ts';

/** `PrivateIpAddresses: [{Primary, PrivateIpAddress}]`, primary and others apart. */
function namedAddresses({ PrivateIpAddress, PrivateIpAddresses }: CreateNetworkInterfaceRequest) {
  const all = PrivateIpAddresses ?? [];
  const primary = all.find((it) => it.Primary === true)?.PrivateIpAddress;
  const others = all.filter((it) => it.Primary !== true);
  return {
    privateIpAddress: PrivateIpAddress ?? primary,
    secondaryPrivateIpAddresses: others.map((it) => it.PrivateIpAddress ?? ''),
  };
}

/** Types a user may ask for. */
const TYPES: ReadonlySet<string> = new Set(['interface', 'trunk', 'branch', 'efa']);

export const networkInterfaces: Handlers<EC2> = {
  CreateNetworkInterface(input, call) {
    const tags = tagsFor('network-interface', input);
    if (isAwsError(tags)) return tags;
    const { InterfaceType: type } = input;
    if (type !== undefined && !TYPES.has(type)) {
      return awsError(
        'InvalidParameterValue',
        `Value (${type}) for parameter interfaceType is invalid.`,
      );
    }
    const eni = call.cloud.ec2.createNetworkInterface({
      ...namedAddresses(input),
      subnetId: input.SubnetId!,
      description: input.Description,
      groups: input.Groups,
      interfaceType: type as InterfaceType | undefined,
      secondaryPrivateIpAddressCount: input.SecondaryPrivateIpAddressCount,
      ipv4PrefixCount: input.Ipv4PrefixCount,
      ipv4Prefixes: input.Ipv4Prefixes?.map((it) => it.Ipv4Prefix ?? ''),
      ipv6AddressCount: input.Ipv6AddressCount,
      ipv6Addresses: input.Ipv6Addresses?.map((it) => it.Ipv6Address ?? ''),
      ipv6PrefixCount: input.Ipv6PrefixCount,
      ipv6Prefixes: input.Ipv6Prefixes?.map((it) => it.Ipv6Prefix ?? ''),
      tags,
    });
    const answer = made(call, 'ec2/network-interface', eni, 'NetworkInterface');
    return isAwsError(answer) ? answer : { ...answer, ClientToken: input.ClientToken };
  },

  DeleteNetworkInterface(input, { cloud }) {
    const networkInterfaceId = input.NetworkInterfaceId!;
    return silent(cloud.ec2.deleteNetworkInterface({ networkInterfaceId }));
  },

  DescribeNetworkInterfaces: (input, call) =>
    listed(
      call,
      input,
      'ec2/network-interface',
      call.cloud.ec2.describeNetworkInterfaces({
        networkInterfaceIds: input.NetworkInterfaceIds,
        filters: filtersOf(input),
      }),
      'NetworkInterfaces',
    ),

  AttachNetworkInterface(input, { cloud }) {
    const held = cloud.ec2.attachNetworkInterface({
      networkInterfaceId: input.NetworkInterfaceId!,
      instanceId: input.InstanceId!,
      deviceIndex: input.DeviceIndex!,
      networkCardIndex: input.NetworkCardIndex,
    });
    if (isAwsError(held)) return held;
    return { AttachmentId: held.attachmentId, NetworkCardIndex: held.networkCardIndex };
  },

  DetachNetworkInterface: (input, { cloud }) =>
    silent(
      cloud.ec2.detachNetworkInterface({ attachmentId: input.AttachmentId!, force: input.Force }),
    ),

  ModifyNetworkInterfaceAttribute(input, { cloud }) {
    const { Attachment, Groups, SourceDestCheck, Description } = input;
    const given = [Attachment, Groups, SourceDestCheck, Description];
    const count = given.filter((it) => it !== undefined).length;
    if (count === 0) return missingParameter('Attribute');
    if (count > 1)
      return awsError(
        'InvalidParameterCombination',
        'Fields for multiple attribute types specified',
      );
    return silent(
      cloud.ec2.modifyNetworkInterfaceAttribute({
        networkInterfaceId: input.NetworkInterfaceId!,
        groups: Groups,
        sourceDestCheck: SourceDestCheck?.Value,
        description: Description?.Value,
        attachment: Attachment && {
          attachmentId: Attachment.AttachmentId ?? '',
          deleteOnTermination: Attachment.DeleteOnTermination ?? false,
        },
      }),
    );
  },

  ResetNetworkInterfaceAttribute: (input, { cloud }) =>
    silent(
      cloud.ec2.modifyNetworkInterfaceAttribute({
        networkInterfaceId: input.NetworkInterfaceId!,
        sourceDestCheck: true,
      }),
    ),

  DescribeNetworkInterfaceAttribute(input, call) {
    const NetworkInterfaceId = input.NetworkInterfaceId!;
    const eni = call.store.get('ec2/network-interface', NetworkInterfaceId);
    if (eni === undefined) return noNetworkInterface(NetworkInterfaceId);
    const { Attachment, Groups } = shown(call, 'ec2/network-interface', eni);
    switch (input.Attribute) {
      case 'attachment':
        return { NetworkInterfaceId, Attachment };
      case 'description':
        return { NetworkInterfaceId, Description: { Value: eni.description } };
      case 'groupSet':
        return { NetworkInterfaceId, Groups };
      case 'sourceDestCheck':
        return { NetworkInterfaceId, SourceDestCheck: { Value: eni.sourceDestCheck } };
      case 'associatePublicIpAddress':
        return { NetworkInterfaceId, AssociatePublicIpAddress: false };
      case undefined:
        return missingParameter('attribute');
      default:
        return awsError(
          'InvalidParameterValue',
          `Value (${input.Attribute}) for parameter attribute is invalid. Unknown network interface attribute.`,
        );
    }
  },
};
