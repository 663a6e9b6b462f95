/**
 * controllers/workloads/node-lifecycle — taints that follow a node's state.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go
 * (nodeConditionToTaintKeyStatusMap, processTaintBaseEviction, MarkPodsNotReady). Kubelets send no
 * heartbeats here: an instance that stops running is what would end them, so its node goes Unknown
 * after the monitor grace period.
 * Reads: Node, ec2/instance, Pod.  Writes: Node taints and conditions, Pod Ready condition, events.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { conditionOf, isPodReady, withCondition } from '../../model/kubernetes/condition.ts';
import type { Node, Taint } from '../../model/kubernetes/core.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { Deadlines } from './deadlines.ts';
import { instanceState, nodesOfInstances } from './node-instance.ts';

/** kube-controller-manager --node-monitor-grace-period (40 s up to 1.31, 50 s since). */
const GRACE_MS = 50_000;
const COMPONENT = 'node-controller';
const PREFIX = 'node.kubernetes.io/';

/** Conditions that keep pods away, by the status that does. */
const PRESSURE: readonly (readonly [type: string, taint: string])[] = [
  ['MemoryPressure', 'memory-pressure'],
  ['DiskPressure', 'disk-pressure'],
  ['NetworkUnavailable', 'network-unavailable'],
  ['PIDPressure', 'pid-pressure'],
];

/** Taints this controller puts on and takes off; everybody else's stay. */
const OURS: ReadonlySet<string> = new Set(
  ['not-ready', 'unreachable', 'unschedulable', ...PRESSURE.map(([, name]) => name)].map(
    (name) => `${PREFIX}${name}`,
  ),
);

export function nodeLifecycleController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const lifecycle = new NodeLifecycle(clock, store, kubernetes);
  return {
    name: 'node-lifecycle',
    watches: [watch<Kinds, 'Node'>('Node', ({ key }) => [key]), nodesOfInstances(store)],
    reconcile(request) {
      lifecycle.look(request);
      return done;
    },
    stop: () => lifecycle.stop(),
  };
}

class NodeLifecycle {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  /** When a kubelet has been silent so long that its word no longer counts. */
  readonly #silences: Deadlines;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#silences = new Deadlines(clock, (name) => this.#markUnknown(name));
  }

  look(name: string): void {
    const node = this.#store.get('Node', name);
    if (node === undefined) {
      this.#silences.set(name, undefined);
      return;
    }
    if (!isSilent(this.#store, node) || isUnknown(node)) this.#silences.set(name, undefined);
    else if (!this.#silences.has(name)) this.#silences.set(name, GRACE_MS);
    this.#writeTaints(node);
  }

  stop(): void {
    this.#silences.stop();
  }

  #markUnknown(name: string): void {
    const node = this.#store.get('Node', name);
    if (node === undefined || !isSilent(this.#store, node)) return;
    const at = timestamp(this.#clock.now());
    const conditions = (node.status?.conditions ?? []).map((it) =>
      it.status === 'Unknown'
        ? it
        : {
            ...it,
            status: 'Unknown' as const,
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
            lastTransitionTime: at,
          },
    );
    this.#kubernetes.updateStatus({ ...node, status: { ...node.status, conditions } });
  }

  #writeTaints(node: Node): void {
    const before = node.spec.taints ?? [];
    const taints = taintsOf(node, timestamp(this.#clock.now()));
    const isSame =
      taints.length === before.length &&
      taints.every((it) => before.some((other) => isSameTaint(other, it)));
    if (isSame) return;
    const { taints: _, ...spec } = node.spec;
    const changed = taints.length === 0 ? spec : { ...spec, taints };
    if (isApiStatus(this.#kubernetes.update({ ...node, spec: changed }))) return;
    const drives = (it: Taint): boolean => isDown(it) && it.effect === 'NoExecute';
    if (!before.some(drives) && taints.some(drives)) this.#tellDown(node);
  }

  /** A node went down: its pods are not ready any more, whatever they last said. */
  #tellDown(node: Node): void {
    const { name } = node.metadata;
    const event = { reason: 'NodeNotReady', component: COMPONENT };
    const message = `Node ${name} status is now: NodeNotReady`;
    this.#kubernetes.recordEvent(node, { ...event, type: 'Normal', message });
    const at = timestamp(this.#clock.now());
    const down = { type: 'Ready', status: 'False' as const, lastTransitionTime: at };
    for (const pod of this.#store.lookup('Pod', 'node', name)) {
      if (!isPodReady(pod)) continue;
      const conditions = withCondition(pod.status?.conditions, down);
      this.#kubernetes.updateStatus({ ...pod, status: { ...pod.status, conditions } });
      const told = { ...event, type: 'Warning' as const, message: 'Node is not ready' };
      this.#kubernetes.recordEvent(pod, told);
    }
  }
}

const isDown = ({ key }: Taint): boolean =>
  key === `${PREFIX}not-ready` || key === `${PREFIX}unreachable`;

const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

const isUnknown = ({ status }: Node): boolean =>
  conditionOf(status?.conditions, 'Ready')?.status === 'Unknown';

/** The node's instance is known and does not run: its kubelet cannot be heard. */
function isSilent(store: TwinStore, node: Node): boolean {
  const state = instanceState(store, node);
  return state !== undefined && state !== 'running' && state !== 'pending';
}

/** The node's taints: everybody else's, and ours as its state asks for. */
function taintsOf(node: Node, at: string): readonly Taint[] {
  const before = node.spec.taints ?? [];
  const conditions = node.status?.conditions;
  const wanted: Taint[] = [];
  const want = (name: string, effect: Taint['effect']): void => {
    const taint = { key: `${PREFIX}${name}`, effect };
    wanted.push(before.find((it) => isSameTaint(it, taint)) ?? { ...taint, timeAdded: at });
  };
  const ready = conditionOf(conditions, 'Ready');
  if (ready?.status === 'False') for (const effect of EFFECTS) want('not-ready', effect);
  if (ready?.status === 'Unknown') for (const effect of EFFECTS) want('unreachable', effect);
  if (node.spec.unschedulable === true) want('unschedulable', 'NoSchedule');
  for (const [type, name] of PRESSURE) {
    if (conditionOf(conditions, type)?.status === 'True') want(name, 'NoSchedule');
  }
  // A node that has not reported yet keeps what its kubelet registered it with.
  const kept = ready === undefined ? before.filter(isDown) : [];
  const others = before.filter((it) => !OURS.has(it.key));
  return [...others, ...kept.filter((it) => !wanted.some((w) => isSameTaint(w, it))), ...wanted];
}

const EFFECTS = ['NoSchedule', 'NoExecute'] as const;
