/**
 * controllers/kubelet — the kubelets of all nodes: nodes join, bound pods run, deleted pods go.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet. One controller for all nodes; each pod has a task
 * only while something is to happen with it. There is no heartbeat: a kubelet that runs is
 * healthy. Fargate's nodes are kubelets too, made known by their Node object.
 * Reads: Instance, NodeGroup, Node, Pod, node/pod-sandbox.  Writes: Node, Pod status, Event.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Instance, InstanceState } from '../../model/ec2/instance.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isConditionTrue } from '../../model/kubernetes/condition.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import type { Reach } from '../../model/linux/reach.ts';
import { parseTimestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, type Watch, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { Joining } from './joining.ts';
import { awaitNetwork, wakeParked } from './node-network.ts';
import { markReady } from './node-registration.ts';
import { refreshReadiness, runPod, seeThrough } from './pod-run.ts';
import { tearDownSandbox } from './pod-sandbox.ts';
import { stopHostAgent, stopPod } from './pod-stop.ts';
import { isHostAgent, type NodeState, newWork, type PodWork } from './pod-work.ts';
import { beginPrograms, stopPrograms } from './programs/container-end.ts';
import type { ProgramSlot } from './programs/container-programs.ts';
import { resumeEphemeral, startEphemeral } from './programs/ephemeral-containers.ts';
import { readyAfterMs } from './readiness.ts';
import type { CniOf, PodHooks, PullImage, Surroundings } from './surroundings.ts';

export interface KubeletOptions {
  readonly cniOf: CniOf;
  readonly hooks: PodHooks;
  /** Answers pulls; absent = every image can be pulled. */
  readonly images?: PullImage | undefined;
  /** What instances reach; absent = all they need. */
  readonly reach?: Reach | undefined;
  /** Who runs containers' commands; absent = nobody ever. */
  readonly programs?: ProgramSlot | undefined;
}

/** Requests are `instance:ID`, `node:NAME` and `pod:NAMESPACE/NAME`. */
const watches: readonly Watch<Kinds>[] = [
  watch<Kinds, 'ec2/instance'>('ec2/instance', ({ key, value, previous }) =>
    value?.state === previous?.state ? [] : [`instance:${key}`],
  ),
  watch<Kinds, 'Node'>('Node', ({ key, value, previous }) =>
    (value === undefined) === (previous === undefined) ? [] : [`node:${key}`],
  ),
  watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) =>
    concernsKubelet(value, previous) ? [`pod:${key}`] : [],
  ),
];

/** Bound, to be deleted, gone, or a readiness gate moved; a kubelet's own writes are none of it. */
const concernsKubelet = (value: Pod | undefined, previous: Pod | undefined): boolean => {
  if (value === undefined) return previous?.spec.nodeName !== undefined;
  if (value.spec.nodeName === undefined) return false;
  if (previous?.spec.nodeName === undefined) return true;
  if (value.metadata.uid !== previous.metadata.uid) return true;
  if (value.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp) return true;
  if (value.spec.ephemeralContainers !== previous.spec.ephemeralContainers) return true;
  return gateStatuses(value) !== gateStatuses(previous);
};

/** What the pod's readiness gates say, in one text; the same object again costs nothing. */
const gateStatuses = ({ spec, status }: Pod): string => {
  if (spec.readinessGates === undefined || spec.readinessGates.length === 0) return '';
  const statusOf = (type: string): string =>
    status?.conditions?.find((condition) => condition.type === type)?.status ?? '-';
  return spec.readinessGates.map(({ conditionType }) => statusOf(conditionType)).join(' ');
};

const STOPS: ReadonlySet<InstanceState> = new Set([
  'shutting-down',
  'terminated',
  'stopping',
  'stopped',
]);

const isReady = ({ status }: Node): boolean => isConditionTrue(status?.conditions, 'Ready');

/** The kubelets of a twin's nodes. */
export const kubelet = (
  clock: Clock,
  random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
  options: KubeletOptions,
): Controller<Kinds> => {
  const surroundings: Surroundings = { clock, random, store, kubernetes, ...options };
  const kubelets = new Kubelets(surroundings);
  return {
    name: 'kubelet',
    watches,
    reconcile: (request): Result => {
      const colon = request.indexOf(':');
      const key = request.slice(colon + 1);
      if (request.startsWith('pod:')) kubelets.seePod(key);
      else if (request.startsWith('node:')) kubelets.seeNode(key);
      else kubelets.seeInstance(key);
      return done;
    },
    stop: () => kubelets.stop(),
  };
};

/** What the kubelets know, and what they do about one changed object. */
class Kubelets {
  readonly #surroundings: Surroundings;
  readonly #nodes = new Map<string, NodeState>();
  readonly #works = new Map<string, PodWork>();
  readonly #joining: Joining;
  readonly #unfollow: (() => void) | undefined;
  readonly #unawait: (() => void) | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#joining = new Joining(surroundings, (node) => this.#adopt(node));
    this.#unfollow = surroundings.reach?.onChange(() => this.#networkChanged());
    this.#unawait = surroundings.programs?.onFilled(() => this.#programsCame());
  }

  seeInstance(instanceId: string): void {
    const { store } = this.#surroundings;
    const instance = store.get('ec2/instance', instanceId);
    if (instance === undefined || STOPS.has(instance.state)) {
      this.#joining.forget(instanceId);
      for (const node of store.lookup('Node', 'instance', instanceId))
        this.#die(node.metadata.name);
      if (instance !== undefined) this.#die(instance.privateDnsName);
      return;
    }
    if (instance.state !== 'running') return;
    const nodeName = store.lookup('Node', 'instance', instanceId)[0]?.metadata.name;
    if (nodeName === undefined) this.#joining.see(instance);
    else this.seeNode(nodeName);
  }

  seeNode(name: string): void {
    const node = this.#surroundings.store.get('Node', name);
    if (node === undefined) this.#die(name);
    else if (!this.#nodes.has(name) && this.#hasMachine(node)) this.#adopt(node);
  }

  seePod(key: string): void {
    const { store } = this.#surroundings;
    const pod = store.get('Pod', key);
    const known = this.#works.get(key);
    if (known !== undefined && known.uid !== (pod?.metadata.uid ?? '')) {
      known.gone = true;
      this.#forget(known);
      this.#stop(known);
    }
    if (pod?.spec.nodeName === undefined) return;
    const node = this.#nodes.get(pod.spec.nodeName);
    if (node === undefined || !node.alive) return;
    const work = this.#works.get(key) ?? this.#begin(key, pod, node);
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (work.stopping) return;
      work.stopping = true;
      this.#stop(work);
      return;
    }
    if (pod.spec.ephemeralContainers !== undefined && work.running) {
      startEphemeral(this.#surroundings, work);
    }
    if (work.running && (pod.spec.readinessGates?.length ?? 0) > 0) {
      refreshReadiness(this.#surroundings, work);
    }
  }

  /** Whoever takes over finds pods and sandboxes as they are; nothing of these kubelets goes on. */
  stop(): void {
    this.#joining.stop();
    this.#unfollow?.();
    this.#unawait?.();
    for (const work of this.#works.values()) stopPrograms(work);
    for (const node of this.#nodes.values()) {
      node.alive = false;
      for (const { wake } of node.works) wake?.notify();
      wakeParked(node);
    }
  }

  /** The instance behind a node may be unknown (an imported cluster without its instances). */
  #hasMachine(node: Node): boolean {
    const instance = this.#instanceOf(node);
    return instance === undefined || !STOPS.has(instance.state);
  }

  #instanceOf(node: Node): Instance | undefined {
    const instanceId = instanceIdOf(node);
    return instanceId === undefined
      ? undefined
      : this.#surroundings.store.get('ec2/instance', instanceId);
  }

  /** Somebody came who runs commands: those of containers that run already begin. */
  #programsCame(): void {
    for (const work of this.#works.values()) {
      if (!work.running || work.stopping) continue;
      if (!work.runsItself) beginPrograms(this.#surroundings, work);
      resumeEphemeral(this.#surroundings, work);
      // Who waits for a made-up end waits no more.
      if (work.runsItself) work.wake?.notify();
    }
  }

  /** The pod's containers have all ended: its sandbox goes, its object stays. */
  #over(work: PodWork): void {
    work.running = false;
    stopPrograms(work);
    work.busy = true;
    this.#surroundings.clock.spawn(async () => {
      await tearDownSandbox(this.#surroundings, work);
      this.#ended(work);
    });
  }

  /** AWS's network changed: who waits for a way tries again. */
  #networkChanged(): void {
    this.#joining.networkChanged();
    for (const { unpulled } of this.#nodes.values()) for (const signal of unpulled) signal.notify();
  }

  #adopt(node: Node): void {
    const { store } = this.#surroundings;
    const { name } = node.metadata;
    const addresses = node.status?.addresses ?? [];
    const state: NodeState = {
      name,
      hostIps: addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
      alive: true,
      networkReady: isReady(node),
      images: new Map(),
      parked: new Set(),
      unpulled: new Set(),
      works: new Set(),
      onPodOver: (work) => this.#over(work),
      watched: undefined,
    };
    this.#nodes.set(name, state);
    if (!state.networkReady) this.#awaitNetwork(state);
    for (const key of [...store.lookupKeys('Pod', 'node', name)]) this.seePod(key);
  }

  #awaitNetwork(node: NodeState): void {
    awaitNetwork(this.#surroundings, node, () => markReady(this.#surroundings, node.name));
  }

  /** A plugin may have come up on the node: what waits for one looks again. */
  #agentStarted(node: NodeState): void {
    if (!node.networkReady) this.#awaitNetwork(node);
    node.watched = undefined;
    wakeParked(node);
  }

  /** Takes up a pod: as it is found when it runs already, from the start otherwise. */
  #begin(key: string, pod: Pod, node: NodeState): PodWork {
    const work = newWork(key, pod, node);
    this.#works.set(key, work);
    node.works.add(work);
    const { phase, podIP } = pod.status ?? {};
    if (phase === 'Succeeded' || phase === 'Failed') {
      work.networked = this.#ownsSandbox(work);
      return work;
    }
    if (phase === 'Running' && podIP !== undefined) this.#takeAsRunning(work);
    else if (pod.metadata.deletionTimestamp === undefined) this.#run(work);
    return work;
  }

  #run(work: PodWork): void {
    work.busy = true;
    const onStarted = (): void => {
      if (work.hooked) this.#agentStarted(work.node);
    };
    runPod(this.#surroundings, work, onStarted, () => this.#ended(work));
  }

  #takeAsRunning(work: PodWork): void {
    const { clock, hooks, store } = this.#surroundings;
    const { pod, node } = work;
    work.running = true;
    work.podIps = (pod.status?.podIPs ?? []).map(({ ip }) => ip);
    if (work.podIps.length === 0) work.podIps = [pod.status?.podIP ?? ''];
    const statuses = pod.status?.containerStatuses ?? [];
    work.probed = statuses.length > 0 && statuses.every(({ ready }) => ready);
    work.networked = pod.spec.hostNetwork !== true;
    work.containerId = store.get('node/pod-sandbox', work.key)?.containerId ?? work.uid;
    for (const { image = '' } of pod.spec.containers) node.images.set(image, clock.now());
    if (isHostAgent(pod)) {
      work.hooked = true;
      hooks.started(pod, node.name);
      this.#agentStarted(node);
    }
    // What is not ready long after its start was found so, and stays so.
    const startedAt = statuses[0]?.state?.running?.startedAt;
    const startedAtMs = (startedAt && parseTimestamp(startedAt)) || 0;
    const readyInMs = startedAtMs + readyAfterMs(pod) - clock.now();
    startEphemeral(this.#surroundings, work);
    const end = beginPrograms(this.#surroundings, work);
    if (end === undefined && (work.probed || readyInMs <= 0)) return;
    work.busy = true;
    clock.spawn(async () => {
      await seeThrough(this.#surroundings, work, readyInMs, end);
      this.#ended(work);
    });
  }

  #ownsSandbox(work: PodWork): boolean {
    const sandbox = this.#surroundings.store.get('node/pod-sandbox', work.key);
    if (sandbox?.podUid !== work.uid) return false;
    work.containerId = sandbox.containerId;
    return true;
  }

  #stop(work: PodWork): void {
    work.wake?.notify();
    if (work.gone && !work.busy && !work.running && !work.networked) return;
    // What is under way sees the marks, and ends; then the pod is stopped.
    if (!work.busy) this.#spawnStop(work);
  }

  /** Nothing of the pod is under way any more; if it was deleted meanwhile, now it is stopped. */
  #ended(work: PodWork): void {
    work.busy = false;
    if ((work.stopping || work.gone) && work.node.alive) this.#spawnStop(work);
  }

  #spawnStop(work: PodWork): void {
    work.busy = true;
    this.#surroundings.clock.spawn(async () => {
      await stopPod(this.#surroundings, work);
      work.busy = false;
    });
  }

  #forget(work: PodWork): void {
    work.node.works.delete(work);
    if (this.#works.get(work.key) === work) this.#works.delete(work.key);
  }

  /** The machine is gone: nothing on it runs on, and nobody there tells the API. */
  #die(name: string): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    node.alive = false;
    this.#nodes.delete(name);
    for (const work of node.works) {
      this.#forget(work);
      stopHostAgent(this.#surroundings, work);
      stopPrograms(work);
      work.wake?.notify();
    }
    wakeParked(node);
  }
}
