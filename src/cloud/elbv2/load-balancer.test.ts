import { describe, expect, test } from 'vitest';
import { codeOf, must } from '../cloud.fixture.ts';
import { balanced } from './elbv2.fixture.ts';

const forward = (targetGroupArn: string) =>
  [{ type: 'forward', targetGroups: [{ targetGroupArn }] }] as const;

describe('a new load balancer', () => {
  test('stands in each subnet with an interface of AWS that takes an address', () => {
    const { cloud, a, balancer, interfaces } = balanced();
    const before = cloud.addresses.available(a);
    const web = balancer();
    expect(cloud.addresses.available(a)).toBe(before - 1);
    const id = web.loadBalancerArn.split('/').at(-1);
    expect(interfaces()).toMatchObject([
      {
        description: `ELB app/web/${id}`,
        interfaceType: 'interface',
        requesterManaged: true,
        requesterId: 'amazon-elb',
        groups: web.securityGroups,
      },
      { subnetId: web.zones[1]!.subnetId },
    ]);
    expect(interfaces()[0]!.privateIpAddresses[0]!.public?.publicIp).toMatch(/^\d/);
  });

  test('is called after its region, in the zone where AWS keeps such names', () => {
    const { balancer } = balanced();
    expect(balancer()).toMatchObject({
      dnsName: expect.stringMatching(/^web-\d{10}\.us-west-2\.elb\.amazonaws\.com$/),
      canonicalHostedZoneId: 'Z1H1FL5HABSF5',
    });
    expect(balancer({ name: 'in', scheme: 'internal' }).dnsName).toMatch(/^internal-in-\d{10}\./);
    expect(balancer({ name: 'net', type: 'network' })).toMatchObject({
      dnsName: expect.stringMatching(/^net-[0-9a-f]{16}\.elb\.us-west-2\.amazonaws\.com$/),
      canonicalHostedZoneId: 'Z18D5FSROUN65G',
      securityGroups: [],
    });
  });

  test('is provisioning for minutes, then active', async () => {
    const { cloud, clock, balancer } = balanced();
    const { loadBalancerArn, state } = balancer();
    expect(state).toBe('provisioning');
    await clock.settle(600_000);
    const [now] = must(cloud.elbv2.describeLoadBalancers({ loadBalancerArns: [loadBalancerArn] }));
    expect(now!.state).toBe('active');
  });

  test('is the same one when asked for twice with the same settings, an error with others', () => {
    const { cloud, balancer, a, b } = balanced();
    const web = balancer();
    expect(balancer()).toBe(web);
    const other = cloud.elbv2.createLoadBalancer({
      name: 'web',
      scheme: 'internal',
      subnetMappings: [a, b],
    });
    expect(codeOf(other)).toBe('DuplicateLoadBalancerName');
  });
});

describe('what AWS refuses of a load balancer', () => {
  test('one zone for an application load balancer, two subnets in one zone, a subnet nobody has', () => {
    const { cloud, vpc, a } = balanced();
    const again = must(
      cloud.ec2.createSubnet({
        vpcId: vpc.vpcId,
        cidrBlock: '10.0.2.0/24',
        availabilityZone: 'us-west-2a',
      }),
    );
    const create = (...subnetIds: string[]) =>
      cloud.elbv2.createLoadBalancer({
        name: 'web',
        subnetMappings: subnetIds.map((subnetId) => ({ subnetId })),
      });
    expect(create(a.subnetId)).toMatchObject({
      code: 'ValidationError',
      message: 'At least two subnets in two different Availability Zones must be specified',
    });
    expect(create(a.subnetId, again.subnetId)).toMatchObject({
      code: 'InvalidConfigurationRequest',
      message:
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    });
    expect(create(a.subnetId, 'subnet-1')).toMatchObject({ code: 'SubnetNotFound' });
  });

  test('a subnet with fewer than eight free addresses; nothing is left behind', () => {
    const { cloud, vpc, a, interfaces } = balanced();
    const small = must(
      cloud.ec2.createSubnet({
        vpcId: vpc.vpcId,
        cidrBlock: '10.0.3.0/28',
        availabilityZone: 'us-west-2b',
      }),
    );
    for (let i = 0; i < 4; i++)
      must(cloud.ec2.createNetworkInterface({ subnetId: small.subnetId }));
    const result = cloud.elbv2.createLoadBalancer({ name: 'web', subnetMappings: [a, small] });
    // 16 addresses, 5 AWS's, 4 taken: 7 are left.
    expect(result).toMatchObject({
      code: 'InvalidSubnet',
      message:
        `Not enough IP space available in ${small.subnetId}. ELB requires at least 8 free IP ` +
        'addresses in each subnet.',
    });
    expect(interfaces()).toEqual([]);
  });
});

test('a deleted load balancer takes its listeners along, its interfaces some seconds later', async () => {
  const { cloud, clock, store, balancer, group, interfaces, vpc } = balanced();
  const { groupId } = must(
    cloud.ec2.createSecurityGroup({ groupName: 'lb', description: 'lb', vpcId: vpc.vpcId }),
  );
  const { loadBalancerArn } = balancer({ securityGroups: [groupId] });
  const { targetGroupArn } = group();
  must(
    cloud.elbv2.createListener({
      loadBalancerArn,
      port: 80,
      protocol: 'HTTP',
      defaultActions: forward(targetGroupArn),
    }),
  );
  expect(codeOf(cloud.elbv2.deleteTargetGroup({ targetGroupArn }))).toBe('ResourceInUse');
  must(cloud.elbv2.deleteLoadBalancer({ loadBalancerArn }));
  expect(store.count('elbv2/listener')).toBe(0);
  expect(codeOf(cloud.ec2.deleteSecurityGroup({ groupId }))).toBe('DependencyViolation');
  await clock.settle(60_000);
  expect(interfaces()).toEqual([]);
  must(cloud.ec2.deleteSecurityGroup({ groupId }));
  must(cloud.elbv2.deleteTargetGroup({ targetGroupArn }));
});

test('deletion protection keeps a load balancer', () => {
  const { cloud, balancer } = balanced();
  const { loadBalancerArn } = balancer();
  must(
    cloud.elbv2.modifyLoadBalancerAttributes({
      loadBalancerArn,
      attributes: { 'deletion_protection.enabled': 'true' },
    }),
  );
  expect(cloud.elbv2.deleteLoadBalancer({ loadBalancerArn })).toMatchObject({
    code: 'OperationNotPermitted',
    message: `Load balancer '${loadBalancerArn}' cannot be deleted because deletion protection is enabled`,
  });
});
