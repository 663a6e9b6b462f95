import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { controllerReference } from '../model/kubernetes/meta.ts';
import { ControllerRun } from '../sim/controller.ts';
import {
  deployment,
  pod,
  refused,
  type TestCluster,
  taken,
  testCluster,
} from './cluster.fixture.ts';
import { garbageCollector } from './garbage-collector.ts';
import { namespaceDefaults, publishRootCertificate } from './namespace-defaults.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

function running(): TestCluster {
  const cluster = testCluster();
  const { clock, store, kubernetes } = cluster;
  new ControllerRun(clock, store, garbageCollector(store, kubernetes));
  new ControllerRun(clock, store, namespaceLifecycle(store, kubernetes));
  new ControllerRun(clock, store, namespaceDefaults(store, kubernetes));
  return cluster;
}

/** A Deployment, its ReplicaSet and a pod of it. */
function chain({ kubernetes }: TestCluster): KubernetesObject {
  const owner = taken(kubernetes.create(deployment('web')));
  const set = deployment('web-1');
  const replicaSet = taken(
    kubernetes.create({
      ...set,
      kind: 'ReplicaSet',
      metadata: { ...set.metadata, ownerReferences: [controllerReference(owner)] },
    }),
  );
  const given = pod('web-1-a');
  const ownerReferences = [controllerReference(replicaSet)];
  taken(kubernetes.create({ ...given, metadata: { ...given.metadata, ownerReferences } }));
  return owner;
}

describe('the garbage collector', () => {
  it('deletes what a Deployment made after it', async () => {
    const cluster = running();
    chain(cluster);
    cluster.kubernetes.delete('Deployment', 'default/web');
    expect(cluster.store.count('ReplicaSet')).toBe(1);
    await cluster.clock.settle();
    expect([cluster.store.count('ReplicaSet'), cluster.store.count('Pod')]).toEqual([0, 0]);
  });

  it('keeps the Deployment until its dependents are gone when asked to', async () => {
    const cluster = running();
    chain(cluster);
    const { store, kubernetes } = cluster;
    kubernetes.bind('default/web-1-a', 'node-1');
    kubernetes.delete('Deployment', 'default/web', { propagation: 'Foreground' });
    await cluster.clock.settle();
    expect(store.get('Pod', 'default/web-1-a')?.metadata.deletionTimestamp).toBeDefined();
    expect([store.count('Deployment'), store.count('ReplicaSet')]).toEqual([1, 1]);
    kubernetes.delete('Pod', 'default/web-1-a', { gracePeriodSeconds: 0 });
    await cluster.clock.settle();
    expect([store.count('Deployment'), store.count('ReplicaSet')]).toEqual([0, 0]);
  });

  it('leaves dependents on their own when asked to', async () => {
    const cluster = running();
    chain(cluster);
    cluster.kubernetes.delete('Deployment', 'default/web', { propagation: 'Orphan' });
    await cluster.clock.settle();
    expect(cluster.store.count('Deployment')).toBe(0);
    const [set] = cluster.store.list('ReplicaSet');
    expect(set?.metadata.ownerReferences).toBeUndefined();
    expect(cluster.store.count('Pod')).toBe(1);
  });

  it('deletes an object whose owner never was', async () => {
    const cluster = running();
    const given = pod('lost');
    const owner = { ...deployment('gone'), metadata: { name: 'gone', uid: 'no-such-uid' } };
    const ownerReferences = [controllerReference(owner)];
    taken(
      cluster.kubernetes.create({ ...given, metadata: { ...given.metadata, ownerReferences } }),
    );
    await cluster.clock.settle();
    expect(cluster.store.count('Pod')).toBe(0);
  });
});

describe('namespaces', () => {
  it('have a ServiceAccount and the root certificate, and get them back', async () => {
    const { clock, store, kubernetes } = running();
    await clock.settle();
    expect(store.count('ServiceAccount')).toBe(4);
    kubernetes.delete('ServiceAccount', 'default/default');
    await clock.settle();
    expect(store.get('ServiceAccount', 'default/default')).toBeDefined();
    expect(store.get('ConfigMap', 'kube-system/kube-root-ca.crt')).toBeDefined();
  });

  it('have the certificate that the API is served with, new ones too', async () => {
    const { clock, store, kubernetes } = running();
    await clock.settle();
    publishRootCertificate(store, kubernetes, 'PEM');
    const { revision } = store;
    publishRootCertificate(store, kubernetes, 'PEM');
    expect(store.revision).toBe(revision);
    taken(kubernetes.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
    await clock.settle();
    for (const name of ['default', 'kube-system', 'shop'])
      expect(store.get('ConfigMap', `${name}/kube-root-ca.crt`)?.data).toEqual({ 'ca.crt': 'PEM' });
  });

  it('go when their contents have gone, and take nothing new meanwhile', async () => {
    const { clock, store, kubernetes } = running();
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
    taken(kubernetes.create(namespace));
    taken(kubernetes.create({ ...pod('a'), metadata: { name: 'a', namespace: 'shop' } }));
    kubernetes.bind('shop/a', 'node-1');
    const foreign = { apiVersion: 'x.example.com/v1', kind: 'Thing' };
    taken(kubernetes.create({ ...foreign, metadata: { name: 't', namespace: 'shop' } }));
    expect(kubernetes.delete('Namespace', 'shop')).toBe(true);
    await clock.settle();
    expect(store.get('Namespace', 'shop')?.status?.phase).toBe('Terminating');
    expect(store.count('Unknown')).toBe(0);
    const late = { ...pod('b'), metadata: { name: 'b', namespace: 'shop' } };
    expect(refused(kubernetes.create(late)).message).toBe(
      'pods "b" is forbidden: unable to create new content in namespace shop ' +
        'because it is being terminated',
    );
    kubernetes.delete('Pod', 'shop/a', { gracePeriodSeconds: 0 });
    await clock.settle();
    expect(store.get('Namespace', 'shop')).toBeUndefined();
  });
});
