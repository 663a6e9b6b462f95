import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../model/kubernetes/apps.ts';
import { conditionOf } from '../../model/kubernetes/condition.ts';
import { type TestCluster, testCluster } from './test-cluster.ts';

const deployment = (replicas: number, image = 'web:1', spec: object = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image }] },
    },
    ...spec,
  },
});

async function rolledOut(replicas: number, spec: object = {}): Promise<TestCluster> {
  const cluster = testCluster();
  cluster.addNode('node-a');
  cluster.create(deployment(replicas, 'web:1', spec));
  await cluster.clock.settle();
  return cluster;
}

const statusOf = ({ store }: TestCluster) => store.get('Deployment', 'default/web')!.status!;
const setsOf = ({ store }: TestCluster): ReplicaSet[] => store.list('ReplicaSet');

test('a Deployment makes one ReplicaSet named by its template and all its pods', async () => {
  const cluster = await rolledOut(4);
  const [set, ...others] = setsOf(cluster);
  expect(others).toEqual([]);
  expect(set!.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  expect(cluster.pods(`${set!.metadata.name}-`)).toHaveLength(4);
  expect(cluster.pods('web')[0]!.metadata.name).toMatch(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(statusOf(cluster)).toMatchObject({
    replicas: 4,
    updatedReplicas: 4,
    availableReplicas: 4,
  });
  expect(cluster.messages('web')).toContain(
    `Scaled up replica set ${set!.metadata.name} from 0 to 4`,
  );
});

test('a finished rollout says so in both conditions', async () => {
  const { conditions } = statusOf(await rolledOut(2));
  expect(conditionOf(conditions, 'Available')?.message).toBe(
    'Deployment has minimum availability.',
  );
  expect(conditionOf(conditions, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
  });
  expect(conditionOf(conditions, 'Progressing')?.message).toMatch(
    /^ReplicaSet "web-\w+" has successfully progressed\.$/,
  );
});

test('a rolling update of 8 asks for 10 pods at most and has 6 ready at least', async () => {
  const cluster = await rolledOut(8);
  const { store, kubernetes, clock } = cluster;
  let most = 0;
  let fewest = 8;
  store.subscribe('Pod', () => {
    const active = cluster.pods('web').filter((pod) => !pod.metadata.deletionTimestamp);
    most = Math.max(
      most,
      setsOf(cluster).reduce((sum, set) => sum + set.spec.replicas!, 0),
    );
    const ready = active.filter(
      (pod) => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True',
    );
    fewest = Math.min(fewest, ready.length);
  });
  const current = store.get('Deployment', 'default/web')!;
  kubernetes.update({ ...current, spec: deployment(8, 'web:2').spec });
  await clock.settle();
  expect(most).toBe(10);
  expect(fewest).toBe(6);
  expect(statusOf(cluster)).toMatchObject({ replicas: 8, updatedReplicas: 8 });
  expect(
    setsOf(cluster)
      .map((set) => set.spec.replicas)
      .sort(),
  ).toEqual([0, 8]);
  expect(store.get('Deployment', 'default/web')!.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '2',
  });
});

test('Recreate starts new pods only when the old ones are gone', async () => {
  const recreate = { strategy: { type: 'Recreate' as const } };
  const cluster = await rolledOut(3, recreate);
  const { store, kubernetes, clock } = cluster;
  const images = new Set<string>();
  store.subscribe('Pod', () => {
    images.add([...new Set(cluster.pods('web').map((it) => it.spec.containers[0]!.image))].join());
  });
  const current = store.get('Deployment', 'default/web')!;
  kubernetes.update({ ...current, spec: deployment(3, 'web:2', recreate).spec });
  await clock.settle();
  expect(images).toEqual(new Set(['web:1', '', 'web:2']));
  expect(statusOf(cluster).availableReplicas).toBe(3);
});

test('going back to an old template reuses its ReplicaSet as a new revision', async () => {
  const cluster = await rolledOut(2);
  const { store, kubernetes, clock } = cluster;
  const [first] = setsOf(cluster);
  for (const image of ['web:2', 'web:1']) {
    const current = store.get('Deployment', 'default/web')!;
    kubernetes.update({ ...current, spec: deployment(2, image).spec });
    await clock.settle();
  }
  const set = store.get('ReplicaSet', `default/${first!.metadata.name}`)!;
  expect(setsOf(cluster)).toHaveLength(2);
  expect(set.spec.replicas).toBe(2);
  expect(set.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/revision-history': '1',
  });
});

test('scaling a Deployment resizes its ReplicaSet', async () => {
  const cluster = await rolledOut(2);
  const { store, kubernetes, clock } = cluster;
  for (const replicas of [5, 1]) {
    const current = store.get('Deployment', 'default/web')!;
    kubernetes.update({ ...current, spec: { ...current.spec, replicas } });
    await clock.settle();
    expect(cluster.pods('web')).toHaveLength(replicas);
  }
});

test('a pod whose label is taken off is let go and replaced', async () => {
  const cluster = await rolledOut(2);
  const [pod] = cluster.pods('web');
  cluster.kubernetes.update({ ...pod!, metadata: { ...pod!.metadata, labels: { app: 'aside' } } });
  await cluster.clock.settle();
  expect(cluster.pods('web')).toHaveLength(3);
  const aside = cluster.store.get('Pod', `default/${pod!.metadata.name}`)!;
  expect(aside.metadata.ownerReferences ?? []).toEqual([]);
});

test('a rollout that stops moving is out of time after progressDeadlineSeconds', async () => {
  const cluster = testCluster();
  cluster.create(deployment(1));
  await cluster.clock.settle();
  expect(conditionOf(statusOf(cluster).conditions, 'Progressing')?.status).toBe('True');
  await cluster.clock.runUntil(610_000);
  expect(conditionOf(statusOf(cluster).conditions, 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
  });
});
