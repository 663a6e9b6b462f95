import { beforeEach, describe, expect, test } from 'vitest';
import { codeOf, emptyAccount, must } from '../cloud.fixture.ts';
import type { Cloud } from '../cloud.ts';

let cloud: Cloud;
let vpcId: string;

const from = (cidr: string) => ({
  protocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  peer: { kind: 'ipv4' as const, cidr },
});

beforeEach(() => {
  ({ cloud } = emptyAccount());
  vpcId = must(cloud.ec2.createVpc({ cidrBlock: '10.0.0.0/16' })).vpcId;
});

const subnet = (cidrBlock: string): string =>
  must(cloud.ec2.createSubnet({ vpcId, cidrBlock, availabilityZone: 'us-west-2a' })).subnetId;

describe('rules of a security group', () => {
  let groupId: string;
  let ruleId: string;
  beforeEach(() => {
    const group = { groupName: 'web', description: 'web', vpcId };
    groupId = must(cloud.ec2.createSecurityGroup(group)).groupId;
    const rules = [from('10.0.0.0/16'), from('10.9.0.0/16')];
    ruleId = must(cloud.ec2.authorizeSecurityGroupIngress({ groupId, rules }))[0]!.ruleId;
  });

  test('are rewritten in place: the id and the tags stay, a twin of another rule is refused', () => {
    must(cloud.ec2.createTags({ resources: [ruleId], tags: { why: 'users' } }));
    const rules = [{ ruleId, rule: { ...from('10.1.0.0/16'), description: 'now' } }];
    must(cloud.ec2.modifySecurityGroupRules({ groupId, rules }));
    const [{ rule }] = must(cloud.ec2.describeSecurityGroupRules({ ids: [ruleId] })) as never as [
      { rule: object },
    ];
    expect(rule).toMatchObject({
      ruleId,
      peer: { cidr: '10.1.0.0/16' },
      description: 'now',
      tags: { why: 'users' },
    });
    const same = [{ ruleId, rule: from('10.9.0.0/16') }];
    expect(codeOf(cloud.ec2.modifySecurityGroupRules({ groupId, rules: same }))).toBe(
      'InvalidPermission.Duplicate',
    );
    const toGroup = { ...from(''), peer: { kind: 'group' as const, groupId: groupId as never } };
    const other = [{ ruleId, rule: toGroup }];
    expect(codeOf(cloud.ec2.modifySecurityGroupRules({ groupId, rules: other }))).toBe(
      'InvalidParameterValue',
    );
  });

  test('get descriptions by what they say or by id', () => {
    const descriptions = [
      { rule: from('10.9.0.0/16'), description: 'the peer' },
      { ruleId, description: 'us' },
    ];
    const input = { groupId, direction: 'ingress' as const, descriptions };
    must(cloud.ec2.updateSecurityGroupRuleDescriptions(input));
    const filters = [{ name: 'group-id', values: [groupId] }];
    const all = must(cloud.ec2.describeSecurityGroupRules({ filters }));
    const told = all.filter(({ rule }) => rule.direction === 'ingress');
    expect(told.map(({ rule }) => rule.description)).toEqual(['us', 'the peer']);
    const none = { ...input, descriptions: [{ rule: from('1.2.3.4/32'), description: 'x' }] };
    expect(codeOf(cloud.ec2.updateSecurityGroupRuleDescriptions(none))).toBe(
      'InvalidPermission.NotFound',
    );
  });

  test('that name a group of a VPC no longer peered are stale', () => {
    const other = must(cloud.ec2.createVpc({ cidrBlock: '10.1.0.0/16' })).vpcId;
    const peering = must(
      cloud.ec2.createVpcPeeringConnection({ vpcId, peerVpcId: other }),
    ).vpcPeeringConnectionId;
    must(cloud.ec2.acceptVpcPeeringConnection({ vpcPeeringConnectionId: peering }));
    const theirs = { groupName: 'db', description: 'db', vpcId: other };
    const db = must(cloud.ec2.createSecurityGroup(theirs)).groupId;
    const rule = { ...from(''), peer: { kind: 'group' as const, groupId: db } };
    must(cloud.ec2.authorizeSecurityGroupEgress({ groupId, rules: [rule] }));
    expect(must(cloud.ec2.describeSecurityGroupReferences({ groupIds: [db] }))).toEqual([
      { groupId: db, referencingVpcId: vpcId, vpcPeeringConnectionId: peering },
    ]);
    expect(must(cloud.ec2.describeStaleSecurityGroups({ vpcId }))).toEqual([]);
    must(cloud.ec2.deleteVpcPeeringConnection({ vpcPeeringConnectionId: peering }));
    const stale = must(cloud.ec2.describeStaleSecurityGroups({ vpcId }));
    expect(stale.map(({ group }) => group.groupId)).toEqual([groupId]);
  });
});

describe('an instance', () => {
  const launch = (associatePublicIpAddress: boolean) =>
    must(
      cloud.ec2.runInstances({
        imageId: 'ami-1',
        instanceType: 'm5.large',
        minCount: 1,
        maxCount: 1,
        subnetId: subnet('10.0.1.0/24'),
        associatePublicIpAddress,
      }),
    )[0]!;
  const now = (instanceId: string) =>
    must(cloud.ec2.describeInstances({ instanceIds: [instanceId] }))[0]!;

  test('that stops keeps its private address and gives the lent public one back', () => {
    const { instanceId, privateIpAddress, publicIpAddress } = launch(true);
    must(cloud.ec2.stopInstances({ instanceIds: [instanceId] }));
    expect(now(instanceId)).toMatchObject({ state: 'stopped', publicIpAddress: undefined });
    must(cloud.ec2.startInstances({ instanceIds: [instanceId] }));
    const again = now(instanceId);
    expect(again).toMatchObject({ state: 'running', privateIpAddress });
    expect(again.publicIpAddress).not.toBe(publicIpAddress);
    expect(again.publicIpAddress).toMatch(/^\d/);
  });

  test('changes its type only while it is stopped, and is gone once it is terminated', () => {
    const { instanceId } = launch(false);
    const bigger = { instanceId, instanceType: 'm5.xlarge' };
    expect(codeOf(cloud.ec2.modifyInstanceAttribute(bigger))).toBe('IncorrectInstanceState');
    must(cloud.ec2.stopInstances({ instanceIds: [instanceId] }));
    must(cloud.ec2.modifyInstanceAttribute(bigger));
    expect(now(instanceId).instanceType).toBe('m5.xlarge');
    must(cloud.ec2.terminateInstances({ instanceIds: [instanceId] }));
    expect(codeOf(cloud.ec2.startInstances({ instanceIds: [instanceId] }))).toBe(
      'IncorrectInstanceState',
    );
  });
});

describe('what is not simulated is refused, not taken', () => {
  test('a set of DHCP options with a name server of one’s own cannot be associated', () => {
    const [amazon] = must(cloud.ec2.describeDhcpOptions({}));
    expect(amazon!.configurations).toEqual([
      { key: 'domain-name', values: ['us-west-2.compute.internal'] },
      { key: 'domain-name-servers', values: ['AmazonProvidedDNS'] },
    ]);
    const own = (values: string[]) => {
      const configurations = [{ key: 'domain-name-servers', values }];
      return must(cloud.ec2.createDhcpOptions({ configurations })).dhcpOptionsId;
    };
    const bad = own(['10.0.0.2']);
    expect(codeOf(cloud.ec2.associateDhcpOptions({ dhcpOptionsId: bad, vpcId }))).toBe(
      'UnsupportedOperation',
    );
    const same = own(['AmazonProvidedDNS']);
    must(cloud.ec2.associateDhcpOptions({ dhcpOptionsId: same, vpcId }));
    expect(codeOf(cloud.ec2.deleteDhcpOptions({ dhcpOptionsId: same }))).toBe(
      'DependencyViolation',
    );
    expect(cloud.ec2.deleteDhcpOptions({ dhcpOptionsId: bad })).toBe(true);
  });
});

describe('what links a VPC', () => {
  test('an interface endpoint moves between subnets: interfaces come and go with them', () => {
    must(cloud.ec2.modifyVpcAttribute({ vpcId, enableDnsHostnames: true }));
    const a = subnet('10.0.1.0/24');
    const inB = { vpcId, cidrBlock: '10.0.2.0/24', availabilityZone: 'us-west-2b' };
    const b = must(cloud.ec2.createSubnet(inB)).subnetId;
    const service = {
      vpcId,
      serviceName: 'com.amazonaws.us-west-2.sts',
      type: 'Interface' as const,
    };
    const made = must(cloud.ec2.createVpcEndpoint({ ...service, subnetIds: [a] }));
    const vpcEndpointId = made.vpcEndpointId;
    const move = { vpcEndpointId, addSubnetIds: [b], removeSubnetIds: [a] };
    must(cloud.ec2.modifyVpcEndpoint(move));
    const [endpoint] = must(cloud.ec2.describeVpcEndpoints({ ids: [vpcEndpointId] }));
    expect(endpoint!.subnetIds).toEqual([b]);
    const enis = must(cloud.ec2.describeNetworkInterfaces({}));
    expect(enis.map(({ subnetId }) => subnetId)).toEqual([b]);
    expect(endpoint!.networkInterfaceIds).toEqual(enis.map((it) => it.networkInterfaceId));
  });

  test('a prefix list changes one version at a time', () => {
    const list = must(
      cloud.ec2.createManagedPrefixList({
        prefixListName: 'offices',
        addressFamily: 'IPv4',
        maxEntries: 2,
        entries: [{ cidr: '198.51.100.0/24' }],
      }),
    );
    const { prefixListId } = list;
    const more = { prefixListId, addEntries: [{ cidr: '203.0.113.0/24' }] };
    const changed = must(cloud.ec2.modifyManagedPrefixList({ ...more, currentVersion: 1 }));
    expect(changed).toMatchObject({ version: 2, entries: [{}, { cidr: '203.0.113.0/24' }] });
    expect(codeOf(cloud.ec2.modifyManagedPrefixList({ ...more, currentVersion: 1 }))).toBe(
      'PrefixListVersionMismatch',
    );
  });

  test('a flow log is made once for a resource and a destination', () => {
    const log = {
      resourceType: 'VPC',
      resourceIds: [vpcId],
      trafficType: 'ALL' as const,
      destinationType: 's3' as const,
      destination: 'arn:aws:s3:::logs',
    };
    expect(must(cloud.ec2.createFlowLogs(log)).flowLogIds).toHaveLength(1);
    const again = must(cloud.ec2.createFlowLogs(log));
    expect(again.flowLogIds).toEqual([]);
    expect(again.unsuccessful.map(({ error }) => error.code)).toEqual(['FlowLogAlreadyExists']);
  });
});
