/** api/aws/ec2/network-acls — EC2's operations on network ACLs, their entries and subnets. */
import type { CreateNetworkAclEntryRequest, EC2 } from '@aws-sdk/client-ec2';
import { invalidValue } from '../../../cloud/ec2/not-found.ts';
import type { NetworkAclEntryInput } from '../../../cloud/ec2/vpc-operations.ts';
import { type AwsError, isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { done, tagsFor } from './requests.ts';

/** Names that clients send for numbers. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  all: -1,
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmpv6: 58,
};

function entryOf(input: CreateNetworkAclEntryRequest): NetworkAclEntryInput | AwsError {
  const named = PROTOCOLS[input.Protocol!.toLowerCase()];
  const protocol = named ?? Number(input.Protocol);
  if (!Number.isInteger(protocol))
    return invalidValue(`Invalid value '${input.Protocol}' for IP protocol. Unknown protocol.`);
  const { PortRange: ports, IcmpTypeCode: icmp } = input;
  return {
    networkAclId: input.NetworkAclId!,
    ruleNumber: input.RuleNumber!,
    egress: input.Egress!,
    protocol,
    action: input.RuleAction === 'allow' ? 'allow' : 'deny',
    cidrBlock: input.CidrBlock,
    ipv6CidrBlock: input.Ipv6CidrBlock,
    portRange: ports && { from: ports.From ?? 0, to: ports.To ?? 0 },
    icmp: icmp && { type: icmp.Type ?? -1, code: icmp.Code ?? -1 },
  };
}

export const networkAcls: Handlers<EC2> = {
  CreateNetworkAcl(input, call) {
    const tags = tagsFor('network-acl', input);
    if (isAwsError(tags)) return tags;
    const acl = call.cloud.ec2.createNetworkAcl({ vpcId: input.VpcId!, tags });
    return made(call, 'ec2/network-acl', acl, 'NetworkAcl');
  },

  DeleteNetworkAcl: (input, { cloud }) =>
    done(cloud.ec2.deleteNetworkAcl({ networkAclId: input.NetworkAclId! })),

  DescribeNetworkAcls: (input, call) =>
    listed(
      call,
      input,
      'ec2/network-acl',
      call.cloud.ec2.describeNetworkAcls(askedOf(input, input.NetworkAclIds)),
      'NetworkAcls',
    ),

  CreateNetworkAclEntry(input, { cloud }) {
    const entry = entryOf(input);
    return isAwsError(entry) ? entry : done(cloud.ec2.createNetworkAclEntry(entry));
  },

  ReplaceNetworkAclEntry(input, { cloud }) {
    const entry = entryOf(input);
    return isAwsError(entry) ? entry : done(cloud.ec2.replaceNetworkAclEntry(entry));
  },

  DeleteNetworkAclEntry: (input, { cloud }) =>
    done(
      cloud.ec2.deleteNetworkAclEntry({
        networkAclId: input.NetworkAclId!,
        ruleNumber: input.RuleNumber!,
        egress: input.Egress!,
      }),
    ),

  ReplaceNetworkAclAssociation(input, { cloud }) {
    const held = cloud.ec2.replaceNetworkAclAssociation({
      associationId: input.AssociationId!,
      networkAclId: input.NetworkAclId!,
    });
    return isAwsError(held) ? held : { NewAssociationId: held.associationId };
  },
};
