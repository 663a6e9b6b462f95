/**
 * controllers/fargate — Fargate's scheduler and machines: a pod of a profile gets an interface, a
 * node of its own, and gives both back when it is deleted: an ended one keeps them, and is billed.
 *
 * Source: EKS user guide, Fargate pages; event texts from public `kubectl describe pod` output.
 * What runs the pod on the node is the kubelet controller, over the plugin that `cniOf` gives it:
 * the pod's address is the machine's interface's. A pod without an address waits for the interfaces
 * of the store to tell that one came back, never for a poll.
 * Reads: Pod, FargateProfile, EksCluster, Subnet, NetworkInterface.  Writes: interfaces through
 * EC2, Node, the binding, Event.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { EksCluster, FargateProfile } from '../../model/eks/cluster.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import type { Cni, PodInterface } from '../../model/linux/cni.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { fargateNode, fargateNodeName } from './fargate-node.ts';
import { FARGATE_SCHEDULER, hasLogging } from './fargate-webhook.ts';
import { podSize, unsupportedReason } from './pod-size.ts';
import { PROFILE_LABEL } from './profile-match.ts';

/** From the pod to its node, as seen between the events LoggingDisabled and Scheduled. */
const PROVISION_MS = [30_000, 60_000] as const;
const LOOK_AGAIN_MS = 120_000;

/** Who asks EC2 for the interface, and may delete it. */
const REQUESTER = 'amazon-eks-fargate';

/** Ties an interface to its pod for a twin that is opened again. */
const POD_TAG = 'ekstwin:fargate-pod';

const POD_SECURITY_GROUPS = 'fargate.amazonaws.com/pod-sg';

export interface Fargate {
  readonly controller: Controller<Kinds>;
  /** The plugin of a Fargate node; undefined for other nodes. */
  readonly cniOf: (nodeName: string) => Cni | undefined;
}

/** Fargate for one cluster. Requests are pods. */
export const fargate = (
  clock: Clock,
  random: Random,
  store: TwinStore,
  ec2: Ec2,
  kubernetes: Kubernetes,
  clusterName: string,
): Fargate => {
  const machines = new Machines(clock, random, store, ec2, kubernetes, clusterName);
  const controller: Controller<Kinds> = {
    name: FARGATE_SCHEDULER,
    concurrency: 1_000,
    watches: [
      watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => {
        const pod = value ?? previous!;
        if (pod.spec.schedulerName !== FARGATE_SCHEDULER) return [];
        const moved =
          value === undefined ||
          previous === undefined ||
          value.metadata.uid !== previous.metadata.uid ||
          value.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp;
        return moved ? [key] : [];
      }),
      watch<Kinds, 'ec2/network-interface'>('ec2/network-interface', ({ value, previous }) => {
        const freed =
          previous !== undefined &&
          (value === undefined ||
            value.privateIpAddresses.length < previous.privateIpAddresses.length ||
            value.ipv4Prefixes.length < previous.ipv4Prefixes.length);
        return freed ? machines.waitingIn(previous.subnetId) : [];
      }),
    ],
    reconcile: (key) => machines.reconcile(key),
    stop: () => machines.stop(),
  };
  return { controller, cniOf: (nodeName) => machines.cniOf(nodeName) };
};

class Machines {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #store: TwinStore;
  readonly #ec2: Ec2;
  readonly #kubernetes: Kubernetes;
  readonly #clusterName: string;
  /** Subnet → pods that wait for an address there. */
  readonly #waiting = new Map<string, Set<string>>();
  readonly #plugins = new Map<string, Cni>();
  /** Pod → its interface, and the pod's uid it was made for. */
  readonly #interfaces = new Map<string, { readonly id: string; readonly uid: string }>();
  #nextSubnet: number;
  #stopped = false;

  constructor(
    clock: Clock,
    random: Random,
    store: TwinStore,
    ec2: Ec2,
    kubernetes: Kubernetes,
    clusterName: string,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#store = store;
    this.#ec2 = ec2;
    this.#kubernetes = kubernetes;
    this.#clusterName = clusterName;
    this.#nextSubnet = random.int(1_000);
    for (const eni of store.list('ec2/network-interface')) this.#recognize(eni);
  }

  /** Machines on their way are left to whoever opens the twin again. */
  stop(): void {
    this.#stopped = true;
  }

  waitingIn(subnetId: string): readonly string[] {
    return [...(this.#waiting.get(subnetId) ?? [])];
  }

  cniOf(nodeName: string): Cni | undefined {
    const known = this.#plugins.get(nodeName);
    if (known !== undefined || !nodeName.startsWith('fargate-')) return known;
    for (const { id } of this.#interfaces.values()) {
      const eni = this.#store.get('ec2/network-interface', id);
      if (eni !== undefined && fargateNodeName(eni) === nodeName) return this.#plugin(eni);
    }
    return undefined;
  }

  async reconcile(key: string): Promise<Result> {
    this.#leaveQueue(key);
    const pod = this.#store.get('Pod', key);
    const machine = this.#interfaces.get(key);
    const another = machine !== undefined && machine.uid !== (pod?.metadata.uid ?? '');
    if (another) {
      const released = await this.#release(key);
      if (released.kind !== 'done') return released;
    }
    if (pod === undefined || isPodTerminal(pod) || pod.spec.nodeName !== undefined) return done;
    if (pod.metadata.deletionTimestamp !== undefined) return done;
    return this.#place(key, pod);
  }

  async #place(key: string, pod: Pod): Promise<Result> {
    const cluster = this.#store.list('eks/cluster').find(({ name }) => name === this.#clusterName);
    const profile = this.#profileOf(pod);
    if (cluster === undefined || profile === undefined) return done;
    const refused = unsupportedReason(pod);
    if (refused !== undefined) {
      this.#event(pod, 'Warning', 'FailedScheduling', refused);
      return done;
    }
    if (!hasLogging(this.#store)) {
      const text =
        'Disabled logging because aws-logging configmap was not found. configmap ' +
        '"aws-logging" not found';
      this.#event(pod, 'Warning', 'LoggingDisabled', text);
    } else this.#event(pod, 'Normal', 'LoggingEnabled', 'Successfully enabled logging for pod');
    const eni = this.#interfaceOf(key) ?? (await this.#createInterface(key, pod, profile, cluster));
    if (isAwsError(eni)) return this.#wait(key, pod, profile, eni);
    await this.#clock.sleep(this.#provisionMs());
    if (this.#stopped) return done;
    const current = this.#store.get('Pod', key);
    const wanted =
      current?.metadata.uid === pod.metadata.uid &&
      current?.metadata.deletionTimestamp === undefined;
    return wanted ? this.#start(key, pod, cluster, eni) : this.#release(key);
  }

  /** The pod's interface, when it was made and the pod not bound: the twin was closed between. */
  #interfaceOf(key: string): NetworkInterface | undefined {
    const known = this.#interfaces.get(key);
    return known && this.#store.get('ec2/network-interface', known.id);
  }

  #provisionMs(): number {
    const [from, to] = PROVISION_MS;
    return from + this.#random.int(to - from);
  }

  #profileOf(pod: Pod): FargateProfile | undefined {
    const name = pod.metadata.labels?.[PROFILE_LABEL];
    return this.#store
      .list('eks/fargate-profile')
      .find(
        (profile) =>
          profile.clusterName === this.#clusterName && profile.fargateProfileName === name,
      );
  }

  /** Tries the profile's subnets in turn; the last refusal when none has an address. */
  async #createInterface(
    key: string,
    pod: Pod,
    { subnetIds }: FargateProfile,
    cluster: EksCluster,
  ): Promise<NetworkInterface | AwsError> {
    const asked = pod.metadata.annotations?.[POD_SECURITY_GROUPS];
    const groups = asked?.split(',').map((group) => group.trim()) ?? [
      cluster.clusterSecurityGroupId,
    ];
    const first = this.#nextSubnet++;
    let answer: NetworkInterface | AwsError = {
      kind: 'aws-error',
      code: 'InvalidSubnet',
      message: 'The Fargate profile has no subnets.',
    };
    for (let i = 0; i < subnetIds.length; i++) {
      answer = await this.#ec2.createNetworkInterface({
        subnetId: subnetIds[(first + i) % subnetIds.length]!,
        description: `Amazon EKS Fargate ${key}`,
        groups,
        requesterId: REQUESTER,
        ...(cluster.ipFamily === 'ipv6' ? { ipv6AddressCount: 1 } : {}),
        tags: { [POD_TAG]: `${key}/${pod.metadata.uid ?? ''}`, 'eks:cluster-name': cluster.name },
      });
      if (isAwsError(answer)) continue;
      this.#recognize(answer);
      return answer;
    }
    return answer;
  }

  #wait(key: string, pod: Pod, { subnetIds }: FargateProfile, error: AwsError): Result {
    this.#event(pod, 'Warning', 'FailedScheduling', `${error.code}: ${error.message}`);
    for (const subnetId of subnetIds) {
      this.#waiting.set(subnetId, (this.#waiting.get(subnetId) ?? new Set()).add(key));
    }
    return requeue(LOOK_AGAIN_MS, error.code, { background: true });
  }

  #leaveQueue(key: string): void {
    for (const [subnetId, pods] of this.#waiting) {
      pods.delete(key);
      if (pods.size === 0) this.#waiting.delete(subnetId);
    }
  }

  /** Shows the machine as a node, and binds the pod to it. */
  #start(key: string, pod: Pod, cluster: EksCluster, eni: NetworkInterface): Result {
    const node = fargateNode({
      eni,
      zoneId: this.#store.get('ec2/subnet', eni.subnetId)?.availabilityZoneId,
      size: podSize(pod),
      version: cluster.version,
      ipFamily: cluster.ipFamily,
      at: timestamp(this.#clock.now()),
    });
    const { name } = node.metadata;
    this.#plugin(eni);
    const created = this.#kubernetes.create(node);
    if (!isApiStatus(created) && created.status === undefined) {
      this.#kubernetes.updateStatus({ ...created, status: node.status });
    }
    const bound = this.#kubernetes.bind(key, name);
    if (isApiStatus(bound)) return requeue(LOOK_AGAIN_MS, bound.message, { background: true });
    const text = `Successfully assigned ${keyOf(pod)} to ${name}`;
    this.#event(pod, 'Normal', 'Scheduled', text);
    return done;
  }

  /** Takes the pod's node and interface away. */
  async #release(key: string): Promise<Result> {
    const machine = this.#interfaces.get(key);
    if (machine === undefined) return done;
    const eni = this.#store.get('ec2/network-interface', machine.id);
    if (eni !== undefined) {
      const name = fargateNodeName(eni);
      this.#plugins.delete(name);
      if (this.#store.get('Node', name) !== undefined) this.#kubernetes.delete('Node', name);
      const deleted = await this.#ec2.deleteNetworkInterface({
        networkInterfaceId: machine.id,
        requesterId: REQUESTER,
      });
      if (isAwsError(deleted)) return requeue(LOOK_AGAIN_MS, deleted.code, { background: true });
    }
    this.#interfaces.delete(key);
    return done;
  }

  #recognize({ networkInterfaceId, tags }: NetworkInterface): void {
    const [namespace, name, uid] = (tags[POD_TAG] ?? '').split('/');
    if (namespace === undefined || name === undefined || uid === undefined) return;
    this.#interfaces.set(`${namespace}/${name}`, { id: networkInterfaceId, uid });
  }

  #plugin(eni: NetworkInterface): Cni {
    const plugin = machineNetwork(this.#clock, this.#store, eni);
    this.#plugins.set(fargateNodeName(eni), plugin);
    return plugin;
  }

  #event(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#kubernetes.recordEvent(pod, { type, reason, message, component: FARGATE_SCHEDULER });
  }
}

/** The network of a machine: its pod has the machine's interface, nothing is set up or given back. */
const machineNetwork = (clock: Clock, store: TwinStore, eni: NetworkInterface): Cni => {
  const { networkInterfaceId, macAddress, privateIpAddresses, ipv6Addresses } = eni;
  const isIpv6 = store.list('eks/cluster').some(({ ipFamily }) => ipFamily === 'ipv6');
  const address = isIpv6 ? (ipv6Addresses[0] ?? '') : privateIpAddresses[0]!.address;
  const eth0: PodInterface = {
    name: 'eth0',
    hostName: 'eth0',
    macAddress,
    address,
    family: isIpv6 ? 6 : 4,
    networkInterfaceId,
    deviceNumber: 0,
    networkCardIndex: 0,
    podRoutes: [],
    podRules: [],
    podNeighbours: [],
    hostRules: [],
    hostRoutes: [],
  };
  return {
    isReady: () => true,
    add: async () => ({ kind: 'cni-success', interfaces: [eth0] }),
    del: async () => undefined,
    changed: () => clock.signal().wait(),
  };
};
