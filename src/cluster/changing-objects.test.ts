import { describe, expect, it } from 'vitest';
import type { Pod, Service } from '../model/kubernetes/core.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { deployment, pod, refused, service, taken, testCluster } from './cluster.fixture.ts';
import { LAST_APPLIED } from './patch-object.ts';

describe('updating', () => {
  it('keeps status, counts changes of the spec, and writes nothing for nothing', () => {
    const { kubernetes, store } = testCluster();
    const made = taken(kubernetes.create(deployment('web')));
    taken(kubernetes.updateStatus({ ...made, status: { replicas: 1 } }));
    const { revision } = store;
    const live = store.get('Deployment', 'default/web')!;
    taken(kubernetes.update({ ...live, status: { replicas: 9 } } as KubernetesObject));
    expect(store.revision).toBe(revision);
    const spec = { ...live.spec, replicas: 3 };
    const after = taken(kubernetes.update({ ...live, spec } as KubernetesObject));
    expect(after.metadata.generation).toBe(2);
    expect(after.status).toEqual({ replicas: 1 });
  });

  it('refuses a writer that read an older revision', () => {
    const { kubernetes, store } = testCluster();
    const made = taken(kubernetes.create(service('web')));
    const read = store.entry('Service', 'default/web')!.revision;
    const labels = { a: 'b' };
    taken(kubernetes.update({ ...made, metadata: { ...made.metadata, labels } }, read));
    expect(refused(kubernetes.update(made, read))).toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on services "web": the object has been ' +
        'modified; please apply your changes to the latest version and try again',
    });
  });

  it('refuses another ClusterIP, gives one back when the Service becomes an alias', () => {
    const { kubernetes } = testCluster();
    const made = taken(kubernetes.create(service('web', { clusterIP: '10.100.9.9' })));
    const moved = { ...made, spec: { ...made.spec, clusterIP: '10.100.9.10' } };
    expect(refused(kubernetes.update(moved)).message).toBe(
      'Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ' +
        '[]string{"10.100.9.10"}: may not change once set',
    );
    const alias = { ...made.spec, type: 'ExternalName' as const, externalName: 'a.example.com' };
    const after = taken(kubernetes.update({ ...made, spec: alias }));
    expect(after.spec.clusterIP).toBeUndefined();
    taken(kubernetes.create(service('next', { clusterIP: '10.100.9.9' })));
  });

  it('keeps the node port of a port the writer left out, and frees it with the type', () => {
    const { kubernetes } = testCluster();
    const ports = [{ port: 80, nodePort: 30_100 }];
    const made = taken(kubernetes.create(service('web', { type: 'NodePort', ports })));
    const written = service('web', { type: 'NodePort', ports: [{ port: 80 }, { port: 81 }] });
    const named = written.spec.ports!.map((port) => ({ ...port, name: `p${port.port}` }));
    const after = taken(kubernetes.update({ ...written, spec: { ...written.spec, ports: named } }));
    expect(after.spec.clusterIP).toBe(made.spec.clusterIP);
    expect(after.spec.ports![0]!.nodePort).toBe(30_100);
    const inside = taken(
      kubernetes.patch('Service', 'default/web', 'merge', { spec: { type: 'ClusterIP' } }),
    ) as Service;
    expect(inside.spec.ports!.map((it) => it.nodePort)).toEqual([undefined, undefined]);
    taken(kubernetes.create(service('other', { type: 'NodePort', ports })));
  });

  it('lets an image of a pod change and nothing else', () => {
    const { kubernetes } = testCluster();
    const made = taken(kubernetes.create(pod('a')));
    const containers = [{ ...made.spec.containers[0]!, image: 'web:2' }];
    taken(kubernetes.update({ ...made, spec: { ...made.spec, containers } }));
    const status = refused(
      kubernetes.update({ ...made, spec: { ...made.spec, hostNetwork: true } }),
    );
    expect(status.message).toContain('pod updates may not change fields other than');
  });

  it('binds a pod once', () => {
    const { kubernetes, store } = testCluster();
    taken(kubernetes.create(pod('a')));
    expect(kubernetes.bind('default/a', 'node-1')).toBe(true);
    expect(store.get('Pod', 'default/a')?.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'True' },
    ]);
    expect(refused(kubernetes.bind('default/a', 'node-2')).message).toBe(
      'Operation cannot be fulfilled on pods/binding "a": pod a is already ' +
        'assigned to node "node-1"',
    );
  });
});

describe('kubectl apply', () => {
  it('removes what is no longer written and keeps what others set', () => {
    const { kubernetes } = testCluster();
    const first = deployment('web', { replicas: 2, minReadySeconds: 5 });
    taken(kubernetes.apply(first));
    const scale = { spec: { replicas: 7 } };
    taken(kubernetes.patch('Deployment', 'default/web', 'merge', scale));
    const env = [{ name: 'A', value: '1' }];
    taken(
      kubernetes.patch('Deployment', 'default/web', 'strategic', {
        spec: { template: { spec: { containers: [{ name: 'web', env }] } } },
      }),
    );
    const after = taken(kubernetes.apply(deployment('web')));
    const spec = after.spec as { minReadySeconds?: number; replicas: number; template: Pod };
    expect(spec.minReadySeconds).toBeUndefined();
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.containers[0]!.env).toEqual(env);
    expect(JSON.parse(after.metadata.annotations![LAST_APPLIED]!)).toMatchObject({
      kind: 'Deployment',
    });
  });

  it('changes nothing when the same is applied twice', () => {
    const { kubernetes, store } = testCluster();
    taken(kubernetes.apply(service('web', { type: 'LoadBalancer' })));
    const { revision } = store;
    taken(kubernetes.apply(service('web', { type: 'LoadBalancer' })));
    expect(store.revision).toBe(revision);
  });

  it('replaces lists of custom resources whole', () => {
    const { kubernetes } = testCluster();
    const config = (groups: string[]): KubernetesObject => ({
      apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
      kind: 'ENIConfig',
      metadata: { name: 'us-west-2a' },
      spec: { subnet: 'subnet-1', securityGroups: groups },
    });
    taken(kubernetes.apply(config(['sg-1', 'sg-2'])));
    const after = taken(kubernetes.apply(config(['sg-3'])));
    expect(after.spec).toEqual({ subnet: 'subnet-1', securityGroups: ['sg-3'] });
  });
});

describe('deleting', () => {
  it('gives a running pod its grace, and lets the kubelet end it', () => {
    const { kubernetes, store } = testCluster();
    taken(kubernetes.create(pod('a')));
    kubernetes.bind('default/a', 'node-1');
    expect(kubernetes.delete('Pod', 'default/a')).toBe(true);
    expect(store.get('Pod', 'default/a')?.metadata).toMatchObject({
      deletionGracePeriodSeconds: 30,
      deletionTimestamp: '2026-01-01T00:00:30Z',
    });
    expect(kubernetes.delete('Pod', 'default/a', { gracePeriodSeconds: 0 })).toBe(true);
    expect(store.get('Pod', 'default/a')).toBeUndefined();
  });

  it('ends a pod no node runs at once', () => {
    const { kubernetes, store } = testCluster();
    taken(kubernetes.create(pod('a')));
    kubernetes.delete('Pod', 'default/a');
    expect(store.count('Pod')).toBe(0);
  });

  it('waits for the last finalizer', () => {
    const { kubernetes, store } = testCluster();
    const given = service('web');
    const finalizers = ['service.kubernetes.io/load-balancer-cleanup'];
    const made = taken(
      kubernetes.create({ ...given, metadata: { ...given.metadata, finalizers } }),
    );
    kubernetes.delete('Service', 'default/web');
    const leaving = store.get('Service', 'default/web')!;
    expect(leaving.metadata.deletionTimestamp).toBeDefined();
    taken(kubernetes.update({ ...leaving, metadata: { ...leaving.metadata, finalizers: [] } }));
    expect(store.get('Service', 'default/web')).toBeUndefined();
    taken(kubernetes.create(service('next', { clusterIP: made.spec.clusterIP })));
  });

  it('says what is not there, and what may not go', () => {
    const { kubernetes } = testCluster();
    const gone = refused(kubernetes.delete('Deployment', 'default/web'));
    expect(gone.message).toBe('deployments.apps "web" not found');
    const kept = refused(kubernetes.delete('Namespace', 'default'));
    expect(kept.message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  it('deletes the object it was asked for and no later one of its name', () => {
    const { kubernetes } = testCluster();
    taken(kubernetes.create(pod('a')));
    const preconditions = { uid: 'another' };
    expect(refused(kubernetes.delete('Pod', 'default/a', { preconditions })).code).toBe(409);
  });
});
