/** A whole twin: built, changed, forked, exported; and the same again from the same seed. */
import { describe, expect, test } from 'vitest';
import { exportTwin } from '../formats/index.ts';
import { isAwsError } from '../model/aws-error.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { forkTwin } from './fork.ts';
import { deploymentText, settledTwin, smallCluster } from './small-cluster.fixture.ts';
import type { Twin } from './twin.ts';

const CLUSTER = smallCluster(2);

const APP = deploymentText('default', 'web', 4, '{name: web, image: nginx}');

const settled = (seed = 1): Promise<Twin> => settledTwin(CLUSTER, APP, seed);

const running = (twin: Twin): number =>
  twin.store.list('Pod').filter(({ metadata, status }) => {
    return metadata.labels?.app === 'web' && status?.phase === 'Running';
  }).length;

const scaled = (twin: Twin, replicas: number): KubernetesObject => {
  const web = twin.store.get('Deployment', 'default/web')!;
  return { ...web, spec: { ...web.spec, replicas } };
};

const exported = (twin: Twin): string => JSON.stringify(exportTwin(twin.store, twin.exportMeta()));

describe('a twin', () => {
  test('comes up from a ClusterConfig with every pod Running on an address of its subnet', async () => {
    const twin = await settled();
    expect(running(twin)).toBe(4);
    for (const pod of twin.store.list('Pod')) expect(pod.status?.podIP).toMatch(/^10\.30\./);
    // Nothing is left to do: settling again takes no time.
    const before = twin.clock.now();
    await twin.settle();
    expect(twin.clock.now()).toBe(before);
  });

  test('is the same byte for byte from the same seed, and another from another', async () => {
    expect(exported(await settled(7))).toBe(exported(await settled(7)));
    expect(exported(await settled(7))).not.toBe(exported(await settled(8)));
  });

  test('takes changes, and gives a deleted pod’s address back after its cooldown', async () => {
    const twin = await settled();
    expect(twin.apply([scaled(twin, 10)])).toEqual([]);
    await twin.settle();
    expect(running(twin)).toBe(10);
    twin.apply([scaled(twin, 0)]);
    await twin.settle();
    expect(running(twin)).toBe(0);
    const pools = twin.store.list('Node').map(({ metadata }) => twin.nodePool(metadata.name)!);
    expect(pools.flatMap(({ cards }) => cards.map((card) => card.assignedIps))).toHaveLength(2);
  });

  test('refuses what the API server refuses, in its words', async () => {
    const twin = await settled();
    const bad = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'A', namespace: 'default' } };
    expect(twin.apply([bad])[0]?.message).toContain('Pod "A" is invalid');
  });

  test('forks: what is changed in the fork is not changed in the twin', async () => {
    const twin = await settled();
    const before = exported(twin);
    const fork = await forkTwin(twin);
    await fork.settle();
    // A fork at rest is its twin: daemons that start again find nothing to do.
    expect(exported(fork)).toBe(before);
    fork.apply([scaled(fork, 30)]);
    await fork.settle();
    expect(running(fork)).toBe(30);
    expect(running(twin)).toBe(4);
    expect(exported(twin)).toBe(before);
  });

  test('says how a cluster upgrade finds no room for its new X-ENIs', async () => {
    const twin = await settled();
    const cluster = twin.store.list('eks/cluster')[0]!;
    for (const subnetId of cluster.subnetIds) {
      for (;;) {
        const taken = twin.cloud.ec2.createNetworkInterface({ subnetId, description: 'full' });
        if (isAwsError(taken)) break;
      }
    }
    const upgraded = twin.cloud.eks.updateClusterVersion({ name: 'small', version: '1.34' });
    expect(isAwsError(upgraded)).toBe(true);
  });
});
