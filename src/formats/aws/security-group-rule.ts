/**
 * formats/aws/security-group-rule — `aws ec2 describe-security-group-rules`: the same rules as
 * describe-security-groups shows, one by one, with their ids and tags.
 */
import type { RulePeer, SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import { type AwsJson, type AwsReader, present, tagList } from './aws-json.ts';

/** Every rule of a group, in the group's order. */
export const rulesToAws = (group: SecurityGroup): readonly AwsJson[] =>
  group.rules.map((rule) => ruleToAws(group, rule));

/** One rule of a group. */
export const ruleToAws = (group: SecurityGroup, rule: SecurityGroupRule): AwsJson => {
  const { peer } = rule;
  return present({
    SecurityGroupRuleId: rule.ruleId,
    GroupId: group.groupId,
    GroupOwnerId: group.ownerId,
    IsEgress: rule.direction === 'egress',
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: peer.kind === 'ipv4' ? peer.cidr : undefined,
    CidrIpv6: peer.kind === 'ipv6' ? peer.cidr : undefined,
    PrefixListId: peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
    ReferencedGroupInfo:
      peer.kind === 'group'
        ? present({ GroupId: peer.groupId, UserId: group.ownerId, VpcId: peer.vpcId })
        : undefined,
    Description: rule.description,
    Tags: tagList(rule.tags),
  });
};

function peerFromAws(read: AwsReader): RulePeer {
  const ipv4 = read.optionalText('CidrIpv4');
  if (ipv4 !== undefined) return { kind: 'ipv4', cidr: ipv4 };
  const ipv6 = read.optionalText('CidrIpv6');
  if (ipv6 !== undefined) return { kind: 'ipv6', cidr: ipv6 };
  if (read.has('PrefixListId')) {
    return { kind: 'prefix-list', prefixListId: read.id('PrefixListId') };
  }
  const group = read.object('ReferencedGroupInfo');
  if (group === undefined) return { kind: 'ipv4', cidr: read.text('CidrIpv4') };
  const vpcId = group.optionalText('VpcId');
  return {
    kind: 'group',
    groupId: group.id('GroupId'),
    ...(vpcId === undefined ? {} : { vpcId: group.id('VpcId') }),
  };
}

/** The rule; its group is the member GroupId. */
export function ruleFromAws(read: AwsReader): SecurityGroupRule {
  const description = read.optionalText('Description');
  return {
    ruleId: read.id('SecurityGroupRuleId'),
    direction: read.flag('IsEgress') ? 'egress' : 'ingress',
    protocol: read.text('IpProtocol'),
    fromPort: read.number('FromPort', -1),
    toPort: read.number('ToPort', -1),
    peer: peerFromAws(read),
    ...(description === undefined || description === '' ? {} : { description }),
    tags: read.tags(),
  };
}
