/**
 * controllers/kubelet/kubelet.fixture — one node group, one instance and a plugin with a pool of
 * addresses: the world in which the tests of this folder run a kubelet.
 */
import type { EventInput, Kubernetes, ObjectLike } from '../../cluster/kubernetes.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Node, Pod, PodSpec } from '../../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf, type ObjectMeta } from '../../model/kubernetes/meta.ts';
import type { Cni, CniFailure, CniSuccess } from '../../model/linux/cni.ts';
import type { JoinPaths } from '../../model/linux/reach.ts';
import type { Signal } from '../../sim/clock.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { kubelet } from './kubelet.ts';
import { ProgramSlot } from './programs/container-programs.ts';
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

export const instance = (state: Instance['state'] = 'running'): Instance => ({
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

export const NODE = instance().privateDnsName;

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

/** A store with one node group, and the verbs of a cluster without admission. */
export class World {
  readonly clock = new Simulation(7);
  readonly store: TwinStore = new Store<Kinds>();
  readonly pool = new Pool(this.clock);
  readonly events: { about: string; reason: string; message: string }[] = [];
  readonly hooked: string[] = [];
  statusWrites = 0;
  plugin: Cni | undefined = this.pool;
  images: PullImage | undefined;
  /** Who runs commands; nobody, until a test fills it. */
  readonly programs = new ProgramSlot();
  paths: JoinPaths = { ec2: undefined, apiServer: undefined };
  readonly #listeners = new Set<() => void>();

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
      programs: this.programs,
      reach: {
        joinPaths: () => this.paths,
        ec2: () => this.paths.ec2,
        pull: () => undefined,
        onChange: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
    });
    return new ControllerRun(this.clock, this.store, controller);
  }

  networkChanges(): void {
    for (const listener of this.#listeners) listener();
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
