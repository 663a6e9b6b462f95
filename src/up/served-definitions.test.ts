import { describe, expect, test } from 'vitest';
import { isApiStatus } from '../cluster/kubernetes.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { buildTwin } from '../twin/build.ts';
import { smallCluster } from '../twin/small-cluster.fixture.ts';
import type { Twin } from '../twin/twin.ts';
import { installServed } from './served-definitions.ts';

const GATEWAY = 'gateways.gateway.networking.k8s.io';
const API = 'gateway.networking.k8s.io/v1';

async function newTwin(isInstalled: boolean): Promise<Twin> {
  const files = [{ path: 'cluster.yaml', text: smallCluster(2) }];
  const twin = await buildTwin(files, { seed: 1, with: ['aws-load-balancer-controller'] });
  if (isInstalled) await installServed(twin);
  await twin.settle();
  return twin;
}

const namesOf = (twin: Twin): string[] =>
  twin.store.list('CustomResourceDefinition').map(({ metadata }) => metadata.name);

describe('a twin that is up has the definitions of what it serves', () => {
  test('Gateway API and Multus among them, each established, and marked as none of EKS', async () => {
    const { store } = await newTwin(true);
    for (const name of [
      GATEWAY,
      'httproutes.gateway.networking.k8s.io',
      'listenersets.gateway.networking.k8s.io',
      'tcproutes.gateway.networking.k8s.io',
      'network-attachment-definitions.k8s.cni.cncf.io',
      'targetgroupbindings.elbv2.k8s.aws',
      'eniconfigs.crd.k8s.amazonaws.com',
    ]) {
      const found = store.get('CustomResourceDefinition', name);
      expect(found?.status, name).toMatchObject({
        conditions: [{ type: 'NamesAccepted' }, { type: 'Established', status: 'True' }],
      });
    }
    const annotations = (name: string) =>
      store.get('CustomResourceDefinition', name)?.metadata.annotations ?? {};
    expect(annotations(GATEWAY)).toMatchObject({
      'gateway.networking.k8s.io/bundle-version': 'v1.6.0',
      'ekstwin.dev/installed-by': expect.stringContaining('EKS does not bring'),
    });
    // The chart was installed by the user, the ENIConfig by EKS.
    for (const name of ['targetgroupbindings.elbv2.k8s.aws', 'eniconfigs.crd.k8s.amazonaws.com'])
      expect(annotations(name)).not.toHaveProperty(['ekstwin.dev/installed-by']);
  });

  test('everything else is what it would be without them', async () => {
    const [without, having] = [await newTwin(false), await newTwin(true)];
    const uids = ({ store }: Twin): unknown[] =>
      [...store.list('Pod'), ...store.list('Node')].map(({ metadata }) => metadata);
    expect(uids(having)).toEqual(uids(without));
    expect(namesOf(without)).not.toContain(GATEWAY);
  });

  test('who applies a definition of their own has that; installing again changes nothing', async () => {
    const twin = await newTwin(true);
    const before = twin.store.get('CustomResourceDefinition', GATEWAY)!;
    const { versions, ...spec } = before.spec as { versions: readonly object[] };
    const applied = twin.kubernetes.apply({
      ...before,
      metadata: { name: GATEWAY, annotations: { mine: 'yes' } },
      spec: { ...spec, versions: versions.slice(0, 1) },
    });
    expect(isApiStatus(applied)).toBe(false);
    await installServed(twin);
    const after = twin.store.get('CustomResourceDefinition', GATEWAY)!;
    expect(after.metadata).toMatchObject({
      uid: before.metadata.uid,
      annotations: { mine: 'yes' },
    });
    expect(after.spec).toMatchObject({ versions: [{ name: 'v1' }] });
    expect((after.spec as { versions: unknown[] }).versions).toHaveLength(1);
  });
});

const CLASS: KubernetesObject = {
  apiVersion: API,
  kind: 'GatewayClass',
  metadata: { name: 'alb' },
  spec: { controllerName: 'gateway.k8s.aws/alb' },
};

const gateway = (listener: object): KubernetesObject => ({
  apiVersion: API,
  kind: 'Gateway',
  metadata: { name: 'web', namespace: 'default' },
  spec: { gatewayClassName: 'alb', listeners: [{ name: 'http', port: 80, ...listener }] },
});

describe('their schemas', () => {
  test('take what the controller writes: a Gateway is programmed as ever', async () => {
    const twin = await newTwin(true);
    const route: KubernetesObject = {
      apiVersion: API,
      kind: 'HTTPRoute',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        parentRefs: [{ name: 'web' }],
        rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
      },
    };
    const service: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    expect(twin.apply([CLASS, gateway({ protocol: 'HTTP' }), service, route])).toEqual([]);
    await twin.settle();
    const status = (kind: 'Gateway' | 'HTTPRoute') => twin.store.get(kind, 'default/web')?.status;
    expect(status('Gateway')).toMatchObject({
      addresses: [{ type: 'Hostname' }],
      listeners: [{ name: 'http', attachedRoutes: 1 }],
    });
    expect(JSON.stringify(status('Gateway'))).toContain('"type":"Programmed","status":"True"');
    expect(status('HTTPRoute')).toMatchObject({ parents: [{ parentRef: { name: 'web' } }] });
  });

  test('refuse and prune as upstream; a complaint is made once', async () => {
    const { kubernetes } = await newTwin(true);
    const refused = kubernetes.create(gateway({ protocol: 'HTTP', port: 0 }));
    expect(refused).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.listeners[0].port' }] },
    });
    const made = kubernetes.create(gateway({ protocol: 'HTTP', colour: 'red' }));
    expect(JSON.stringify(made)).not.toContain('colour');
  });
});
