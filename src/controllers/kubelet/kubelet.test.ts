import { describe, expect, test } from 'vitest';
import type { EventInput, Kubernetes, ObjectLike } from '../../cluster/kubernetes.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Node, Pod, PodSpec } from '../../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf, type ObjectMeta } from '../../model/kubernetes/meta.ts';
import type { Cni, CniFailure, CniSuccess } from '../../model/linux/cni.ts';
import type { Signal } from '../../sim/clock.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { kubelet } from './kubelet.ts';
import type { PullImage } from './surroundings.ts';

const group: NodeGroup = {
  clusterName: 'demo',
  nodegroupName: 'workers',
  managed: true,
  subnetIds: [],
  instanceTypes: ['m5.large'],
  capacityType: 'ON_DEMAND',
  amiType: 'AL2023_x86_64_STANDARD',
  minSize: 1,
  desiredSize: 1,
  maxSize: 1,
  labels: { team: 'blue' },
  taints: [],
  securityGroupIds: [],
  httpPutResponseHopLimit: 2,
  version: '1.33',
  enforcedMaxPods: { maxPods: 29, formula: '' },
  instanceTags: {},
  status: 'ACTIVE',
  healthIssues: [],
  createdAtMs: 0,
  tags: {},
};

const instance = (state: Instance['state'] = 'running'): Instance => ({
  instanceId: 'i-0aaa' as Instance['instanceId'],
  instanceType: 'm5.large',
  imageId: 'ami-1',
  state,
  vpcId: 'vpc-1' as Instance['vpcId'],
  subnetId: 'subnet-1' as Instance['subnetId'],
  availabilityZone: 'us-west-2a',
  privateIpAddress: '10.0.1.9',
  privateDnsName: 'ip-10-0-1-9.us-west-2.compute.internal',
  httpTokens: 'required',
  httpPutResponseHopLimit: 2,
  launchedAtMs: 0,
  tags: { 'eks:cluster-name': 'demo', 'eks:nodegroup-name': 'workers' },
});

const NODE = instance().privateDnsName;

/** A plugin with a pool of addresses. */
class Pool implements Cni {
  ready = true;
  free: string[] = [];
  readonly deleted: string[] = [];
  adds = 0;
  readonly #signal: Signal;
  constructor(clock: Simulation) {
    this.#signal = clock.signal();
  }
  isReady(): boolean {
    return this.ready;
  }
  async add(): Promise<CniSuccess | CniFailure> {
    this.adds++;
    const address = this.free.shift();
    if (address === undefined) {
      const message = 'add cmd: failed to assign an IP address to container';
      return { kind: 'cni-failure', message };
    }
    const eth0 = { name: 'eth0', address } as CniSuccess['interfaces'][number];
    return { kind: 'cni-success', interfaces: [eth0] };
  }
  async del({ podName }: { podName: string }): Promise<undefined> {
    this.deleted.push(podName);
  }
  changed(): Promise<void> {
    return this.#signal.wait();
  }
  /** Gives the pool an address and says so. */
  give(...addresses: string[]): void {
    this.free.push(...addresses);
    this.#signal.notify();
  }
}

class World {
  readonly clock = new Simulation(7);
  readonly store: TwinStore = new Store<Kinds>();
  readonly pool = new Pool(this.clock);
  readonly events: { about: string; reason: string; message: string }[] = [];
  readonly hooked: string[] = [];
  statusWrites = 0;
  plugin: Cni | undefined = this.pool;
  images: PullImage | undefined;

  constructor() {
    declareIndexes(this.store);
    this.store.put('eks/nodegroup', 'demo/workers', group);
  }

  /** The verbs a kubelet uses, without admission. */
  readonly kubernetes = {
    create: (object: KubernetesObject) => this.#put(object),
    update: (object: KubernetesObject) => this.#put(object),
    updateStatus: (object: KubernetesObject) => {
      if (object.kind === 'Pod') this.statusWrites++;
      return this.#put(object);
    },
    delete: (kind: 'Pod', key: string) => this.store.delete(kind, key) === true,
    recordEvent: (about: ObjectLike, { reason, message }: EventInput) => {
      this.events.push({ about: about.metadata.name, reason, message });
    },
  } as unknown as Kubernetes;

  #put<Object extends KubernetesObject>(object: Object): Object {
    this.store.put(object.kind as 'Unknown', keyOf(object), object);
    return object;
  }

  start(): ControllerRun<Kinds> {
    const controller = kubelet(this.clock, this.clock.random, this.store, this.kubernetes, {
      cniOf: () => this.plugin,
      hooks: {
        started: (pod) => this.hooked.push(`started ${pod.metadata.name}`),
        stopped: (pod) => this.hooked.push(`stopped ${pod.metadata.name}`),
      },
      images: (image, node) => this.images?.(image, node) ?? { kind: 'pulled', tookMs: 1_000 },
    });
    return new ControllerRun(this.clock, this.store, controller);
  }

  async joined(): Promise<void> {
    this.store.put('ec2/instance', 'i-0aaa', instance());
    this.start();
    await this.clock.settle();
  }

  bind(name: string, spec: Partial<PodSpec> = {}, metadata: Partial<ObjectMeta> = {}): void {
    this.store.put('Pod', `default/${name}`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata },
      spec: {
        containers: [{ name: 'web', image: 'nginx:1.27' }],
        nodeName: NODE,
        restartPolicy: 'Always',
        ...spec,
      },
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'True' }],
      },
    });
  }

  pod(name: string): Pod | undefined {
    return this.store.get('Pod', `default/${name}`);
  }
  node(): Node | undefined {
    return this.store.get('Node', NODE);
  }
  reasons(about: string): string[] {
    return this.events.filter((event) => event.about === about).map(({ reason }) => reason);
  }
  condition(name: string, type: string): string | undefined {
    return this.pod(name)?.status?.conditions?.find((one) => one.type === type)?.status;
  }
  markDeleted(name: string): void {
    const pod = this.pod(name)!;
    const metadata = { ...pod.metadata, deletionTimestamp: 'now', deletionGracePeriodSeconds: 30 };
    this.store.put('Pod', `default/${name}`, { ...pod, metadata });
  }
}

describe('a node joins', () => {
  test('an instance of a node group becomes a Ready node 25 to 45 seconds after launch', async () => {
    const world = new World();
    await world.joined();
    const node = world.node()!;
    expect(node.metadata.labels).toMatchObject({
      'eks.amazonaws.com/nodegroup': 'workers',
      'node.kubernetes.io/instance-type': 'm5.large',
      'topology.kubernetes.io/zone': 'us-west-2a',
      'topology.kubernetes.io/region': 'us-west-2',
      team: 'blue',
    });
    expect(node.spec.providerID).toBe('aws:///us-west-2a/i-0aaa');
    expect(node.spec.taints).toEqual([]);
    expect(node.status?.capacity).toMatchObject({ cpu: '2', pods: '29' });
    expect(node.status?.allocatable).toMatchObject({ cpu: '1930m', pods: '29' });
    expect(node.status?.nodeInfo?.kubeletVersion).toMatch(/^v1\.33\.\d+-eks-/);
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
    });
    expect(world.clock.now()).toBeGreaterThan(25_000);
    expect(world.clock.now()).toBeLessThan(51_000);
    expect(world.reasons(NODE)).toEqual([
      'Starting',
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeHasSufficientPID',
      'NodeAllocatableEnforced',
      'NodeReady',
    ]);
  });

  test('a node stays NotReady and tainted until the network plugin is initialized', async () => {
    const world = new World();
    world.pool.ready = false;
    await world.joined();
    expect(world.node()?.spec.taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
    expect(world.node()?.status?.conditions?.at(-1)).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady ' +
        'message:Network plugin returns error: cni plugin not initialized',
    });
    world.pool.ready = true;
    world.pool.give();
    await world.clock.settle();
    expect(world.node()?.status?.conditions?.at(-1)?.status).toBe('True');
  });

  test('an instance that is in no node group stays outside the cluster', async () => {
    const world = new World();
    world.store.put('ec2/instance', 'i-0aaa', { ...instance(), tags: {} });
    world.start();
    await world.clock.settle();
    expect(world.store.count('Node')).toBe(0);
  });
});

describe('a pod runs', () => {
  test('a bound pod gets an address, its image, and is Running and Ready with one status write', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20', '10.0.1.21');
    await world.joined();
    world.bind('first');
    await world.clock.settle();
    world.statusWrites = 0;
    world.bind('second');
    await world.clock.settle();
    expect(world.pod('second')?.status).toMatchObject({
      phase: 'Running',
      podIP: '10.0.1.21',
      hostIP: '10.0.1.9',
      podIPs: [{ ip: '10.0.1.21' }],
    });
    expect(world.statusWrites).toBe(1);
    expect(
      world.pod('second')?.status?.conditions?.map(({ type, status }) => [type, status]),
    ).toEqual([
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
      ['ContainersReady', 'True'],
      ['PodScheduled', 'True'],
    ]);
    expect(world.reasons('first')).toEqual(['Pulling', 'Pulled', 'Created', 'Started']);
    expect(world.events.find(({ about }) => about === 'second')?.message).toBe(
      'Container image "nginx:1.27" already present on machine',
    );
  });

  test('a readiness probe holds Ready back for its delay and one period', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    const readinessProbe = { initialDelaySeconds: 20, periodSeconds: 5 };
    world.bind('slow', { containers: [{ name: 'web', image: 'a:1', readinessProbe }] });
    const boundAt = world.clock.now();
    await world.clock.runUntil(boundAt + 20_000);
    expect(world.pod('slow')?.status?.phase).toBe('Running');
    expect(world.condition('slow', 'Ready')).toBe('False');
    await world.clock.settle();
    expect(world.condition('slow', 'Ready')).toBe('True');
    expect(world.pod('slow')?.status?.containerStatuses?.[0]?.ready).toBe(true);
  });

  test('a readiness gate holds Ready back until its condition is True', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('gated', { readinessGates: [{ conditionType: 'target-health/x' }] });
    await world.clock.settle();
    expect(world.condition('gated', 'ContainersReady')).toBe('True');
    expect(world.pod('gated')?.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "target-health/x" does not exist.',
    });
    const pod = world.pod('gated')!;
    const conditions = [
      ...pod.status!.conditions!,
      { type: 'target-health/x', status: 'True' as const },
    ];
    world.store.put('Pod', 'default/gated', { ...pod, status: { ...pod.status, conditions } });
    await world.clock.settle();
    expect(world.condition('gated', 'Ready')).toBe('True');
  });

  test('init containers run in order before the containers', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('staged', {
      initContainers: [
        { name: 'one', image: 'i:1' },
        { name: 'two', image: 'i:1' },
      ],
    });
    await world.clock.settle();
    const started = world.events.filter((e) => e.about === 'staged' && e.reason === 'Started');
    expect(started.map(({ message }) => message)).toEqual([
      'Started container one',
      'Started container two',
      'Started container web',
    ]);
    expect(
      world.pod('staged')?.status?.initContainerStatuses?.[1]?.state?.terminated,
    ).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  test('a pod without an address is ContainerCreating, lets the twin settle, and starts when an address comes', async () => {
    const world = new World();
    await world.joined();
    world.bind('hungry');
    expect((await world.clock.settle(600_000)).kind).toBe('settled');
    expect(world.pod('hungry')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe(
      'ContainerCreating',
    );
    expect(world.events.find(({ reason }) => reason === 'FailedCreatePodSandBox')?.message).toMatch(
      /^Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="aws-cni" name="aws-cni" failed \(add\): add cmd: failed to assign an IP address to container$/,
    );
    world.pool.give('10.0.1.30');
    await world.clock.settle();
    expect(world.pod('hungry')?.status?.podIP).toBe('10.0.1.30');
    expect(world.pool.adds).toBe(2);
  });

  test('a pod that waits for an address can be deleted', async () => {
    const world = new World();
    await world.joined();
    world.bind('hungry');
    await world.clock.settle();
    world.markDeleted('hungry');
    await world.clock.settle();
    expect(world.pod('hungry')).toBeUndefined();
    expect(world.pool.deleted).toEqual([]);
  });

  test('a refused pull shows ImagePullBackOff and does not keep the twin from settling', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.images = () => ({ kind: 'refused', message: 'not found' });
    world.bind('typo');
    await world.clock.settle();
    expect(world.reasons('typo')).toContain('Failed');
    await world.clock.runUntil(world.clock.now() + 60_000);
    expect(world.pod('typo')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe(
      'ImagePullBackOff',
    );
  });
});

describe('a pod ends', () => {
  test('a deleted pod stops, gives its address back, and then its object goes', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('leaver');
    await world.clock.settle();
    world.markDeleted('leaver');
    const deletedAt = world.clock.now();
    await world.clock.settle();
    expect(world.pod('leaver')).toBeUndefined();
    expect(world.pool.deleted).toEqual(['leaver']);
    expect(world.clock.now() - deletedAt).toBeLessThanOrEqual(1_100);
    expect(world.events.at(-1)).toMatchObject({
      reason: 'Killing',
      message: 'Stopping container web',
    });
  });

  test('a preStop sleep holds a deleted pod back', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    const lifecycle = { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 15'] } } };
    world.bind('drained', { containers: [{ name: 'web', image: 'a:1', lifecycle }] });
    await world.clock.settle();
    world.markDeleted('drained');
    await world.clock.runUntil(world.clock.now() + 14_900);
    expect(world.pod('drained')).toBeDefined();
    await world.clock.settle();
    expect(world.pod('drained')).toBeUndefined();
  });

  test('a pod of a Job succeeds after a while and gives its address back', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20', '10.0.1.21');
    await world.joined();
    const ownerReferences = [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'j', controller: true },
    ];
    world.bind('batch', { restartPolicy: 'Never' }, { ownerReferences });
    const annotations = { 'ekstwin.dev/exit-code': '3', 'ekstwin.dev/run-seconds': '7' };
    world.bind('broken', { restartPolicy: 'Never' }, { ownerReferences, annotations });
    await world.clock.settle();
    expect(world.pod('batch')?.status?.phase).toBe('Succeeded');
    expect(world.pod('broken')?.status?.phase).toBe('Failed');
    expect(world.pod('broken')?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
    });
    expect(world.pool.deleted.sort()).toEqual(['batch', 'broken']);
  });

  test('a container that keeps ending is in CrashLoopBackOff and lets the twin settle', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    const annotations = { 'ekstwin.dev/exit-code': '1', 'ekstwin.dev/run-seconds': '1' };
    world.bind('loop', {}, { annotations });
    await world.clock.settle();
    const status = world.pod('loop')?.status;
    expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    await world.clock.runUntil(world.clock.now() + 11_500);
    expect(world.pod('loop')?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });

  test('nothing of a terminated instance runs on, and nobody on it tells the API', async () => {
    const world = new World();
    await world.joined();
    world.bind('hungry');
    await world.clock.settle();
    world.store.put('ec2/instance', 'i-0aaa', instance('terminated'));
    world.markDeleted('hungry');
    await world.clock.settle();
    expect(world.pod('hungry')?.metadata.deletionTimestamp).toBe('now');
  });
});

describe('a twin is opened again', () => {
  test('pods that run are taken as running: no second ADD and no new events', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('stays');
    await world.clock.settle();
    const again = new World();
    for (const kind of ['ec2/instance', 'Node', 'Pod'] as const) {
      for (const { key, value } of world.store.entries(kind)) again.store.put(kind, key, value);
    }
    again.start();
    await again.clock.settle();
    expect(again.pool.adds).toBe(0);
    expect(again.events).toEqual([]);
    again.markDeleted('stays');
    await again.clock.settle();
    expect(again.pool.deleted).toEqual(['stays']);
  });

  test('the twin hears of a system agent that starts, is found running, and stops', async () => {
    const world = new World();
    await world.joined();
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', uid: 'd', controller: true },
    ];
    world.store.put('Pod', 'kube-system/aws-node-x', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'aws-node-x', namespace: 'kube-system', uid: 'u', ownerReferences },
      spec: { containers: [{ name: 'aws-node', image: 'a:1' }], nodeName: NODE, hostNetwork: true },
    });
    await world.clock.settle();
    expect(world.hooked).toEqual(['started aws-node-x']);
    expect(world.store.get('Pod', 'kube-system/aws-node-x')?.status?.podIP).toBe('10.0.1.9');
    world.store.delete('Pod', 'kube-system/aws-node-x');
    await world.clock.settle();
    expect(world.hooked).toEqual(['started aws-node-x', 'stopped aws-node-x']);
  });
});

test('kubelets that have stopped touch nothing more; the next ones take over', async () => {
  const world = new World();
  world.store.put('ec2/instance', 'i-0aaa', instance());
  const first = world.start();
  await world.clock.settle();
  world.pool.free.push('10.0.1.20', '10.0.1.21', '10.0.1.22', '10.0.1.23');
  world.bind('web');
  world.bind('late', { containers: [{ name: 'web', image: 'slow:1' }] });
  await world.clock.runUntil(world.clock.now() + 100);
  first.stop();
  await world.clock.settle();
  expect(world.pod('late')?.status?.phase).toBe('Pending');
  world.start();
  await world.clock.settle();
  expect(world.pod('web')?.status?.phase).toBe('Running');
  expect(world.pod('late')?.status?.phase).toBe('Running');
  // Nobody worked on the pod twice.
  expect(world.reasons('late').filter((reason) => reason === 'Started')).toHaveLength(1);
});
