import { describe, expect, test } from 'vitest';
import { must } from '../../../cloud/cloud.fixture.ts';
import { taken } from '../../../cluster/cluster.fixture.ts';
import { bindingWorld } from './binding.fixture.ts';

const SHARED = 'elbv2.k8s.aws/targetGroupBinding=shared';

describe('targets by address', () => {
  test('ready pods are registered, and let in from the group the binding names', async () => {
    const world = bindingWorld();
    const balancer = world.group_('balancer');
    const { targetGroupArn } = world.group();
    const node = world.node('n1');
    const pods = [world.pod('p1', node), world.pod('p2', node)];
    world.service();
    world.slice(pods);
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: {
        ingress: [
          {
            from: [{ securityGroup: { groupID: balancer } }],
            ports: [{ protocol: 'TCP', port: 8080 }],
          },
        ],
      },
    });
    world.start();
    await world.settle();
    expect(world.targets(targetGroupArn)).toEqual(
      pods.map(({ status }) => `${status!.podIP}:8080 unused`).sort(),
    );
    expect(world.rules(world.nodeGroup)).toEqual([`tcp 8080-8080 ${balancer} ${SHARED}`]);
    expect(world.events()).toEqual(['SuccessfullyReconciled: Successfully reconciled']);
    const binding = world.store.get('TargetGroupBinding', 'default/web')!;
    expect(binding.metadata.finalizers).toEqual(['elbv2.k8s.aws/resources']);
    expect(binding.metadata.annotations?.['elbv2.k8s.aws/checkpoint']).toMatch(
      /^[\w-]{43}\/[\w-]{43}$/,
    );
    expect(binding.status?.observedGeneration).toBe(1);
  });

  test('a pod that leaves is deregistered; deleting the binding takes targets and rules', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const node = world.node('n1');
    const pods = [world.pod('p1', node), world.pod('p2', node)];
    world.service();
    world.slice(pods);
    const from = [{ ipBlock: { cidr: '10.0.0.0/16' } }];
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: { ingress: [{ from, ports: [{ port: 'http' }] }] },
    });
    world.start();
    await world.settle();
    expect(world.rules(world.nodeGroup)).toEqual([`tcp 8080-8080 10.0.0.0/16 ${SHARED}`]);
    world.slice([pods[0]!]);
    await world.settle();
    expect(world.targets(targetGroupArn)).toEqual([`${pods[0]!.status!.podIP}:8080 unused`]);
    world.kubernetes.delete('TargetGroupBinding', 'default/web');
    await world.settle();
    expect(world.targets(targetGroupArn)).toEqual([]);
    expect(world.rules(world.nodeGroup)).toEqual([]);
    expect(world.store.get('TargetGroupBinding', 'default/web')).toBeUndefined();
  });

  test('ports 80 and 8443 of the same source open everything between them', async () => {
    const world = bindingWorld();
    const balancer = world.group_('balancer');
    const { targetGroupArn } = world.group();
    const node = world.node('n1');
    world.service();
    world.slice([world.pod('p1', node)]);
    const from = [{ securityGroup: { groupID: balancer } }];
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: { ingress: [{ from, ports: [{ port: 80 }, { port: 8443 }] }] },
    });
    world.start();
    await world.settle();
    expect(world.rules(world.nodeGroup)).toEqual([`tcp 80-8443 ${balancer} ${SHARED}`]);
  });

  test('two tagged groups on an interface: targets are registered, rules are not', async () => {
    const world = bindingWorld();
    const second = world.group_('second', { 'kubernetes.io/cluster/demo': 'owned' });
    const { targetGroupArn } = world.group();
    const node = world.node('n1', {}, [world.nodeGroup, second]);
    world.service();
    world.slice([world.pod('p1', node)]);
    const from = [{ ipBlock: { cidr: '10.0.0.0/16' } }];
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
      networking: { ingress: [{ from, ports: [{ port: 8080 }] }] },
    });
    world.start();
    await world.settle();
    const [eni] = world.store
      .list('ec2/network-interface')
      .filter(({ attachment }) => attachment?.instanceId !== undefined);
    const both = [world.nodeGroup, second].sort().join(' ');
    expect(world.events()).toEqual([
      'FailedNetworkReconcile: expected exactly one securityGroup tagged with ' +
        `kubernetes.io/cluster/demo for eni ${eni!.networkInterfaceId}, got: [${both}] ` +
        '(clusterName: demo)',
    ]);
    expect(world.targets(targetGroupArn)).toHaveLength(1);
    must(world.cloud.ec2.deleteTags({ resources: [second], keys: ['kubernetes.io/cluster/demo'] }));
    await world.settle();
    expect(world.rules(world.nodeGroup)).toEqual([`tcp 8080-8080 10.0.0.0/16 ${SHARED}`]);
    expect(world.events()).toContain('SuccessfullyReconciled: Successfully reconciled');
  });

  test('a Service that is gone takes all targets with it, and says so', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group();
    const node = world.node('n1');
    world.service();
    world.slice([world.pod('p1', node)]);
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'ip' });
    world.start();
    await world.settle();
    expect(world.targets(targetGroupArn)).toHaveLength(1);
    world.kubernetes.delete('Service', 'default/web');
    world.kubernetes.delete('EndpointSlice', 'default/web-1');
    await world.settle();
    expect(world.targets(targetGroupArn)).toEqual([]);
    expect(world.events()).toContain('BackendNotFound: backend not found: Service "web" not found');
  });

  test('a pod with our gate is registered before it is ready, and ready once healthy', async () => {
    const world = bindingWorld();
    const gate = 'target-health.elbv2.k8s.aws/web';
    const { targetGroupArn } = world.group();
    const { loadBalancerArn } = world.balancer();
    must(
      world.cloud.elbv2.createListener({
        loadBalancerArn,
        port: 80,
        protocol: 'HTTP',
        defaultActions: [{ type: 'forward', targetGroups: [{ targetGroupArn }] }],
      }),
    );
    const node = world.node('n1');
    world.service();
    const pod = world.pod('p1', node, { readinessGates: [{ conditionType: gate }] });
    world.slice([pod], false);
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'ip' });
    world.start();
    await world.settle();
    const said = () =>
      world.store.get('Pod', 'default/p1')!.status!.conditions!.find(({ type }) => type === gate);
    expect(said()).toMatchObject({ status: 'False', reason: 'Elb.RegistrationInProgress' });
    const since = Math.floor(world.clock.now() / 15_000) * 15_000;
    await world.clock.runUntil(since + 20_000);
    world.cloud.targetHealth.setTargetHealth(
      { targetGroupArn, id: pod.status!.podIP!, port: 8080 },
      { state: 'healthy' },
    );
    await world.settle();
    expect(said()).toMatchObject({ status: 'True' });
    // Looked at every fifteen seconds, no sooner because it got healthy after five of them.
    expect(Math.round((world.clock.now() - since) / 1_000)).toBe(30);
    expect(world.events()).toContain('SuccessfullyReconciled: Successfully reconciled');
  });
});

describe('targets by instance', () => {
  test('nodes are registered at the node port, without those that are left out', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group({ targetType: 'instance', port: 1 });
    const exclude = 'node.kubernetes.io/exclude-from-external-load-balancers';
    const kept = world.node('n1');
    world.node('n2', { labels: { [exclude]: '' } });
    const { spec } = world.service({ type: 'NodePort' });
    const port = spec.ports![0]!.nodePort!;
    const from = [{ ipBlock: { cidr: '10.0.0.0/16' } }];
    world.binding({
      targetGroupARN: targetGroupArn,
      targetType: 'instance',
      networking: { ingress: [{ from, ports: [{ port }] }] },
    });
    world.start();
    await world.settle();
    const instanceId = kept.spec.providerID!.split('/').at(-1);
    expect(world.targets(targetGroupArn)).toEqual([`${instanceId}:${port} unused`]);
    expect(world.rules(world.nodeGroup)).toEqual([`tcp ${port}-${port} 10.0.0.0/16 ${SHARED}`]);
  });

  test('a tainted node leaves, a new one comes, and nobody polls', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group({ targetType: 'instance', port: 1 });
    const first = world.node('n1');
    world.service({ type: 'NodePort' });
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'instance' });
    world.start();
    await world.settle();
    expect(world.targets(targetGroupArn)).toHaveLength(1);
    const second = world.node('n2');
    const taint = { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' as const };
    taken(world.kubernetes.update({ ...first, spec: { ...first.spec, taints: [taint] } }));
    await world.settle();
    const instanceId = second.spec.providerID!.split('/').at(-1);
    expect(world.targets(targetGroupArn)).toEqual([expect.stringContaining(instanceId!)]);
  });

  test('a ClusterIP Service has no node port to register', async () => {
    const world = bindingWorld();
    const { targetGroupArn } = world.group({ targetType: 'instance', port: 1 });
    world.node('n1');
    world.service();
    world.binding({ targetGroupARN: targetGroupArn, targetType: 'instance' });
    world.start();
    await world.clock.settle(1_000);
    expect(world.events()).toEqual([
      "FailedReconcile: Failed reconcile due to service type must be either 'NodePort' or " +
        "'LoadBalancer': default/web",
    ]);
    expect(world.targets(targetGroupArn)).toEqual([]);
  });
});
