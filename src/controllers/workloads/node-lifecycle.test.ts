import { expect, test } from 'vitest';
import type { Instance } from '../../model/ec2/instance.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { setReady, testCluster } from './test-cluster.ts';

const pod = (name: string, nodeName: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [{ name: 'c', image: 'c:1' }] },
});

const taintsOf = ({ store }: ReturnType<typeof testCluster>, name: string): string[] =>
  (store.get('Node', name)!.spec.taints ?? []).map((it) => `${it.key}:${it.effect}`);

test('a node that is not ready is tainted, and its pods leave after five minutes', async () => {
  const cluster = testCluster();
  const { clock, store, kubernetes } = cluster;
  cluster.addNode('a');
  cluster.create(pod('web', 'a'));
  await clock.settle();
  const downMs = clock.now();
  setReady(kubernetes, store, clock, 'a', 'False');
  await clock.runUntil(downMs + 290_000);
  expect(taintsOf(cluster, 'a')).toEqual([
    'node.kubernetes.io/not-ready:NoSchedule',
    'node.kubernetes.io/not-ready:NoExecute',
  ]);
  expect(store.get('Pod', 'default/web')!.metadata.deletionTimestamp).toBeUndefined();
  await clock.runUntil(downMs + 310_000);
  expect(store.get('Pod', 'default/web')).toBeUndefined();
  expect(cluster.messages('web')).toContain('Marking for deletion Pod default/web');
});

test('a node that recovers in time keeps its pods', async () => {
  const cluster = testCluster();
  const { clock, store, kubernetes } = cluster;
  cluster.addNode('a');
  cluster.create(pod('web', 'a'));
  await clock.settle();
  setReady(kubernetes, store, clock, 'a', 'False');
  await clock.runUntil(clock.now() + 60_000);
  setReady(kubernetes, store, clock, 'a', 'True');
  await clock.settle();
  expect(taintsOf(cluster, 'a')).toEqual([]);
  expect(store.get('Pod', 'default/web')!.metadata.deletionTimestamp).toBeUndefined();
  expect(cluster.messages('web')).toContain('Cancelling deletion of Pod default/web');
  expect(clock.now()).toBeLessThan(100_000);
});

test('a cordoned node is tainted unschedulable', async () => {
  const cluster = testCluster();
  cluster.addNode('a', { unschedulable: true });
  await cluster.clock.settle();
  expect(taintsOf(cluster, 'a')).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
});

test('a terminated instance takes its node and then its pods with it', async () => {
  const cluster = testCluster();
  const { clock, store } = cluster;
  const instance = { instanceId: 'i-1', state: 'running' } as unknown as Instance;
  store.put('ec2/instance', 'i-1', instance);
  cluster.addNode('a', { providerID: 'aws:///us-west-2a/i-1' });
  cluster.create(pod('web', 'a'));
  await clock.settle();
  store.put('ec2/instance', 'i-1', { ...instance, state: 'terminated' });
  await clock.settle();
  expect(store.get('Node', 'a')).toBeUndefined();
  expect(store.get('Pod', 'default/web')).toBeUndefined();
  expect(cluster.messages('a')).toContain(
    'Deleting node a because it does not exist in the cloud provider',
  );
});

test('controllers that have stopped evict nobody, whatever they were waiting for', async () => {
  const cluster = testCluster();
  const { clock, store, kubernetes } = cluster;
  cluster.addNode('a');
  cluster.create(pod('web', 'a'));
  await clock.settle();
  setReady(kubernetes, store, clock, 'a', 'False');
  await clock.runUntil(clock.now() + 10_000);
  cluster.stop();
  const stoppedMs = clock.now();
  await clock.settle();
  // The five minutes the pod tolerates are not waited for either.
  expect(clock.now() - stoppedMs).toBeLessThan(1_000);
  expect(store.get('Pod', 'default/web')!.metadata.deletionTimestamp).toBeUndefined();
});
