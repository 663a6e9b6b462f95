import { describe, expect, test } from 'vitest';
import { codeOf, must, type Network, network } from '../cloud.fixture.ts';
import type { RuleInput } from './vpc-operations.ts';

const group = ({ cloud, vpc }: Network, groupName = 'web') =>
  must(cloud.ec2.createSecurityGroup({ groupName, description: 'd', vpcId: vpc.vpcId }));

const https = (cidr: string): RuleInput => ({
  protocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  peer: { kind: cidr.includes(':') ? 'ipv6' : 'ipv4', cidr },
});

describe('security groups', () => {
  test('let everything out and nothing in when they are new', () => {
    const net = network();
    expect(group(net).rules).toMatchObject([{ direction: 'egress', protocol: '-1' }]);
  });

  test('tell the same rule twice apart from the same rule again', () => {
    const net = network();
    const { groupId } = group(net);
    const { ec2 } = net.cloud;
    const allow = (...rules: RuleInput[]) => ec2.authorizeSecurityGroupIngress({ groupId, rules });
    expect(allow(https('0.0.0.0/0'), https('0.0.0.0/0'))).toMatchObject({
      message: 'The same permission must not appear multiple times',
    });
    must(allow(https('10.0.0.7/8')));
    expect(allow({ ...https('10.0.0.0/8'), description: 'other words' })).toMatchObject({
      code: 'InvalidPermission.Duplicate',
      message:
        'the specified rule "peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW" ' +
        'already exists',
    });
    const backwards = allow({ ...https('0.0.0.0/0'), fromPort: 90, toPort: 80 });
    expect(codeOf(backwards)).toBe('InvalidParameterValue');
  });

  test('hold sixty rules per direction and family; a prefix list counts its maximum', () => {
    const net = network();
    const { groupId } = group(net);
    const { ec2 } = net.cloud;
    const allow = (...rules: RuleInput[]) => ec2.authorizeSecurityGroupIngress({ groupId, rules });
    const many = (count: number, from = 0) =>
      Array.from({ length: count }, (_, i) => https(`10.0.${from + i}.0/24`));
    must(allow(...many(50)));
    must(allow(...Array.from({ length: 50 }, (_, i) => https(`2001:db8:${i}::/48`))));
    const list = must(
      ec2.createManagedPrefixList({
        prefixListName: 'offices',
        addressFamily: 'IPv4',
        maxEntries: 11,
      }),
    );
    const { prefixListId } = list;
    const byList = { ...https(''), peer: { kind: 'prefix-list', prefixListId } } as const;
    expect(codeOf(allow(byList))).toBe('RulesPerSecurityGroupLimitExceeded');
    must(allow(...many(10, 60)));
    expect(codeOf(allow(https('10.9.0.0/24')))).toBe('RulesPerSecurityGroupLimitExceeded');
    expect(codeOf(allow(https('2001:db8:ffff::/48')))).toBe('ok');
  });

  test('are not deleted while an interface has them or another group names them', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const [used, named] = [group(net, 'used'), group(net, 'named')];
    const groups = [used.groupId];
    const eni = must(ec2.createNetworkInterface({ subnetId: net.a.subnetId, groups }));
    const rules = [{ protocol: '-1', peer: { kind: 'group', groupId: named.groupId } }] as const;
    must(ec2.authorizeSecurityGroupIngress({ groupId: used.groupId, rules }));
    const deleted = ({ groupId }: { groupId: string }) =>
      codeOf(ec2.deleteSecurityGroup({ groupId }));
    expect([deleted(used), deleted(named)]).toEqual(['DependencyViolation', 'DependencyViolation']);
    must(ec2.deleteNetworkInterface(eni));
    expect([deleted(used), deleted(named)]).toEqual(['ok', 'ok']);
  });

  test('give a rule back by what it says or by its id', () => {
    const net = network();
    const { groupId } = group(net);
    const { ec2 } = net.cloud;
    const rules = [https('10.0.0.0/8'), https('10.1.0.0/16')];
    const made = must(ec2.authorizeSecurityGroupIngress({ groupId, rules }));
    must(ec2.revokeSecurityGroupIngress({ groupId, rules: [https('10.0.0.0/8')] }));
    must(ec2.revokeSecurityGroupIngress({ groupId, ruleIds: [made[1]!.ruleId] }));
    const again = ec2.revokeSecurityGroupIngress({ groupId, rules: [https('10.0.0.0/8')] });
    expect(codeOf(again)).toBe('InvalidPermission.NotFound');
  });
});
