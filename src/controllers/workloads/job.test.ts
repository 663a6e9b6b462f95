import { expect, test } from 'vitest';
import type { CronJob, Job } from '../../model/kubernetes/apps.ts';
import { type Fate, testCluster } from './test-cluster.ts';

const job = (spec: object = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'sum', namespace: 'default' },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'sum', image: 'sum:1' }] } },
    ...spec,
  },
});

const run = async (fate: Fate, spec: object = {}) => {
  const cluster = testCluster(() => fate);
  cluster.addNode('node-a');
  cluster.create(job(spec));
  await cluster.clock.settle();
  return { ...cluster, status: cluster.store.get('Job', 'default/sum')!.status! };
};

const conditionsOf = ({ conditions }: NonNullable<Job['status']>) =>
  conditions!.map(({ type, reason }) => `${type} ${reason}`);

test('a Job completes when enough pods have succeeded', async () => {
  const { status, pods, messages } = await run('Succeeded', { completions: 5, parallelism: 2 });
  expect(status).toMatchObject({ succeeded: 5 });
  expect(status.active).toBeUndefined();
  expect(conditionsOf(status)).toEqual([
    'SuccessCriteriaMet CompletionsReached',
    'Complete CompletionsReached',
  ]);
  expect(pods('sum-')).toHaveLength(5);
  expect(pods('sum-')[0]!.metadata.finalizers ?? []).toEqual([]);
  expect(messages('sum')).toContain('Job completed');
});

test('a Job whose pods fail gives up after backoffLimit, waiting longer each time', async () => {
  const { status, clock } = await run('Failed', { backoffLimit: 2 });
  expect(status).toMatchObject({ failed: 3 });
  expect(conditionsOf(status)).toEqual([
    'FailureTarget BackoffLimitExceeded',
    'Failed BackoffLimitExceeded',
  ]);
  // 10 s after the first failure, 20 s after the second.
  expect(clock.now()).toBeGreaterThan(30_000);
});

test('an indexed Job runs every index once', async () => {
  const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 3 };
  const { status, pods } = await run('Succeeded', indexed);
  expect(status.completedIndexes).toBe('0-3');
  const hosts = pods('sum-').map((pod) => pod.spec.hostname);
  expect(hosts.sort()).toEqual(['sum-0', 'sum-1', 'sum-2', 'sum-3']);
});

test('a Job is deleted ttlSecondsAfterFinished after its end', async () => {
  const { store, clock } = await run('Succeeded', { ttlSecondsAfterFinished: 30 });
  await clock.runUntil(60_000);
  const left = store.get('Job', 'default/sum');
  expect(left === undefined || left.metadata.deletionTimestamp !== undefined).toBe(true);
});

test('a CronJob runs when its time comes, and settling does not make it come', async () => {
  const cluster = testCluster(() => 'Succeeded');
  cluster.addNode('node-a');
  const cron: CronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: 'default' },
    spec: { schedule: '*/10 * * * *', jobTemplate: { spec: job().spec } },
  };
  cluster.create(cron);
  await cluster.clock.settle();
  expect(cluster.store.list('Job')).toEqual([]);
  await cluster.clock.runUntil(65 * 60_000);
  const jobs = cluster.store.list('Job').filter((it) => !it.metadata.deletionTimestamp);
  // Six runs in 65 minutes; the last three are kept.
  expect(jobs).toHaveLength(3);
  // 2026-01-01T01:00Z, in minutes since 1970.
  expect(jobs.map((it) => it.metadata.name)).toContain('nightly-29453820');
  expect(cluster.store.get('CronJob', 'default/nightly')!.status?.lastScheduleTime).toBe(
    '2026-01-01T01:00:00Z',
  );
});
