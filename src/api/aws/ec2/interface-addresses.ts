/** api/aws/ec2/interface-addresses — EC2's operations on addresses and prefixes of interfaces. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { silent } from './requests.ts';

export const interfaceAddresses: Handlers<EC2> = {
  AssignPrivateIpAddresses(input, { cloud }) {
    const assigned = cloud.ec2.assignPrivateIpAddresses({
      networkInterfaceId: input.NetworkInterfaceId!,
      privateIpAddresses: input.PrivateIpAddresses,
      secondaryPrivateIpAddressCount: input.SecondaryPrivateIpAddressCount,
      ipv4Prefixes: input.Ipv4Prefixes,
      ipv4PrefixCount: input.Ipv4PrefixCount,
      allowReassignment: input.AllowReassignment,
    });
    if (isAwsError(assigned)) return assigned;
    return {
      NetworkInterfaceId: assigned.networkInterfaceId,
      AssignedPrivateIpAddresses: assigned.privateIpAddresses.map((PrivateIpAddress) => ({
        PrivateIpAddress,
      })),
      AssignedIpv4Prefixes: assigned.ipv4Prefixes.map((Ipv4Prefix) => ({ Ipv4Prefix })),
    };
  },

  UnassignPrivateIpAddresses: (input, { cloud }) =>
    silent(
      cloud.ec2.unassignPrivateIpAddresses({
        networkInterfaceId: input.NetworkInterfaceId!,
        privateIpAddresses: input.PrivateIpAddresses,
        ipv4Prefixes: input.Ipv4Prefixes,
      }),
    ),

  AssignIpv6Addresses(input, { cloud }) {
    const assigned = cloud.ec2.assignIpv6Addresses({
      networkInterfaceId: input.NetworkInterfaceId!,
      ipv6AddressCount: input.Ipv6AddressCount,
      ipv6Addresses: input.Ipv6Addresses,
      ipv6PrefixCount: input.Ipv6PrefixCount,
      ipv6Prefixes: input.Ipv6Prefixes,
    });
    if (isAwsError(assigned)) return assigned;
    return {
      NetworkInterfaceId: assigned.networkInterfaceId,
      AssignedIpv6Addresses: [...assigned.ipv6Addresses],
      AssignedIpv6Prefixes: [...assigned.ipv6Prefixes],
    };
  },

  UnassignIpv6Addresses(input, { cloud }) {
    const NetworkInterfaceId = input.NetworkInterfaceId!;
    const { Ipv6Addresses = [], Ipv6Prefixes = [] } = input;
    const gone = cloud.ec2.unassignIpv6Addresses({
      networkInterfaceId: NetworkInterfaceId,
      ipv6Addresses: Ipv6Addresses,
      ipv6Prefixes: Ipv6Prefixes,
    });
    if (isAwsError(gone)) return gone;
    return {
      NetworkInterfaceId,
      UnassignedIpv6Addresses: Ipv6Addresses,
      UnassignedIpv6Prefixes: Ipv6Prefixes,
    };
  },
};
