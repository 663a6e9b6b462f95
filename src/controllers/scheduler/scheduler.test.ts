import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { isApiStatus } from '../../cluster/kubernetes.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { conditionOf } from '../../model/kubernetes/condition.ts';
import type { Node, Pod, PodSpec } from '../../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf } from '../../model/kubernetes/meta.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { scheduler } from './scheduler.ts';
import { feasibleNodesToFind } from './selection.ts';

type Spec = Partial<PodSpec> & { readonly cpu?: string; readonly labels?: Record<string, string> };

function cluster(seed = 1) {
  const clock = new Simulation(seed);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const { random } = clock;
  const serviceCidrs = { ipv4: '10.100.0.0/16' };
  const kubernetes = createKubernetes({ store, clock, random, serviceCidrs });
  const create = <Object extends KubernetesObject>(object: Object): Object => {
    const created = kubernetes.create(object);
    if (isApiStatus(created)) throw new Error(created.message);
    return created;
  };
  new ControllerRun(clock, store, scheduler(clock, random, store, kubernetes));
  return {
    clock,
    store,
    kubernetes,
    create,
    addNode(name: string, zone = 'a', spec: Node['spec'] = {}, amounts: object = {}): void {
      const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone };
      create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec } as Node);
      const allocatable = { cpu: '2', memory: '8Gi', pods: '10', ...amounts };
      const node = store.get('Node', name)!;
      kubernetes.updateStatus({ ...node, status: { ...node.status, allocatable } });
    },
    addPod(name: string, { cpu = '100m', labels = { app: 'web' }, ...spec }: Spec = {}): void {
      const containers = [{ name: 'c', image: 'c:1', resources: { requests: { cpu } } }];
      const metadata = { name, namespace: 'default', labels };
      create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } } as Pod);
    },
    nodeOf: (name: string) => store.get('Pod', `default/${name}`)?.spec.nodeName,
    whyNot: (name: string) =>
      conditionOf(store.get('Pod', `default/${name}`)!.status?.conditions, 'PodScheduled')?.message,
  };
}

const NO_VICTIMS = (nodes: number): string =>
  `preemption: 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.`;

test('a pod that fits is bound, and the event says where', async () => {
  const { clock, store, addNode, addPod, nodeOf } = cluster();
  addNode('node-a');
  addPod('web');
  await clock.settle();
  expect(nodeOf('web')).toBe('node-a');
  const [event] = store.list('Event');
  expect(event).toMatchObject({
    reason: 'Scheduled',
    message: 'Successfully assigned default/web to node-a',
    source: { component: 'default-scheduler' },
  });
});

test('without nodes a pod waits, and is placed as soon as one comes', async () => {
  const { clock, addNode, addPod, nodeOf, whyNot } = cluster();
  addPod('web');
  await clock.settle();
  expect(whyNot('web')).toBe('no nodes available to schedule pods');
  addNode('node-a');
  await clock.settle();
  expect(nodeOf('web')).toBe('node-a');
});

test('the reasons of all nodes are counted and sorted as kube-scheduler does', async () => {
  const { clock, store, addNode, addPod, whyNot } = cluster();
  addNode('full', 'a', {}, { cpu: '50m' });
  addNode('tainted-1', 'a', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });
  addNode('tainted-2', 'b', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });
  addNode('cordoned', 'b', { unschedulable: true });
  addPod('web');
  await clock.settle();
  const reasons =
    '1 Insufficient cpu, 1 node(s) were unschedulable, 2 node(s) had untolerated taint {gpu: yes}';
  // The node is too small even when empty: nobody's leaving would help.
  expect(whyNot('web')).toBe(
    `0/4 nodes are available: ${reasons}. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.`,
  );
  expect(store.list('Event')[0]).toMatchObject({ type: 'Warning', reason: 'FailedScheduling' });
});

test('a node with all its pods says Too many pods, until one leaves', async () => {
  const { clock, kubernetes, addNode, addPod, nodeOf, whyNot } = cluster();
  addNode('node-a', 'a', {}, { pods: '2' });
  for (const name of ['one', 'two', 'three']) addPod(name);
  await clock.settle();
  expect(whyNot('three')).toBe(`0/1 nodes are available: 1 Too many pods. ${NO_VICTIMS(1)}`);
  kubernetes.delete('Pod', 'default/one', { gracePeriodSeconds: 0 });
  await clock.settle();
  expect(nodeOf('three')).toBe('node-a');
});

test('branch interfaces are a resource like any other', async () => {
  const { clock, addNode, addPod, whyNot } = cluster();
  addNode('node-a', 'a', {}, { 'vpc.amazonaws.com/pod-eni': '1' });
  const amounts = { 'vpc.amazonaws.com/pod-eni': '1' };
  const resources = { requests: amounts, limits: amounts };
  const containers = [{ name: 'c', image: 'c:1', resources }];
  for (const name of ['one', 'two']) addPod(name, { containers });
  await clock.settle();
  expect(whyNot('two')).toBe(
    `0/1 nodes are available: 1 Insufficient vpc.amazonaws.com/pod-eni. ${NO_VICTIMS(1)}`,
  );
});

test('a host port is given once per node', async () => {
  const { clock, addNode, addPod, whyNot } = cluster();
  addNode('node-a');
  const ports = [{ containerPort: 80, hostPort: 80 }];
  const containers = [{ name: 'c', image: 'c:1', ports }];
  for (const name of ['one', 'two']) addPod(name, { containers });
  await clock.settle();
  expect(whyNot('two')).toContain("1 node(s) didn't have free ports for the requested pod ports.");
});

test('pods of another scheduler are left alone but counted where they run', async () => {
  const { clock, kubernetes, addNode, addPod, nodeOf } = cluster();
  addNode('node-a', 'a', {}, { pods: '1' });
  addPod('fargate', { schedulerName: 'fargate-scheduler' });
  await clock.settle();
  expect(nodeOf('fargate')).toBeUndefined();
  kubernetes.bind('default/fargate', 'node-a');
  addPod('web');
  await clock.settle();
  expect(nodeOf('web')).toBeUndefined();
});

test('DoNotSchedule keeps zones within maxSkew, and says so when it cannot', async () => {
  const { clock, addNode, addPod, store, whyNot } = cluster();
  for (const zone of ['a', 'b', 'c']) addNode(`node-${zone}`, zone, {}, { pods: '4' });
  addNode('no-zone');
  const spread = {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule' as const,
    labelSelector: { matchLabels: { app: 'web' } },
  };
  const node = store.get('Node', 'no-zone')!;
  store.put('Node', 'no-zone', { ...node, metadata: { ...node.metadata, labels: {} } });
  for (let i = 0; i < 6; i++) addPod(`web-${i}`, { topologySpreadConstraints: [spread] });
  await clock.settle();
  const counts = ['a', 'b', 'c'].map((zone) => store.lookup('Pod', 'node', `node-${zone}`).length);
  expect(counts).toEqual([2, 2, 2]);
  const nodeSelector = { 'topology.kubernetes.io/zone': 'a' };
  addPod('filler', { nodeSelector, cpu: '1800m', labels: {} });
  await clock.settle();
  for (let i = 6; i < 9; i++) addPod(`web-${i}`, { topologySpreadConstraints: [spread] });
  await clock.settle();
  expect(whyNot('web-8')).toContain(
    "1 node(s) didn't match pod topology spread constraints (missing required label)",
  );
  expect(whyNot('web-8')).toContain("2 node(s) didn't match pod topology spread constraints.");
});

test('minDomains holds pods back until there are enough zones', async () => {
  const { clock, addNode, addPod, nodeOf } = cluster();
  addNode('node-a', 'a');
  const spread = {
    maxSkew: 1,
    minDomains: 2,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule' as const,
    labelSelector: { matchLabels: { app: 'web' } },
  };
  for (const name of ['one', 'two']) addPod(name, { topologySpreadConstraints: [spread] });
  await clock.settle();
  expect([nodeOf('one'), nodeOf('two')]).toEqual(['node-a', undefined]);
  addNode('node-b', 'b');
  await clock.settle();
  expect(nodeOf('two')).toBe('node-b');
});

const hostname = 'kubernetes.io/hostname';
const term = { topologyKey: hostname, labelSelector: { matchLabels: { app: 'web' } } };

test('anti-affinity gives every replica a node of its own, both ways', async () => {
  const { clock, addNode, addPod, nodeOf, whyNot } = cluster();
  for (const name of ['node-a', 'node-b']) addNode(name);
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  for (const name of ['one', 'two', 'three']) addPod(name, { affinity: { podAntiAffinity } });
  await clock.settle();
  expect(new Set([nodeOf('one'), nodeOf('two')])).toEqual(new Set(['node-a', 'node-b']));
  expect(whyNot('three')).toBe(
    `0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS(2)}`,
  );
  // A pod without rules of its own is kept away by the rules of those that are there.
  addPod('plain');
  await clock.settle();
  expect(whyNot('plain')).toContain("2 node(s) didn't satisfy existing pods anti-affinity rules.");
});

test('affinity follows the pods it wants, and the first of a group may go anywhere', async () => {
  const { clock, addNode, addPod, nodeOf } = cluster();
  for (const name of ['node-a', 'node-b', 'node-c']) addNode(name);
  const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  for (const name of ['one', 'two', 'three']) addPod(name, { affinity: { podAffinity } });
  await clock.settle();
  expect(new Set(['one', 'two', 'three'].map(nodeOf)).size).toBe(1);
  addPod('other', { affinity: { podAffinity }, labels: { app: 'other' } });
  await clock.settle();
  expect(nodeOf('other')).toBe(nodeOf('one'));
});

test('a pod that waits for company is placed when the company comes', async () => {
  const { clock, addNode, addPod, nodeOf, whyNot } = cluster();
  for (const name of ['node-a', 'node-b']) addNode(name);
  const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  addPod('cache', { affinity: { podAffinity }, labels: { app: 'cache' } });
  await clock.settle();
  expect(whyNot('cache')).toContain("2 node(s) didn't match pod affinity rules.");
  addPod('web');
  await clock.settle();
  expect(nodeOf('cache')).toBe(nodeOf('web'));
});

test('a DaemonSet pod goes to its node or tells of that node alone', async () => {
  const { clock, addNode, addPod, nodeOf, whyNot } = cluster();
  for (const name of ['node-a', 'node-b', 'node-c']) addNode(name);
  const pin = (name: string) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [name] }] },
        ],
      },
    },
  });
  addPod('agent-b', { affinity: pin('node-b') });
  addPod('agent-c', { affinity: pin('node-c'), cpu: '3' });
  await clock.settle();
  expect(nodeOf('agent-b')).toBe('node-b');
  expect(whyNot('agent-c')).toContain(
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  );
});

test('a pod that matters more takes the place of the fewest that matter less', async () => {
  const { clock, store, create, kubernetes, addNode, addPod, nodeOf } = cluster();
  for (const [name, value] of [
    ['low', 1],
    ['high', 1000],
  ] as const) {
    create({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
    } as KubernetesObject);
  }
  for (const name of ['node-a', 'node-b']) addNode(name);
  for (let i = 0; i < 2; i++) {
    addPod(`small-${i}`, {
      cpu: '900m',
      priorityClassName: 'low',
      nodeSelector: { [hostname]: 'node-a' },
    });
  }
  addPod('big', { cpu: '1800m', priorityClassName: 'low', nodeSelector: { [hostname]: 'node-b' } });
  await clock.settle();
  addPod('urgent', { cpu: '1', priorityClassName: 'high' });
  await clock.settle();
  // Both small ones would have to go from node-a, the one big one from node-b.
  const urgent = store.get('Pod', 'default/urgent')!;
  expect(urgent.status?.nominatedNodeName).toBe('node-b');
  expect(store.get('Pod', 'default/big')!.metadata.deletionTimestamp).toBeDefined();
  addPod('late', { cpu: '1500m', priorityClassName: 'low' });
  await clock.settle();
  kubernetes.delete('Pod', 'default/big', { gracePeriodSeconds: 0 });
  await clock.settle();
  expect(nodeOf('urgent')).toBe('node-b');
  expect(nodeOf('late')).toBeUndefined();
  expect(store.list('Event').map((it) => it.message)).toContain(
    `Preempted by pod ${urgent.metadata.uid} on node node-b`,
  );
});

test('pods of one Service are spread over zones and hosts though nobody asked', async () => {
  const { clock, store, create, addNode, addPod } = cluster();
  for (let i = 0; i < 6; i++) addNode(`node-${i}`, 'abc'[i % 3]);
  create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  } as KubernetesObject);
  for (let i = 0; i < 12; i++) addPod(`web-${i}`);
  await clock.settle();
  const counts = Array.from(
    { length: 6 },
    (_, i) => store.lookup('Pod', 'node', `node-${i}`).length,
  );
  expect(counts).toEqual([2, 2, 2, 2, 2, 2]);
});

test('retries triggered by the cluster wait at least a second after the last look', async () => {
  const { clock, addNode, addPod, store, nodeOf } = cluster();
  addNode('small', 'a', {}, { cpu: '50m' });
  addPod('web');
  await clock.settle();
  const failedMs = clock.now();
  addNode('large');
  await clock.settle();
  expect(nodeOf('web')).toBe('large');
  expect(clock.now() - failedMs).toBeGreaterThanOrEqual(999);
  expect(store.list('Event').filter((it) => it.reason === 'FailedScheduling')).toHaveLength(1);
});

test('numFeasibleNodesToFind is what kube-scheduler has', () => {
  expect([50, 100, 1_000, 5_000, 6_250].map(feasibleNodesToFind)).toEqual([50, 100, 420, 500, 312]);
});

test('whatever comes and goes, no node ever holds more than it offers', async () => {
  const step = fc.record({ cpu: fc.integer({ min: 1, max: 12 }), leaves: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer(), async (steps, seed) => {
      const { clock, store, kubernetes, addNode, addPod } = cluster(seed);
      for (const name of ['a', 'b', 'c']) addNode(name, name, {}, { pods: '6' });
      for (const [i, { cpu, leaves }] of steps.entries()) {
        addPod(`pod-${i}`, { cpu: `${cpu * 100}m` });
        await clock.settle();
        const [oldest] = store.list('Pod');
        if (leaves) kubernetes.delete('Pod', keyOf(oldest!), { gracePeriodSeconds: 0 });
        await clock.settle();
        for (const node of ['a', 'b', 'c']) {
          const pods = store.lookup('Pod', 'node', node);
          const taken = pods.map((pod) => pod.spec.containers[0]!.resources!.requests!.cpu);
          const milli = taken.reduce<number>((sum, it) => sum + Number.parseInt(`${it}`, 10), 0);
          expect(milli).toBeLessThanOrEqual(2_000);
          expect(pods.length).toBeLessThanOrEqual(6);
        }
      }
    }),
    { numRuns: 15 },
  );
});
