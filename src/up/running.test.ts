import { describe, expect, test } from 'vitest';
import { SERVED } from '../api/running-twin.fixture.ts';
import { StorageError } from '../api/running-twin.ts';
import { buildTwin } from '../twin/build.ts';
import { smallCluster } from '../twin/small-cluster.fixture.ts';
import { inMemory, type Journal } from './keeping.ts';
import { Pacer, type Speed } from './pacer.ts';
import { runningTwin } from './running.ts';
import { WALL_CLOCK } from './wall-clock.ts';

const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
};

async function up(journal: Journal, speed: Speed = 1) {
  const files = [{ path: 'cluster.yaml', text: smallCluster(1) }];
  const twin = await buildTwin(files, { seed: 1, immediateEvents: true });
  await twin.settle();
  const failures: unknown[] = [];
  const pacer = new Pacer(twin.clock, WALL_CLOCK, speed, (cause) => failures.push(cause));
  pacer.start();
  return { twin, pacer, failures, running: runningTwin(twin, SERVED, pacer, journal) };
}

describe('a running twin', () => {
  test('a change is acknowledged when it is kept, not before', async () => {
    let keep = (): void => {};
    const kept = new Promise<void>((resolve) => {
      keep = resolve;
    });
    const { twin, pacer, running } = await up({ trouble: undefined, kept: () => kept });
    let acknowledged = false;
    const done = running
      .commit(() => twin.kubernetes.create(configMap))
      .then(() => {
        acknowledged = true;
      });
    await new Promise((next) => setTimeout(next, 20));
    expect(acknowledged).toBe(false);
    keep();
    await done;
    expect(acknowledged).toBe(true);
    pacer.stop();
  });

  test('while nothing can be kept no change is begun', async () => {
    const journal = { trouble: 'the disk is full', kept: () => Promise.resolve() };
    const { twin, pacer, running } = await up(journal);
    const { revision } = twin.store;
    const change = running.commit(() => twin.kubernetes.create(configMap));
    await expect(change).rejects.toThrow(StorageError);
    expect(twin.store.revision).toBe(revision);
    pacer.stop();
  });

  test('waits in the background are hurried for half a minute after a change, no longer', async () => {
    const { twin, pacer, running } = await up(inMemory(), 'max');
    const from = twin.clock.now();
    const passed = (): number => twin.clock.now() - from;
    await running.sleep(20_000, { background: true });
    expect(passed()).toBeGreaterThanOrEqual(20_000);
    let isOver = false;
    const later = running.sleep(25_000, { background: true }).then(() => {
      isOver = true;
    });
    await new Promise((next) => setTimeout(next, 100));
    expect(isOver).toBe(false);
    await running.commit(() => twin.kubernetes.create(configMap));
    await later;
    expect(passed()).toBeLessThan(60_000);
    pacer.stop();
  });

  test('a rollout follows a change by itself, and a wait is over when the twin’s time is', async () => {
    const { twin, pacer, failures, running } = await up(inMemory(), 'max');
    await running.commit(() =>
      twin.kubernetes.create({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }] },
          },
        },
      } as never),
    );
    const before = twin.clock.now();
    await running.sleep(120_000);
    expect(twin.clock.now()).toBeGreaterThanOrEqual(before + 120_000);
    expect(twin.store.get('Deployment', 'default/web')?.status?.readyReplicas).toBe(2);
    expect(failures).toEqual([]);
    pacer.stop();
  });
});
