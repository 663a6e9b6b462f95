import { expect, test } from 'vitest';
import { must } from '../cloud.fixture.ts';
import { balanced } from './elbv2.fixture.ts';

const forward = (targetGroupArn: string) =>
  [{ type: 'forward', targetGroups: [{ targetGroupArn }] }] as const;

test('a target is unused until a listener forwards to its group, then it is being registered', () => {
  const { cloud, balancer, group } = balanced();
  const { loadBalancerArn } = balancer();
  const { targetGroupArn } = group();
  const health = () =>
    must(cloud.elbv2.describeTargetHealth({ targetGroupArn })).map((it) => it.health);
  must(cloud.elbv2.registerTargets({ targetGroupArn, targets: [{ id: '10.0.0.20' }] }));
  expect(health()).toMatchObject([
    {
      state: 'unused',
      reason: 'Target.NotInUse',
      description: 'Target group is not configured to receive traffic from the load balancer',
    },
  ]);
  const listener = must(
    cloud.elbv2.createListener({
      loadBalancerArn,
      port: 80,
      protocol: 'HTTP',
      defaultActions: forward(targetGroupArn),
    }),
  );
  expect(health()).toMatchObject([{ state: 'initial', reason: 'Elb.RegistrationInProgress' }]);
  cloud.targetHealth.setTargetHealth(
    { targetGroupArn, id: '10.0.0.20', port: 8080 },
    { state: 'healthy' },
  );
  expect(health()).toEqual([{ state: 'healthy' }]);
  must(cloud.elbv2.deleteListener(listener));
  expect(health()).toMatchObject([{ state: 'unused' }]);
});

test('a deregistered target drains for the delay of its group', async () => {
  const { cloud, clock, balancer, group } = balanced();
  const { targetGroupArn } = group();
  const { loadBalancerArn } = balancer();
  must(
    cloud.elbv2.createListener({
      loadBalancerArn,
      port: 80,
      protocol: 'HTTP',
      defaultActions: forward(targetGroupArn),
    }),
  );
  const targets = [{ id: '10.0.1.20' }];
  must(cloud.elbv2.registerTargets({ targetGroupArn, targets }));
  must(cloud.elbv2.deregisterTargets({ targetGroupArn, targets }));
  expect(must(cloud.elbv2.describeTargetHealth({ targetGroupArn }))).toMatchObject([
    { health: { state: 'draining', reason: 'Target.DeregistrationInProgress' } },
  ]);
  await clock.runUntil(clock.now() + 299_000);
  expect(must(cloud.elbv2.describeTargetHealth({ targetGroupArn }))).toHaveLength(1);
  await clock.runUntil(clock.now() + 2_000);
  expect(must(cloud.elbv2.describeTargetHealth({ targetGroupArn }))).toEqual([]);
});

test('an address outside the VPC needs an availability zone, an instance has to run in the VPC', () => {
  const { cloud, group } = balanced();
  const { targetGroupArn } = group();
  const register = (id: string, availabilityZone?: string) =>
    cloud.elbv2.registerTargets({ targetGroupArn, targets: [{ id, availabilityZone }] });
  expect(register('10.9.0.1')).toMatchObject({
    code: 'ValidationError',
    message:
      "The Availability Zone is required for IP address '10.9.0.1' because it is not in the VPC",
  });
  expect(register('10.0.0.9', 'all')).toMatchObject({
    message:
      "The IP address '10.0.0.9' is within the VPC, and cannot have its Availability Zone " +
      "overridden to 'all' from 'us-west-2a'",
  });
  expect(register('10.9.0.1', 'all')).toEqual({ kind: 'done' });
  expect(register('8.8.8.8', 'all')).toMatchObject({ code: 'ValidationError' });
  const nodes = group({ name: 'nodes', targetType: 'instance' });
  expect(
    cloud.elbv2.registerTargets({
      targetGroupArn: nodes.targetGroupArn,
      targets: [{ id: 'i-0123' }],
    }),
  ).toMatchObject({ code: 'InvalidTarget' });
});

test('a target in a zone the load balancer is not in is unused, until the zone is enabled', () => {
  const { cloud, vpc, balancer, group, a, b } = balanced();
  must(
    cloud.ec2.createSubnet({
      vpcId: vpc.vpcId,
      cidrBlock: '10.0.5.0/24',
      availabilityZone: 'us-west-2c',
    }),
  );
  const c = must(cloud.ec2.describeSubnets({})).find((it) => it.cidrBlock === '10.0.5.0/24')!;
  const { loadBalancerArn } = balancer();
  const { targetGroupArn } = group();
  must(
    cloud.elbv2.createListener({
      loadBalancerArn,
      port: 80,
      protocol: 'HTTP',
      defaultActions: forward(targetGroupArn),
    }),
  );
  must(cloud.elbv2.registerTargets({ targetGroupArn, targets: [{ id: '10.0.5.20' }] }));
  const health = () => must(cloud.elbv2.describeTargetHealth({ targetGroupArn }))[0]!.health;
  expect(health()).toMatchObject({
    state: 'unused',
    description: 'Target is in an Availability Zone that is not enabled for the load balancer',
  });
  must(cloud.elbv2.setSubnets({ loadBalancerArn, subnetMappings: [a, b, c] }));
  expect(health().state).toBe('initial');
});

test('targets over the quota of a group or a load balancer are all refused', () => {
  const { cloud, balancer, group } = balanced({
    quotas: { targetsPerTargetGroup: 2, targetsPerApplicationLoadBalancer: 3 },
  });
  const { loadBalancerArn } = balancer();
  const one = group();
  const two = group({ name: 'two' });
  for (const [i, it] of [one, two].entries())
    must(
      cloud.elbv2.createListener({
        loadBalancerArn,
        port: 80 + i,
        protocol: 'HTTP',
        defaultActions: forward(it.targetGroupArn),
      }),
    );
  const register = ({ targetGroupArn }: { targetGroupArn: string }, count: number) =>
    cloud.elbv2.registerTargets({
      targetGroupArn,
      targets: Array.from({ length: count }, (_, i) => ({ id: `10.0.0.${20 + i}` })),
    });
  expect(register(one, 3)).toMatchObject({ code: 'TooManyTargets' });
  must(register(one, 2));
  expect(register(two, 2)).toMatchObject({
    code: 'TooManyTargets',
    message:
      "The maximum number of targets per load balancer '3' has been reached on load balancer " +
      `'${loadBalancerArn}'`,
  });
  must(register(two, 1));
});
