/** formats/aws/network-acl — `aws ec2 describe-network-acls`. */
import type { NetworkAcl, NetworkAclEntry } from '../../model/ec2/network-acl.ts';
import { type AwsReader, type NounFormat, present, tagList } from './aws-json.ts';

export const networkAcl: NounFormat<'ec2/network-acl'> = {
  kind: 'ec2/network-acl',
  member: 'NetworkAcls',
  file: 'describe-network-acls.json',
  toAws: (noun) => ({
    Associations: noun.associations.map((it) => ({
      NetworkAclAssociationId: it.associationId,
      NetworkAclId: noun.networkAclId,
      SubnetId: it.subnetId,
    })),
    Entries: noun.entries.map((it) =>
      present({
        CidrBlock: it.cidrBlock,
        Ipv6CidrBlock: it.ipv6CidrBlock,
        Egress: it.egress,
        IcmpTypeCode: it.icmp && { Type: it.icmp.type, Code: it.icmp.code },
        PortRange: it.portRange && { From: it.portRange.from, To: it.portRange.to },
        Protocol: String(it.protocol),
        RuleAction: it.action,
        RuleNumber: it.ruleNumber,
      }),
    ),
    IsDefault: noun.isDefault,
    NetworkAclId: noun.networkAclId,
    Tags: tagList(noun.tags),
    VpcId: noun.vpcId,
    OwnerId: noun.ownerId,
  }),
  fromAws: (read): NetworkAcl => ({
    networkAclId: read.id('NetworkAclId'),
    vpcId: read.id('VpcId'),
    ownerId: read.optionalText('OwnerId') ?? '',
    isDefault: read.flag('IsDefault'),
    entries: read.list('Entries').map(readEntry),
    associations: read.list('Associations').map((it) => ({
      associationId: it.text('NetworkAclAssociationId'),
      subnetId: it.id('SubnetId'),
    })),
    tags: read.tags(),
  }),
};

function readEntry(read: AwsReader): NetworkAclEntry {
  const ports = read.object('PortRange');
  const icmp = read.object('IcmpTypeCode');
  return {
    ruleNumber: read.number('RuleNumber'),
    egress: read.flag('Egress'),
    protocol: Number(read.text('Protocol')),
    action: read.text('RuleAction') === 'allow' ? 'allow' : 'deny',
    cidrBlock: read.optionalText('CidrBlock'),
    ipv6CidrBlock: read.optionalText('Ipv6CidrBlock'),
    portRange: ports && { from: ports.number('From'), to: ports.number('To') },
    icmp: icmp && { type: icmp.number('Type'), code: icmp.number('Code') },
  };
}
