/**
 * Goal: what a binding does with targets and rules that are not its own alone.
 * Method: the controller over a real store and AWS's verbs.
 */
import { describe, expect, test } from 'vitest';
import { must } from '../../../cloud/cloud.fixture.ts';
import { taken } from '../../../cluster/cluster.fixture.ts';
import { bindingWorld } from './binding.fixture.ts';

const SHARED = 'elbv2.k8s.aws/targetGroupBinding=shared';
const FROM_VPC = [{ ipBlock: { cidr: '10.0.0.0/16' } }];

describe('a target group that clusters share', () => {
  test('keeps the targets of others, and a list of its own in a ConfigMap', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const targets = [{ id: '10.0.0.200', port: 8080 }];
    must(world.cloud.elbv2.registerTargets({ targetGroupArn, targets }));
    const node = world.node('n1');
    const pods = [world.pod('p1', node), world.pod('p2', node)];
    const [first, second] = pods.map(({ status }) => status!.podIP!);
    world.service();
    world.slice(pods);
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      multiClusterTargetGroup: true,
    });
    world.start();
    await world.settle();
    const kept = () => world.store.get('ConfigMap', 'default/aws-lbc-targets-web')?.data?.targets;
    expect(kept()?.split(',').sort()).toEqual([`${first}:8080`, `${second}:8080`].sort());
    world.slice([pods[0]!]);
    await world.settle();
    expect(world.targets(targetGroupArn)).toEqual(
      [`10.0.0.200:8080 unused`, `${first}:8080 unused`].sort(),
    );
    expect(kept()).toBe(`${first}:8080`);
    world.kubernetes.delete('TargetGroupBinding', 'default/web');
    await world.settle();
    expect(world.targets(targetGroupArn)).toEqual(['10.0.0.200:8080 unused']);
    expect(kept()).toBeUndefined();
  });

  test('of one cluster loses what somebody else registered', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const targets = [{ id: '10.0.0.200', port: 8080 }];
    must(world.cloud.elbv2.registerTargets({ targetGroupArn, targets }));
    world.service();
    world.slice([world.pod('p1', world.node('n1'))]);
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'ip' });
    world.start();
    await world.settle();
    expect(world.targets(targetGroupArn)).toHaveLength(1);
    expect(world.targets(targetGroupArn)[0]).not.toContain('10.0.0.200');
  });
});

describe('pods outside the VPC', () => {
  test('are registered for all zones', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const node = world.node('n1');
    const pod = world.pod('p1', node);
    const status = { ...pod.status, podIP: '100.64.1.9' };
    const outside = taken(world.kubernetes.updateStatus({ ...pod, status }));
    world.service();
    world.slice([outside]);
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'ip' });
    world.start();
    await world.settle();
    expect(world.store.list('elbv2/target')).toMatchObject([
      { id: '100.64.1.9', availabilityZone: 'all' },
    ]);
  });

  test('with rules to write, no interface is found for them', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const pod = world.pod('p1', world.node('n1'));
    const status = { ...pod.status, podIP: '100.64.1.9' };
    world.service();
    world.slice([taken(world.kubernetes.updateStatus({ ...pod, status }))]);
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: { ingress: [{ from: FROM_VPC, ports: [{ port: 8080 }] }] },
    });
    world.start();
    await world.settle();
    expect(world.events()).toEqual([
      'FailedNetworkReconcile: cannot resolve pod ENI for pods: [default/p1]',
    ]);
    expect(world.targets(targetGroupArn)).toHaveLength(1);
  });
});

describe('rules on a node group', () => {
  test('a rule of nobody alive goes once every binding was looked at', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const stale = {
      protocol: 'tcp',
      fromPort: 9000,
      toPort: 9000,
      peer: { kind: 'ipv4', cidr: '10.9.0.0/16' } as const,
    };
    must(
      world.cloud.ec2.authorizeSecurityGroupIngress({
        groupId: world.nodeGroup,
        rules: [
          { ...stale, description: SHARED },
          { ...stale, fromPort: 9001, toPort: 9001, description: 'somebody else wrote this' },
        ],
      }),
    );
    world.service();
    world.slice([world.pod('p1', world.node('n1'))]);
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: { ingress: [{ from: FROM_VPC, ports: [{ port: 8080 }] }] },
    });
    world.start();
    await world.settle();
    expect(world.rules(world.nodeGroup)).toEqual([
      'tcp 9001-9001 10.9.0.0/16 somebody else wrote this',
      `tcp 8080-8080 10.0.0.0/16 ${SHARED}`,
    ]);
  });

  test('while one binding cannot be computed, rules are added and none is taken', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const other = world.group({ name: 'other', targetType: 'instance', port: 1 });
    const peer = { kind: 'ipv4', cidr: '10.9.0.0/16' } as const;
    const stale = { protocol: 'tcp', fromPort: 9000, toPort: 9000, peer, description: SHARED };
    must(
      world.cloud.ec2.authorizeSecurityGroupIngress({ groupId: world.nodeGroup, rules: [stale] }),
    );
    world.service();
    world.slice([world.pod('p1', world.node('n1'))]);
    const networking = { ingress: [{ from: FROM_VPC, ports: [{ port: 8080 }] }] };
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'ip', networking });
    // A ClusterIP Service has no node port: this one fails before its rules are known.
    taken(
      world.kubernetes.create({
        apiVersion: 'elbv2.k8s.aws/v1beta1',
        kind: 'TargetGroupBinding',
        metadata: { name: 'broken', namespace: 'default' },
        spec: {
          targetGroupARN: other.targetGroupArn,
          targetType: 'instance',
          serviceRef: { name: 'web', port: 80 },
          networking,
        },
      }),
    );
    world.start();
    await world.clock.settle(5_000);
    expect(world.rules(world.nodeGroup)).toEqual([
      `tcp 9000-9000 10.9.0.0/16 ${SHARED}`,
      `tcp 8080-8080 10.0.0.0/16 ${SHARED}`,
    ]);
    world.kubernetes.delete('TargetGroupBinding', 'default/broken');
    await world.settle();
    expect(world.rules(world.nodeGroup)).toEqual([`tcp 8080-8080 10.0.0.0/16 ${SHARED}`]);
  });

  test('more rules than a group may have: the binding says so, its targets are there', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const from = Array.from({ length: 61 }, (_, i) => ({ ipBlock: { cidr: `10.1.${i}.0/24` } }));
    world.service();
    world.slice([world.pod('p1', world.node('n1'))]);
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: { ingress: [{ from, ports: [{ port: 8080 }] }] },
    });
    world.start();
    await world.clock.settle(60_000);
    expect(world.events()).toEqual([
      'FailedNetworkReconcile: api error RulesPerSecurityGroupLimitExceeded: ' +
        'The maximum number of rules per security group has been reached.',
    ]);
    expect(world.targets(targetGroupArn)).toHaveLength(1);
  });
});

test('with a most of targets, the rest waits', async () => {
  const world = bindingWorld({ maxTargetsPerTargetGroup: 1 });
  const { targetGroupArn } = world.group();
  const node = world.node('n1');
  world.service();
  world.slice([world.pod('p1', node), world.pod('p2', node)]);
  world.binding({ targetGroupARN: targetGroupArn, targetType: 'ip' });
  world.start();
  await world.settle();
  expect(world.targets(targetGroupArn)).toHaveLength(1);
});
