import { expect, test } from 'vitest';
import type { DaemonSet } from '../../model/kubernetes/apps.ts';
import { testCluster } from './test-cluster.ts';

const daemonSet = (image = 'cni:1', spec: object = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'aws-node', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { app: 'aws-node' } },
    template: {
      metadata: { labels: { app: 'aws-node' } },
      spec: { hostNetwork: true, containers: [{ name: 'cni', image }] },
    },
    ...spec,
  },
});

test('a DaemonSet puts one pod on every node it means, also on cordoned ones', async () => {
  const cluster = testCluster();
  cluster.addNode('a');
  cluster.addNode('b', { unschedulable: true });
  cluster.addNode('c', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });
  cluster.create(daemonSet());
  await cluster.clock.settle();
  expect(
    cluster
      .pods('aws-node')
      .map((pod) => pod.spec.nodeName)
      .sort(),
  ).toEqual(['a', 'b']);
  cluster.addNode('d');
  await cluster.clock.settle();
  expect(cluster.store.get('DaemonSet', 'kube-system/aws-node')!.status).toMatchObject({
    desiredNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 3,
    numberMisscheduled: 0,
  });
});

test('set env rolls the pods one node at a time', async () => {
  const cluster = testCluster();
  for (const name of ['a', 'b', 'c']) cluster.addNode(name);
  cluster.create(daemonSet());
  await cluster.clock.settle();
  let fewest = 3;
  cluster.store.subscribe('Pod', () => {
    const up = cluster
      .pods('aws-node')
      .filter((it) => it.status?.phase === 'Running' && !it.metadata.deletionTimestamp);
    fewest = Math.min(fewest, up.length);
  });
  const current = cluster.store.get('DaemonSet', 'kube-system/aws-node')!;
  cluster.kubernetes.update({ ...current, spec: daemonSet('cni:2').spec });
  await cluster.clock.settle();
  expect(fewest).toBe(2);
  const images = cluster.pods('aws-node').map((pod) => pod.spec.containers[0]!.image);
  expect(images).toEqual(['cni:2', 'cni:2', 'cni:2']);
});

test('with surge the new pod is up before the old one goes', async () => {
  const rolling = { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
  const cluster = testCluster();
  for (const name of ['a', 'b']) cluster.addNode(name);
  cluster.create(daemonSet('cni:1', rolling));
  await cluster.clock.settle();
  let fewest = 2;
  cluster.store.subscribe('Pod', () => {
    const up = cluster
      .pods('aws-node')
      .filter((it) => it.status?.phase === 'Running' && !it.metadata.deletionTimestamp);
    fewest = Math.min(fewest, up.length);
  });
  const current = cluster.store.get('DaemonSet', 'kube-system/aws-node')!;
  cluster.kubernetes.update({ ...current, spec: daemonSet('cni:2', rolling).spec });
  await cluster.clock.settle();
  expect(fewest).toBe(2);
  expect(cluster.pods('aws-node').map((it) => it.spec.containers[0]!.image)).toEqual([
    'cni:2',
    'cni:2',
  ]);
});
