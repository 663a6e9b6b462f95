import { describe, expect, test } from 'vitest';
import { instance, NODE, World } from './kubelet.fixture.ts';

describe('a twin is opened again', () => {
  test('pods that run are taken as running: no second ADD and no new events', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('stays');
    await world.clock.settle();
    const again = new World();
    for (const kind of ['ec2/instance', 'Node', 'Pod'] as const) {
      for (const { key, value } of world.store.entries(kind)) again.store.put(kind, key, value);
    }
    again.start();
    await again.clock.settle();
    expect(again.pool.adds).toBe(0);
    expect(again.events).toEqual([]);
    again.markDeleted('stays');
    await again.clock.settle();
    expect(again.pool.deleted).toEqual(['stays']);
  });

  test('the twin hears of a system agent that starts, is found running, and stops', async () => {
    const world = new World();
    await world.joined();
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', uid: 'd', controller: true },
    ];
    world.store.put('Pod', 'kube-system/aws-node-x', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'aws-node-x', namespace: 'kube-system', uid: 'u', ownerReferences },
      spec: { containers: [{ name: 'aws-node', image: 'a:1' }], nodeName: NODE, hostNetwork: true },
    });
    await world.clock.settle();
    expect(world.hooked).toEqual(['started aws-node-x']);
    expect(world.store.get('Pod', 'kube-system/aws-node-x')?.status?.podIP).toBe('10.0.1.9');
    world.store.delete('Pod', 'kube-system/aws-node-x');
    await world.clock.settle();
    expect(world.hooked).toEqual(['started aws-node-x', 'stopped aws-node-x']);
  });
});

test('kubelets that have stopped touch nothing more; the next ones take over', async () => {
  const world = new World();
  world.store.put('ec2/instance', 'i-0aaa', instance());
  const first = world.start();
  await world.clock.settle();
  world.pool.free.push('10.0.1.20', '10.0.1.21', '10.0.1.22', '10.0.1.23');
  world.bind('web');
  world.bind('late', { containers: [{ name: 'web', image: 'slow:1' }] });
  await world.clock.runUntil(world.clock.now() + 100);
  first.stop();
  await world.clock.settle();
  expect(world.pod('late')?.status?.phase).toBe('Pending');
  world.start();
  await world.clock.settle();
  expect(world.pod('web')?.status?.phase).toBe('Running');
  expect(world.pod('late')?.status?.phase).toBe('Running');
  // Nobody worked on the pod twice.
  expect(world.reasons('late').filter((reason) => reason === 'Started')).toHaveLength(1);
});
