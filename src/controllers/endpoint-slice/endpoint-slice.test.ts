import { expect, test } from 'vitest';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { isApiStatus } from '../../cluster/kubernetes.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Node, Pod, PodSpec, ServiceSpec } from '../../model/kubernetes/core.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import type { EndpointSlice } from '../../model/kubernetes/networking.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { endpointSliceController } from './endpoint-slice.ts';

function cluster(seed = 3) {
  const clock = new Simulation(seed);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const { random } = clock;
  const serviceCidrs = { ipv4: '10.100.0.0/16', ipv6: 'fd00::/108' };
  const kubernetes = createKubernetes({ store, clock, random, serviceCidrs });
  const create = <Object extends KubernetesObject>(object: Object): Object => {
    const created = kubernetes.create(object);
    if (isApiStatus(created)) throw new Error(created.message);
    return created;
  };
  new ControllerRun(clock, store, endpointSliceController(clock, random, store, kubernetes));
  const setStatus = (name: string, ready: boolean, ips: readonly string[]): void => {
    const pod = store.get('Pod', `default/${name}`)!;
    kubernetes.updateStatus({
      ...pod,
      status: {
        ...pod.status,
        phase: 'Running',
        podIP: ips[0],
        podIPs: ips.map((ip) => ({ ip })),
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      },
    });
  };
  return {
    clock,
    store,
    kubernetes,
    create,
    setStatus,
    addNode(name: string, zone: string, cpu = '4'): void {
      const metadata = { name, labels: { 'topology.kubernetes.io/zone': zone } };
      create({ apiVersion: 'v1', kind: 'Node', metadata, spec: {} } as Node);
      const node = store.get('Node', name)!;
      const conditions = [{ type: 'Ready', status: 'True' as const }];
      kubernetes.updateStatus({ ...node, status: { allocatable: { cpu }, conditions } });
    },
    addPod(name: string, nodeName: string, ip: string, spec: Partial<PodSpec> = {}): void {
      const metadata = { name, namespace: 'default', labels: { app: 'web' } };
      const containers = [
        { name: 'c', image: 'c:1', ports: [{ name: 'http', containerPort: 8080 }] },
      ];
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: { containers, nodeName, ...spec },
      };
      create(pod as Pod);
      setStatus(name, true, [ip]);
    },
    addService(spec: Partial<ServiceSpec> = {}, annotations: Record<string, string> = {}): void {
      const ports = [{ name: 'web', port: 80, targetPort: 'http' }];
      create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace: 'default', labels: { team: 'shop' }, annotations },
        spec: { selector: { app: 'web' }, ports, ...spec },
      } as KubernetesObject);
    },
    slices: (): EndpointSlice[] => store.list('EndpointSlice'),
  };
}

const sizes = (slices: readonly EndpointSlice[]): number[] =>
  slices.map((it) => it.endpoints.length).sort((a, b) => b - a);

test('a Service gets a slice with its pods, their zone, node and named port', async () => {
  const { clock, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService();
  addPod('web-1', 'node-a', '10.0.0.1');
  await clock.settle();
  const [slice, ...others] = slices();
  expect(others).toEqual([]);
  expect(slice!.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
  expect(slice!.metadata.labels).toEqual({
    team: 'shop',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  expect(slice!.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Service', name: 'web' });
  expect(slice!.ports).toEqual([{ name: 'web', port: 8080, protocol: 'TCP' }]);
  expect(slice!.endpoints).toMatchObject([
    {
      addresses: ['10.0.0.1'],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-a',
      zone: 'us-west-2a',
      targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1' },
    },
  ]);
});

test('250 pods fill slices of 100, and ten that leave come back into the same slices', async () => {
  const { clock, kubernetes, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService();
  for (let i = 0; i < 250; i++) addPod(`web-${i}`, 'node-a', `10.0.${i >> 7}.${i & 127}`);
  await clock.settle();
  expect(sizes(slices())).toEqual([100, 100, 50]);
  const names = slices().map((it) => it.metadata.name);
  for (let i = 0; i < 10; i++)
    kubernetes.delete('Pod', `default/web-${i}`, { gracePeriodSeconds: 0 });
  await clock.settle();
  expect(sizes(slices())).toEqual([100, 90, 50]);
  for (let i = 0; i < 10; i++) addPod(`new-${i}`, 'node-a', `10.1.0.${i}`);
  await clock.settle();
  // The fullest slice that takes all ten.
  expect(sizes(slices())).toEqual([100, 100, 50]);
  expect(slices().map((it) => it.metadata.name)).toEqual(names);
});

test('a pod that stops being ready or is leaving is marked, not removed', async () => {
  const { clock, kubernetes, setStatus, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService();
  addPod('web-1', 'node-a', '10.0.0.1');
  addPod('web-2', 'node-a', '10.0.0.2');
  setStatus('web-1', false, ['10.0.0.1']);
  kubernetes.delete('Pod', 'default/web-2');
  await clock.settle();
  const conditions = slices()[0]!.endpoints.map((it) => it.conditions);
  expect(conditions).toEqual([
    { ready: false, serving: false, terminating: false },
    { ready: false, serving: true, terminating: true },
  ]);
});

test('publishNotReadyAddresses makes every address ready', async () => {
  const { clock, setStatus, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService({ publishNotReadyAddresses: true });
  addPod('web-1', 'node-a', '10.0.0.1');
  setStatus('web-1', false, ['10.0.0.1']);
  await clock.settle();
  expect(slices()[0]!.endpoints[0]!.conditions).toMatchObject({ ready: true, serving: false });
});

test('pods that name another port have a slice of their own', async () => {
  const { clock, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService();
  addPod('web-1', 'node-a', '10.0.0.1');
  const ports = [{ name: 'http', containerPort: 9090 }];
  addPod('web-2', 'node-a', '10.0.0.2', { containers: [{ name: 'c', image: 'c:2', ports }] });
  await clock.settle();
  expect(
    slices()
      .map((it) => it.ports[0]!.port)
      .sort(),
  ).toEqual([8080, 9090]);
});

test('a headless Service is labelled, and named pods of it keep their host names', async () => {
  const { clock, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService({ clusterIP: 'None' });
  addPod('web-0', 'node-a', '10.0.0.1', { hostname: 'web-0', subdomain: 'web' });
  addPod('web-1', 'node-a', '10.0.0.2', { hostname: 'web-1', subdomain: 'other' });
  await clock.settle();
  const [slice] = slices();
  expect(slice!.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
  expect(slice!.endpoints.map((it) => it.hostname)).toEqual(['web-0', undefined]);
});

test('a dual-stack Service has a slice per address family', async () => {
  const { clock, setStatus, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService({ ipFamilyPolicy: 'RequireDualStack' });
  addPod('web-1', 'node-a', '10.0.0.1');
  setStatus('web-1', true, ['10.0.0.1', 'fd00:10::1']);
  await clock.settle();
  const found = slices().map((it) => [it.addressType, ...it.endpoints[0]!.addresses]);
  expect(found.sort()).toEqual([
    ['IPv4', '10.0.0.1'],
    ['IPv6', 'fd00:10::1'],
  ]);
});

test('a Service without pods keeps one empty slice; one without selector has none', async () => {
  const { clock, create, addService, slices } = cluster();
  addService();
  create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'manual', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  } as KubernetesObject);
  await clock.settle();
  expect(slices()).toHaveLength(1);
  expect(slices()[0]).toMatchObject({ endpoints: [], ports: [] });
});

test('PreferClose hints every endpoint to its own zone', async () => {
  const { clock, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addNode('node-b', 'us-west-2b');
  addService({ trafficDistribution: 'PreferClose' });
  addPod('web-1', 'node-a', '10.0.0.1');
  addPod('web-2', 'node-b', '10.0.0.2');
  await clock.settle();
  expect(slices()[0]!.endpoints.map((it) => it.hints?.forZones?.[0]?.name)).toEqual([
    'us-west-2a',
    'us-west-2b',
  ]);
});

const AUTO = { 'service.kubernetes.io/topology-mode': 'Auto' };

test('topology-mode Auto shares endpoints out by the zones CPU', async () => {
  const { clock, store, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addNode('node-b', 'us-west-2b');
  addService({}, AUTO);
  // Four in zone a, two in zone b, equal CPU: one of a is given to b.
  for (let i = 0; i < 6; i++) addPod(`web-${i}`, i < 4 ? 'node-a' : 'node-b', `10.0.0.${i}`);
  await clock.settle();
  const zones = slices()[0]!.endpoints.map((it) => it.hints!.forZones![0]!.name);
  expect(zones.filter((it) => it === 'us-west-2b')).toHaveLength(3);
  expect(store.list('Event').map((it) => it.message)).toContain(
    'Topology Aware Hints has been enabled, addressType: IPv4',
  );
});

test('Auto with fewer endpoints than zones gives no hints and says why', async () => {
  const { clock, store, addNode, addPod, addService, slices } = cluster();
  for (const zone of ['a', 'b', 'c']) addNode(`node-${zone}`, `us-west-2${zone}`);
  addService({}, AUTO);
  for (const i of [1, 2]) addPod(`web-${i}`, 'node-a', `10.0.0.${i}`);
  await clock.settle();
  expect(slices()[0]!.endpoints.every((it) => it.hints === undefined)).toBe(true);
  expect(store.list('Event').map((it) => it.message)).toContain(
    'Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4',
  );
});

test('a Service whose selector changes lists the pods it now means', async () => {
  const { clock, kubernetes, store, addNode, addPod, addService, slices } = cluster();
  addNode('node-a', 'us-west-2a');
  addService({ selector: { app: 'nobody' } });
  addPod('web-1', 'node-a', '10.0.0.1');
  await clock.settle();
  expect(slices()[0]!.endpoints).toEqual([]);
  const service = store.get('Service', 'default/web')!;
  kubernetes.update({ ...service, spec: { ...service.spec, selector: { app: 'web' } } });
  await clock.settle();
  expect(slices().flatMap((it) => it.endpoints)).toHaveLength(1);
});
