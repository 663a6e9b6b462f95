/**
 * formats/aws/security-group — `aws ec2 describe-security-groups`. EC2 prints rules grouped into
 * permissions; we keep one rule per peer, as describe-security-group-rules does.
 */
import type { SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import { type AwsJson, type AwsReader, type NounFormat, present, tagList } from './aws-json.ts';

const PEER_LISTS = ['IpRanges', 'Ipv6Ranges', 'UserIdGroupPairs', 'PrefixListIds'] as const;

function peerJson(
  rule: SecurityGroupRule,
  group: SecurityGroup,
): [(typeof PEER_LISTS)[number], AwsJson] {
  const { peer, description } = rule;
  const described = (json: AwsJson): AwsJson => present({ Description: description, ...json });
  switch (peer.kind) {
    case 'ipv4':
      return ['IpRanges', described({ CidrIp: peer.cidr })];
    case 'ipv6':
      return ['Ipv6Ranges', described({ CidrIpv6: peer.cidr })];
    case 'group':
      return [
        'UserIdGroupPairs',
        described({ UserId: group.ownerId, GroupId: peer.groupId, VpcId: peer.vpcId }),
      ];
    case 'prefix-list':
      return ['PrefixListIds', described({ PrefixListId: peer.prefixListId })];
  }
}

/** Rules of one direction, those with the same protocol and ports in one permission. */
function permissions(group: SecurityGroup, direction: SecurityGroupRule['direction']): AwsJson[] {
  const byPorts = new Map<string, Record<string, unknown>>();
  for (const rule of group.rules) {
    if (rule.direction !== direction) continue;
    const all = rule.protocol === '-1';
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`;
    const permission = byPorts.get(key) ?? {
      IpProtocol: rule.protocol,
      ...(all ? {} : { FromPort: rule.fromPort, ToPort: rule.toPort }),
      ...Object.fromEntries(PEER_LISTS.map((list) => [list, []])),
    };
    const [list, peer] = peerJson(rule, group);
    (permission[list] as AwsJson[]).push(peer);
    byPorts.set(key, permission);
  }
  return [...byPorts.values()];
}

function readRules(
  read: AwsReader,
  member: string,
  direction: SecurityGroupRule['direction'],
  groupId: string,
): SecurityGroupRule[] {
  const rules: SecurityGroupRule[] = [];
  for (const permission of read.list(member)) {
    const protocol = permission.text('IpProtocol');
    const add = (peer: SecurityGroupRule['peer'], from: AwsReader): void => {
      rules.push({
        ruleId: ruleId(groupId, direction, rules.length) as SecurityGroupRule['ruleId'],
        direction,
        protocol,
        fromPort: permission.number('FromPort', -1),
        toPort: permission.number('ToPort', -1),
        peer,
        description: from.optionalText('Description'),
        tags: {},
      });
    };
    for (const it of permission.list('IpRanges'))
      add({ kind: 'ipv4', cidr: it.text('CidrIp') }, it);
    for (const it of permission.list('Ipv6Ranges'))
      add({ kind: 'ipv6', cidr: it.text('CidrIpv6') }, it);
    for (const it of permission.list('UserIdGroupPairs')) {
      add({ kind: 'group', groupId: it.id('GroupId'), vpcId: it.optionalId('VpcId') }, it);
    }
    for (const it of permission.list('PrefixListIds')) {
      add({ kind: 'prefix-list', prefixListId: it.id('PrefixListId') }, it);
    }
  }
  return rules;
}

/** describe-security-groups shows no rule ids; these are made from the group's, and stay the same. */
const ruleId = (groupId: string, direction: string, i: number): string =>
  `sgr-${groupId.replace(/^sg-/, '').slice(0, 12)}${direction === 'ingress' ? 'a' : 'e'}${i.toString(16).padStart(4, '0')}`;

export const securityGroup: NounFormat<'ec2/security-group'> = {
  kind: 'ec2/security-group',
  member: 'SecurityGroups',
  file: 'describe-security-groups.json',
  toAws: (noun) => ({
    Description: noun.description,
    GroupName: noun.groupName,
    IpPermissions: permissions(noun, 'ingress'),
    OwnerId: noun.ownerId,
    GroupId: noun.groupId,
    IpPermissionsEgress: permissions(noun, 'egress'),
    Tags: tagList(noun.tags),
    VpcId: noun.vpcId,
  }),
  fromAws(read): SecurityGroup {
    const groupId = read.text('GroupId');
    return {
      groupId: read.id('GroupId'),
      groupName: read.text('GroupName'),
      description: read.optionalText('Description') ?? '',
      vpcId: read.id('VpcId'),
      ownerId: read.text('OwnerId'),
      rules: [
        ...readRules(read, 'IpPermissions', 'ingress', groupId),
        ...readRules(read, 'IpPermissionsEgress', 'egress', groupId),
      ],
      tags: read.tags(),
    };
  },
};
