import { describe, expect, it } from 'vitest';
import type { Pod } from '../model/kubernetes/core.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { deployment, pod, refused, service, taken, testCluster } from './cluster.fixture.ts';
import { createKubernetes } from './create-kubernetes.ts';

describe('creating objects', () => {
  it('has the namespaces every cluster has, with the same uids every time', () => {
    const names = testCluster()
      .store.list('Namespace')
      .map((it) => it.metadata);
    expect(names.map((it) => it.name)).toEqual([
      'default',
      'kube-system',
      'kube-public',
      'kube-node-lease',
    ]);
    expect(names).toEqual(
      testCluster()
        .store.list('Namespace')
        .map((it) => it.metadata),
    );
  });

  it('refuses a namespace that is not there, in the words of the API server', () => {
    const { kubernetes } = testCluster();
    const status = refused(
      kubernetes.create({ ...pod('a'), metadata: { name: 'a', namespace: 'shop' } }),
    );
    expect(status).toMatchObject({ code: 404, message: 'namespaces "shop" not found' });
  });

  it('refuses a taken name with 409', () => {
    const { kubernetes } = testCluster();
    taken(kubernetes.create(deployment('web')));
    const status = refused(kubernetes.create(deployment('web')));
    expect(status).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'deployments.apps "web" already exists',
    });
  });

  it('ends generated names with five characters nobody misreads', () => {
    const { kubernetes } = testCluster();
    const { name: _, ...metadata } = { ...pod('a').metadata, generateName: 'web-' };
    const made = taken(kubernetes.create({ ...pod('a'), metadata } as Pod));
    expect(made.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('gives a pod what every pod has', () => {
    const { kubernetes } = testCluster();
    const limits = { cpu: '1', memory: '1Gi' };
    const containers = [{ name: 'web', image: 'web', resources: { limits } }];
    const made = taken(kubernetes.create(pod('a', { containers })));
    expect(made.spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      serviceAccountName: 'default',
      terminationGracePeriodSeconds: 30,
      priority: 0,
      containers: [{ imagePullPolicy: 'Always', resources: { limits, requests: limits } }],
    });
    expect(made.spec.tolerations).toHaveLength(2);
    expect(made.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
  });

  it('takes the priority of the pod from its class, and refuses a class that is not there', () => {
    const { kubernetes } = testCluster();
    taken(
      kubernetes.create({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'high' },
        value: 1000,
      } as KubernetesObject),
    );
    const made = taken(kubernetes.create(pod('a', { priorityClassName: 'high' })));
    expect(made.spec.priority).toBe(1000);
    const status = refused(kubernetes.create(pod('b', { priorityClassName: 'low' })));
    expect(status.message).toBe('pods "b" is forbidden: no PriorityClass with name low was found');
  });

  it('gives pods without a class the priority of a default class made in between', () => {
    const { kubernetes } = testCluster();
    const before = taken(kubernetes.create(pod('a')));
    taken(
      kubernetes.create({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'usual' },
        value: 7,
        globalDefault: true,
      } as KubernetesObject),
    );
    const after = taken(kubernetes.create(pod('b')));
    expect([before.spec.priority, after.spec.priority]).toEqual([0, 7]);
  });

  it('says everything that is wrong with a pod', () => {
    const { kubernetes } = testCluster();
    const containers = [
      { name: 'web', image: 'a', resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
      { name: 'web', image: '' },
    ];
    const status = refused(kubernetes.create(pod('a', { containers })));
    expect(status.details?.causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: "2": must be less than or equal to cpu limit of 1',
        field: 'spec.containers[0].resources.requests',
      },
      {
        reason: 'FieldValueRequired',
        message: 'Required value',
        field: 'spec.containers[1].image',
      },
      {
        reason: 'FieldValueDuplicate',
        message: 'Duplicate value: "web"',
        field: 'spec.containers[1].name',
      },
    ]);
  });

  it('refuses a Deployment whose selector misses its own pods', () => {
    const { kubernetes } = testCluster();
    const selector = { matchLabels: { app: 'other' } };
    expect(refused(kubernetes.create(deployment('web', { selector }))).message).toBe(
      'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid ' +
        'value: map[string]string{"app":"web"}: `selector` does not match template ' +
        '`labels`',
    );
  });

  it('finds the pods of a Job by its own uid', () => {
    const { kubernetes } = testCluster();
    const template = {
      spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] },
    };
    const job = taken(
      kubernetes.create({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'once', namespace: 'default' },
        spec: { template },
      } as KubernetesObject),
    );
    expect(job.spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': job.metadata.uid } },
      template: { metadata: { labels: { 'job-name': 'once' } } },
    });
  });

  it('keeps objects of kinds nobody knows as they came', () => {
    const { kubernetes, store } = testCluster();
    const rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 3 },
      status: { phase: 'Healthy' },
    };
    taken(kubernetes.create(rollout as KubernetesObject));
    expect(store.get('Unknown', 'argoproj.io/Rollout:default/web')).toMatchObject({
      spec: { replicas: 3 },
      status: { phase: 'Healthy' },
    });
    const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service' };
    taken(kubernetes.create({ ...rollout, ...knative } as KubernetesObject));
    expect(store.count('Service')).toBe(0);
  });

  it('asks webhooks in turn and passes their refusal on', () => {
    const { kubernetes } = testCluster();
    kubernetes.registerWebhook({
      name: 'mpod.vpc.k8s.aws',
      kinds: ['Pod'],
      failurePolicy: 'Ignore',
      mutate: (object) => ({
        ...object,
        metadata: { ...object.metadata, labels: { seen: 'yes' } },
      }),
    });
    kubernetes.registerWebhook({
      name: 'strict.example.com',
      kinds: ['Pod'],
      failurePolicy: 'Fail',
      mutate: (object) => (object.metadata.name === 'bad' ? { denied: 'not that name' } : object),
    });
    expect(taken(kubernetes.create(pod('a'))).metadata.labels).toEqual({ seen: 'yes' });
    expect(refused(kubernetes.create(pod('bad')))).toMatchObject({
      code: 403,
      message: 'admission webhook "strict.example.com" denied the request: not that name',
    });
  });
});

describe('forks and exports', () => {
  it('counts the addresses of stored Services as taken in a fork', () => {
    const { kubernetes, store, clock } = testCluster();
    const made = taken(kubernetes.create(service('web', { type: 'NodePort' })));
    const serviceCidrs = { ipv4: '10.100.0.0/16' };
    const fork = createKubernetes({
      store: store.fork(),
      clock,
      random: clock.random,
      serviceCidrs,
    });
    const again = service('other', { clusterIP: made.spec.clusterIP });
    expect(refused(fork.create(again)).message).toContain('provided IP is already allocated');
    const uid = taken(fork.create(service('third'))).metadata.uid;
    expect(uid).not.toBe(taken(kubernetes.create(service('third'))).metadata.uid);
  });

  it('adopts an export as it is, and reserves its addresses', () => {
    const { kubernetes, store } = testCluster();
    const exported = {
      ...service('web', { clusterIP: '10.100.7.7', clusterIPs: ['10.100.7.7'] }),
      metadata: { name: 'web', namespace: 'prod', uid: 'u-1', resourceVersion: '99' },
      status: { loadBalancer: { ingress: [{ hostname: 'x.elb.amazonaws.com' }] } },
    };
    expect(kubernetes.adopt([exported])).toEqual([]);
    expect(store.get('Service', 'prod/web')).toMatchObject({
      metadata: { uid: 'u-1' },
      status: exported.status,
    });
    expect(store.get('Service', 'prod/web')?.metadata.resourceVersion).toBeUndefined();
    const status = refused(kubernetes.create(service('b', { clusterIP: '10.100.7.7' })));
    expect(status.message).toContain('already allocated');
  });
});

describe('events', () => {
  it('counts the same event rather than repeating it', async () => {
    const { kubernetes, store } = testCluster();
    const made = taken(kubernetes.create(pod('a')));
    const event = { reason: 'FailedScheduling', message: '0/3', type: 'Warning', component: 's' };
    kubernetes.recordEvent(made, event as never);
    kubernetes.recordEvent(made, event as never);
    expect(store.lookup('Event', 'object', 'Pod:default/a')).toMatchObject([{ count: 2 }]);
  });
});
