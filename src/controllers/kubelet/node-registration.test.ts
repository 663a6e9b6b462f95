import { describe, expect, test } from 'vitest';
import { instance, NODE, World } from './kubelet.fixture.ts';

describe('a node joins', () => {
  test('an instance of a node group becomes a Ready node 25 to 45 seconds after launch', async () => {
    const world = new World();
    await world.joined();
    const node = world.node()!;
    expect(node.metadata.labels).toMatchObject({
      'eks.amazonaws.com/nodegroup': 'workers',
      'node.kubernetes.io/instance-type': 'm5.large',
      'topology.kubernetes.io/zone': 'us-west-2a',
      'topology.kubernetes.io/region': 'us-west-2',
      team: 'blue',
    });
    expect(node.spec.providerID).toBe('aws:///us-west-2a/i-0aaa');
    expect(node.spec.taints).toEqual([]);
    expect(node.status?.capacity).toMatchObject({ cpu: '2', pods: '29' });
    expect(node.status?.allocatable).toMatchObject({ cpu: '1930m', pods: '29' });
    expect(node.status?.nodeInfo?.kubeletVersion).toMatch(/^v1\.33\.\d+-eks-/);
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
    });
    expect(world.clock.now()).toBeGreaterThan(25_000);
    expect(world.clock.now()).toBeLessThan(51_000);
    expect(world.reasons(NODE)).toEqual([
      'Starting',
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeHasSufficientPID',
      'NodeAllocatableEnforced',
      'NodeReady',
    ]);
  });

  test('a node stays NotReady and tainted until the network plugin is initialized', async () => {
    const world = new World();
    world.pool.ready = false;
    await world.joined();
    expect(world.node()?.spec.taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
    expect(world.node()?.status?.conditions?.at(-1)).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady ' +
        'message:Network plugin returns error: cni plugin not initialized',
    });
    world.pool.ready = true;
    world.pool.give();
    await world.clock.settle();
    expect(world.node()?.status?.conditions?.at(-1)?.status).toBe('True');
  });

  test('an instance that is in no node group stays outside the cluster', async () => {
    const world = new World();
    world.store.put('ec2/instance', 'i-0aaa', { ...instance(), tags: {} });
    world.start();
    await world.clock.settle();
    expect(world.store.count('Node')).toBe(0);
  });
});
