/** api/aws/ec2/security-groups — EC2's operations on security groups. */
import type { EC2, Filter as SdkFilter, StaleIpPermission } from '@aws-sdk/client-ec2';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../../model/ec2/security-group.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { filtersOf, page, tagsFor } from './requests.ts';
import { groupIdOf } from './security-group-permissions.ts';

const arnOf = ({ cloud }: AwsCall, { groupId, ownerId }: SecurityGroup): string =>
  `arn:aws:ec2:${cloud.region}:${ownerId}:security-group/${groupId}`;

/** Group names stand for groups of the default VPC; ids for those of any. */
const withNames = (
  input: { readonly Filters?: readonly SdkFilter[] | undefined },
  names: readonly string[] | undefined,
) => [
  ...filtersOf(input),
  ...(names === undefined || names.length === 0 ? [] : [{ name: 'group-name', values: names }]),
];

export const securityGroups: Handlers<EC2> = {
  CreateSecurityGroup(input, call) {
    const tags = tagsFor('security-group', input);
    if (isAwsError(tags)) return tags;
    const standard = call.store.list('ec2/vpc').find(({ isDefault }) => isDefault);
    const vpcId = input.VpcId ?? standard?.vpcId;
    if (vpcId === undefined) return awsError('VPCIdNotSpecified', 'No default VPC for this user.');
    const group = call.cloud.ec2.createSecurityGroup({
      groupName: input.GroupName!,
      description: input.Description!,
      vpcId,
      tags,
    });
    if (isAwsError(group)) return group;
    const { Tags } = shown(call, 'ec2/security-group', group);
    return { GroupId: group.groupId, Tags, SecurityGroupArn: arnOf(call, group) };
  },

  DeleteSecurityGroup(input, call) {
    const groupId = groupIdOf(call, input);
    if (isAwsError(groupId)) return groupId;
    const gone = call.cloud.ec2.deleteSecurityGroup({ groupId });
    return isAwsError(gone) ? gone : { Return: true, GroupId: groupId };
  },

  DescribeSecurityGroups(input, call) {
    const found = call.cloud.ec2.describeSecurityGroups({
      groupIds: input.GroupIds,
      filters: withNames(input, input.GroupNames),
    });
    if (isAwsError(found)) return found;
    const absent = input.GroupNames?.find((name) => !found.some((it) => it.groupName === name));
    if (absent !== undefined) {
      return awsError(
        'InvalidGroup.NotFound',
        `The security group '${absent}' does not exist in default VPC`,
      );
    }
    const part = page(call, input, found, (group) => ({
      ...shown(call, 'ec2/security-group', group),
      SecurityGroupArn: arnOf(call, group),
    }));
    return isAwsError(part) ? part : { SecurityGroups: part.items, NextToken: part.NextToken };
  },

  DescribeSecurityGroupReferences(input, { cloud }) {
    const found = cloud.ec2.describeSecurityGroupReferences({ groupIds: input.GroupId! });
    if (isAwsError(found)) return found;
    const SecurityGroupReferenceSet = found.map((it) => ({
      GroupId: it.groupId,
      ReferencingVpcId: it.referencingVpcId,
      VpcPeeringConnectionId: it.vpcPeeringConnectionId,
    }));
    return { SecurityGroupReferenceSet };
  },

  DescribeStaleSecurityGroups(input, call) {
    const found = call.cloud.ec2.describeStaleSecurityGroups({ vpcId: input.VpcId! });
    const part = page(call, input, found, ({ group, stale }) => ({
      Description: group.description,
      GroupId: group.groupId,
      GroupName: group.groupName,
      VpcId: group.vpcId,
      StaleIpPermissions: stalePermissions(stale, 'ingress'),
      StaleIpPermissionsEgress: stalePermissions(stale, 'egress'),
    }));
    if (isAwsError(part)) return part;
    return { StaleSecurityGroupSet: part.items, NextToken: part.NextToken };
  },

  GetSecurityGroupsForVpc(input, call) {
    const found = call.cloud.ec2.getSecurityGroupsForVpc({
      vpcId: input.VpcId!,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, (group) => ({
      Description: group.description,
      GroupName: group.groupName,
      OwnerId: group.ownerId,
      GroupId: group.groupId,
      Tags: shown(call, 'ec2/security-group', group).Tags,
      PrimaryVpcId: group.vpcId,
    }));
    if (isAwsError(part)) return part;
    return { SecurityGroupForVpcs: part.items, NextToken: part.NextToken };
  },

  DescribeSecurityGroupVpcAssociations: (input, call) => {
    // A group belongs to the VPC it was made in; others it can be associated with are not kept.
    const part = page(call, input, [], (it) => it);
    if (isAwsError(part)) return part;
    return { SecurityGroupVpcAssociations: [], NextToken: part.NextToken };
  },
};

const stalePermissions = (
  rules: readonly SecurityGroupRule[],
  direction: SecurityGroupRule['direction'],
): StaleIpPermission[] =>
  rules
    .filter((rule) => rule.direction === direction)
    .map(({ protocol, fromPort, toPort, peer }) => ({
      IpProtocol: protocol,
      FromPort: fromPort,
      ToPort: toPort,
      UserIdGroupPairs: peer.kind === 'group' ? [{ GroupId: peer.groupId, VpcId: peer.vpcId }] : [],
    }));
