import { describe, expect, test } from 'vitest';
import { must } from '../../cloud/cloud.fixture.ts';
import { balanced } from '../../cloud/elbv2/elbv2.fixture.ts';
import type { CreateTargetGroupInput } from '../../cloud/elbv2/operations.ts';
import type { TargetHealth } from '../../model/elbv2/target-group.ts';
import { ElbHealth } from './elb-health.ts';

const TIMEOUT: TargetHealth = {
  state: 'unhealthy',
  reason: 'Target.Timeout',
  description: 'Request timed out',
};

/** One load balancer, one group, and a network that answers as `answer` says. */
function checked(input: Partial<CreateTargetGroupInput> = {}, type?: 'network') {
  const world = balanced();
  const { cloud, clock, store } = world;
  const world_ = { answer: { state: 'healthy' } as TargetHealth, walks: 0 };
  const checker = {
    check: () => {
      world_.walks++;
      return world_.answer;
    },
  };
  const protocol = type === 'network' ? 'TCP' : 'HTTP';
  const { loadBalancerArn } = world.balancer(type === undefined ? {} : { type });
  const { targetGroupArn } = world.group({
    protocol,
    healthCheck: { intervalSeconds: 15, healthyThresholdCount: 2, unhealthyThresholdCount: 2 },
    ...input,
  });
  const health = new ElbHealth(clock, store, checker, cloud.targetHealth);
  return {
    ...world,
    ...{ health, targetGroupArn, network: world_ },
    listen: () =>
      must(
        cloud.elbv2.createListener({
          loadBalancerArn,
          port: 80,
          protocol,
          defaultActions: [{ type: 'forward', targetGroups: [{ targetGroupArn }] }],
        }),
      ),
    register: (id: string) =>
      must(cloud.elbv2.registerTargets({ targetGroupArn, targets: [{ id, port: 8080 }] })),
    deregister: (id: string) =>
      must(cloud.elbv2.deregisterTargets({ targetGroupArn, targets: [{ id, port: 8080 }] })),
    said: () => store.lookup('elbv2/target', 'target-group', targetGroupArn).map((it) => it.health),
    opens: (cidr: string) => {
      const [group] = store.list('ec2/security-group');
      const peer = { kind: 'ipv4', cidr } as const;
      const rule = { protocol: 'tcp', fromPort: 8080, toPort: 8080, peer };
      must(cloud.ec2.authorizeSecurityGroupIngress({ groupId: group!.groupId, rules: [rule] }));
    },
  };
}

describe('a target', () => {
  test('nobody forwards to is not asked', async () => {
    const it = checked();
    it.register('10.0.0.9');
    await it.clock.settle();
    expect(it.said()[0]).toMatchObject({ state: 'unused', reason: 'Target.NotInUse' });
    expect(it.network.walks).toBe(0);
  });

  test('is healthy after one check that it passes, and then costs no time', async () => {
    const it = checked();
    it.listen();
    it.register('10.0.0.9');
    await it.clock.settle();
    expect(it.said()).toEqual([{ state: 'healthy' }]);
    expect(it.network.walks).toBe(1);
  });

  test('that fails twice is unhealthy, with what AWS says of it', async () => {
    const it = checked();
    it.listen();
    it.network.answer = TIMEOUT;
    await it.clock.settle();
    it.register('10.0.0.9');
    const beganMs = it.clock.now();
    expect(it.said()[0]).toMatchObject({ reason: 'Elb.RegistrationInProgress' });
    await it.clock.runUntil(beganMs + 15_000);
    expect(it.said()[0]).toMatchObject({ state: 'initial', reason: 'Elb.InitialHealthChecking' });
    await it.clock.settle();
    expect(it.said()).toEqual([TIMEOUT]);
    // Nothing changed between the two checks: it was walked once.
    expect(it.network.walks).toBe(1);
  });

  test('comes back after two checks once a rule lets the load balancer in', async () => {
    const it = checked();
    it.listen();
    it.network.answer = TIMEOUT;
    it.register('10.0.0.9');
    await it.clock.settle();
    it.network.answer = { state: 'healthy' };
    const openedMs = it.clock.now();
    it.opens('10.0.0.0/16');
    await it.clock.settle();
    expect(it.said()).toEqual([{ state: 'healthy' }]);
    expect(it.clock.now() - openedMs).toBeGreaterThan(15_000);
    expect(it.clock.now() - openedMs).toBeLessThanOrEqual(30_000);
  });

  test('that is healthy is not asked again because a rule opens more', async () => {
    const it = checked();
    it.listen();
    it.register('10.0.0.9');
    await it.clock.settle();
    it.opens('10.0.0.0/16');
    await it.clock.settle();
    expect(it.network.walks).toBe(1);
  });

  test('drains for five minutes, and begins anew when it is registered meanwhile', async () => {
    const it = checked();
    it.listen();
    it.register('10.0.0.9');
    await it.clock.settle();
    it.deregister('10.0.0.9');
    expect(it.said()[0]).toMatchObject({ state: 'draining' });
    it.register('10.0.0.9');
    expect(it.said()[0]).toMatchObject({ reason: 'Elb.RegistrationInProgress' });
    await it.clock.settle();
    expect(it.said()).toEqual([{ state: 'healthy' }]);
    it.deregister('10.0.0.9');
    await it.clock.settle();
    expect(it.said()).toEqual([]);
  });

  test('of a network load balancer is known a minute and a half after it came', async () => {
    const it = checked({}, 'network');
    it.listen();
    await it.clock.settle();
    const cameMs = it.clock.now();
    it.register('10.0.0.9');
    await it.clock.settle();
    expect(it.said()).toEqual([{ state: 'healthy' }]);
    expect(it.clock.now() - cameMs).toBeGreaterThanOrEqual(90_000);
    expect(it.clock.now() - cameMs).toBeLessThan(105_001);
  });
});
