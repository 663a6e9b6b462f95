import { expect, test } from 'vitest';
import type { StatefulSet } from '../../model/kubernetes/apps.ts';
import { testCluster } from './test-cluster.ts';

const statefulSet = (replicas: number, image = 'db:1', spec: object = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: {
      metadata: { labels: { app: 'db' } },
      spec: { containers: [{ name: 'db', image }] },
    },
    ...spec,
  },
});

const started = (spec: object = {}) => {
  const cluster = testCluster();
  cluster.addNode('node-a');
  const created: string[] = [];
  const deleted: string[] = [];
  cluster.store.subscribe('Pod', ({ value, previous }) => {
    if (previous === undefined) created.push(`${value!.metadata.name}@${cluster.clock.now()}`);
    if (value === undefined) deleted.push(previous!.metadata.name);
  });
  cluster.create(statefulSet(3, 'db:1', spec));
  return { ...cluster, created, deleted };
};

test('ordered pods start one after the other, each when the one before is ready', async () => {
  const { clock, created, pods } = started();
  await clock.settle();
  const times = created.map((it) => Number(it.split('@')[1]));
  expect(created.map((it) => it.split('@')[0])).toEqual(['db-0', 'db-1', 'db-2']);
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1_000);
  expect(pods('db-1')[0]!.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' });
});

test('parallel pods start together', async () => {
  const { clock, created } = started({ podManagementPolicy: 'Parallel' });
  await clock.settle();
  expect(new Set(created.map((it) => it.split('@')[1])).size).toBe(1);
});

test('a rolling update replaces from the highest ordinal down to the partition', async () => {
  const { clock, kubernetes, store, deleted, pods } = started();
  await clock.settle();
  const current = store.get('StatefulSet', 'default/db')!;
  const updateStrategy = { type: 'RollingUpdate' as const, rollingUpdate: { partition: 1 } };
  kubernetes.update({ ...current, spec: statefulSet(3, 'db:2', { updateStrategy }).spec });
  await clock.settle();
  expect(deleted).toEqual(['db-2', 'db-1']);
  const images = pods('db').map((pod) => `${pod.metadata.name} ${pod.spec.containers[0]!.image}`);
  expect(images.sort()).toEqual(['db-0 db:1', 'db-1 db:2', 'db-2 db:2']);
  kubernetes.delete('Pod', 'default/db-0');
  await clock.settle();
  // Below the partition the old template comes back.
  expect(store.get('Pod', 'default/db-0')!.spec.containers[0]!.image).toBe('db:1');
});

test('a set shrinks from the highest ordinal', async () => {
  const { clock, kubernetes, store, deleted } = started();
  await clock.settle();
  const current = store.get('StatefulSet', 'default/db')!;
  kubernetes.update({ ...current, spec: { ...current.spec, replicas: 1 } });
  await clock.settle();
  expect(deleted).toEqual(['db-2', 'db-1']);
  expect(store.get('StatefulSet', 'default/db')!.status).toMatchObject({ readyReplicas: 1 });
});
