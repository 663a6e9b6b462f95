/** formats/cloudformation/security-resources — security groups, their rules, and network ACLs. */

import type { RuleInput } from '../../cloud/ec2/vpc-operations.ts';
import type { RulePeer, SecurityGroup } from '../../model/ec2/security-group.ts';
import { parseProtocol } from '../../net/index.ts';
import type { Properties } from './properties.ts';
import { type MakeContext, madeAs, type ResourceType } from './resource-type.ts';

const RULE_PROPERTIES = ['IpProtocol', 'FromPort', 'ToPort', 'CidrIp', 'CidrIpv6', 'Description'];

function peerOf(
  rule: Properties,
  { store }: MakeContext,
  direction: 'Source' | 'Destination',
  vpcId?: string,
): RulePeer {
  const cidr = rule.optionalText('CidrIp');
  if (cidr !== undefined) return { kind: 'ipv4', cidr };
  const cidr6 = rule.optionalText('CidrIpv6');
  if (cidr6 !== undefined) return { kind: 'ipv6', cidr: cidr6 };
  const groupId = rule.optionalText(`${direction}SecurityGroupId`);
  if (groupId !== undefined) return { kind: 'group', groupId: groupId as SecurityGroup['groupId'] };
  const name = rule.optionalText(`${direction}SecurityGroupName`);
  if (name !== undefined) {
    const named = store
      .list('ec2/security-group')
      .find((it) => it.groupName === name && (vpcId === undefined || it.vpcId === vpcId));
    if (named !== undefined) return { kind: 'group', groupId: named.groupId };
  }
  const prefixListId = rule.optionalText(`${direction}PrefixListId`);
  if (prefixListId !== undefined)
    return { kind: 'prefix-list', prefixListId: prefixListId as never };
  return rule.refuse(
    'CidrIp',
    'the rule names no peer',
    `add CidrIp, CidrIpv6, ${direction}SecurityGroupId or ${direction}PrefixListId`,
  );
}

function ruleOf(
  rule: Properties,
  context: MakeContext,
  direction: 'Source' | 'Destination',
  vpcId?: string,
): RuleInput {
  return {
    protocol: rule.text('IpProtocol'),
    fromPort: rule.number('FromPort'),
    toPort: rule.number('ToPort'),
    peer: peerOf(rule, context, direction, vpcId),
    description: rule.optionalText('Description'),
  };
}

/** Rules that a security group has besides those its own resource lists. */
const hasSeparateEgress = ({ template, logicalId }: MakeContext): boolean =>
  [...template.resources.values()].some(
    (it) =>
      it.type === 'AWS::EC2::SecurityGroupEgress' &&
      JSON.stringify(it.properties.GroupId ?? '').includes(`"${logicalId}"`),
  );

const securityGroup: ResourceType = {
  properties: [
    'GroupName',
    'GroupDescription',
    'VpcId',
    'SecurityGroupIngress',
    'SecurityGroupEgress',
    'Tags',
  ],
  make(properties, context) {
    const { cloud, store, must, logicalId, template } = context;
    const vpcId =
      properties.optionalText('VpcId') ?? store.list('ec2/vpc').find((it) => it.isDefault)?.vpcId;
    if (vpcId === undefined)
      properties.refuse(
        'VpcId',
        'no VpcId, and the twin has no default VPC',
        'add VpcId: !Ref YourVpc',
      );
    const group = must(
      cloud.ec2.createSecurityGroup({
        groupName:
          properties.optionalText('GroupName') ??
          `${template.file.replace(/^.*\//, '').replace(/\.\w+$/, '')}-${logicalId}`,
        description: properties.text('GroupDescription'),
        vpcId: vpcId!,
        tags: properties.tags(),
      }),
    );
    const { groupId } = group;
    const ingress = properties
      .objects('SecurityGroupIngress')
      .map((it) => ruleOf(it, context, 'Source', vpcId));
    if (ingress.length > 0)
      must(cloud.ec2.authorizeSecurityGroupIngress({ groupId, rules: ingress }));
    const egress = properties
      .objects('SecurityGroupEgress')
      .map((it) => ruleOf(it, context, 'Destination', vpcId));
    // Any egress rule of the user's takes CloudFormation's default allow-all away (aws-cdk#987).
    if (egress.length > 0 || hasSeparateEgress(context)) {
      const defaults = store
        .get('ec2/security-group', groupId)!
        .rules.filter((it) => it.direction === 'egress');
      if (defaults.length > 0)
        must(
          cloud.ec2.revokeSecurityGroupEgress({
            groupId,
            ruleIds: defaults.map((it) => it.ruleId),
          }),
        );
    }
    if (egress.length > 0) must(cloud.ec2.authorizeSecurityGroupEgress({ groupId, rules: egress }));
    return {
      ref: groupId,
      attributes: { GroupId: () => groupId, Id: () => groupId, VpcId: () => vpcId },
    };
  },
};

const groupOf = (properties: Properties, { store }: MakeContext): string =>
  properties.optionalText('GroupId') ??
  store
    .list('ec2/security-group')
    .find((it) => it.groupName === properties.optionalText('GroupName'))?.groupId ??
  properties.refuse('GroupId', 'the rule belongs to no group', 'add GroupId: !Ref YourGroup');

const ingressRule: ResourceType = {
  properties: [
    ...RULE_PROPERTIES,
    'GroupId',
    'GroupName',
    'SourceSecurityGroupId',
    'SourceSecurityGroupName',
    'SourceSecurityGroupOwnerId',
    'SourcePrefixListId',
  ],
  make(properties, context) {
    const rules = [ruleOf(properties, context, 'Source')];
    const made = context.must(
      context.cloud.ec2.authorizeSecurityGroupIngress({
        groupId: groupOf(properties, context),
        rules,
      }),
    );
    return { ref: made[0]?.ruleId ?? context.logicalId };
  },
};

const egressRule: ResourceType = {
  properties: [
    ...RULE_PROPERTIES,
    'GroupId',
    'DestinationSecurityGroupId',
    'DestinationPrefixListId',
  ],
  make(properties, context) {
    const rules = [ruleOf(properties, context, 'Destination')];
    const made = context.must(
      context.cloud.ec2.authorizeSecurityGroupEgress({
        groupId: groupOf(properties, context),
        rules,
      }),
    );
    return { ref: made[0]?.ruleId ?? context.logicalId };
  },
};

const networkAcl: ResourceType = {
  properties: ['VpcId', 'Tags'],
  make(properties, { cloud, must }) {
    const { networkAclId } = must(
      cloud.ec2.createNetworkAcl({ vpcId: properties.text('VpcId'), tags: properties.tags() }),
    );
    return madeAs(networkAclId, 'Id');
  },
};

const networkAclEntry: ResourceType = {
  properties: [
    'NetworkAclId',
    'RuleNumber',
    'Protocol',
    'RuleAction',
    'Egress',
    'CidrBlock',
    'Ipv6CidrBlock',
    'PortRange',
    'Icmp',
  ],
  make(properties, { cloud, must, logicalId }) {
    const ports = properties.object('PortRange');
    const icmp = properties.object('Icmp');
    must(
      cloud.ec2.createNetworkAclEntry({
        networkAclId: properties.text('NetworkAclId'),
        ruleNumber:
          properties.number('RuleNumber') ??
          properties.refuse('RuleNumber', 'is missing', 'number the rule 1 to 32766'),
        protocol:
          parseProtocol(properties.text('Protocol')) ??
          properties.refuse('Protocol', 'is no protocol', 'write -1, 6 (tcp) or 17 (udp)'),
        action: properties.text('RuleAction') === 'allow' ? 'allow' : 'deny',
        egress: properties.flag('Egress') ?? false,
        cidrBlock: properties.optionalText('CidrBlock'),
        ipv6CidrBlock: properties.optionalText('Ipv6CidrBlock'),
        portRange: ports && { from: ports.number('From') ?? 0, to: ports.number('To') ?? 65_535 },
        icmp: icmp && { type: icmp.number('Type') ?? -1, code: icmp.number('Code') ?? -1 },
      }),
    );
    return { ref: logicalId };
  },
};

const subnetNetworkAclAssociation: ResourceType = {
  properties: ['NetworkAclId', 'SubnetId'],
  make(properties, { cloud, store, must }) {
    const subnetId = properties.text('SubnetId');
    const current = store
      .list('ec2/network-acl')
      .flatMap((acl) => acl.associations)
      .find((it) => it.subnetId === subnetId);
    const made = must(
      cloud.ec2.replaceNetworkAclAssociation({
        associationId:
          current?.associationId ??
          properties.refuse('SubnetId', `no subnet ${subnetId}`, 'name a subnet'),
        networkAclId: properties.text('NetworkAclId'),
      }),
    );
    return madeAs(made.associationId, 'AssociationId');
  },
};

export const SECURITY_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::EC2::SecurityGroup': securityGroup,
  'AWS::EC2::SecurityGroupIngress': ingressRule,
  'AWS::EC2::SecurityGroupEgress': egressRule,
  'AWS::EC2::NetworkAcl': networkAcl,
  'AWS::EC2::NetworkAclEntry': networkAclEntry,
  'AWS::EC2::SubnetNetworkAclAssociation': subnetNetworkAclAssociation,
};
