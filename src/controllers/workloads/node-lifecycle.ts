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
import { conditionOf, withCondition } from '../../model/kubernetes/condition.ts';
import type { Node, Taint } from '../../model/kubernetes/core.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { Deadlines } from './deadlines.ts';

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
  const look = (request: string): void => {
    const node = store.get('Node', request);
    if (node === undefined) silences.set(request, undefined);
    else writeTaints(node);
  };
  /** The kubelet fell silent so long ago that its word no longer counts. */
  const silences = new Deadlines(clock, (request) => {
    const node = store.get('Node', request);
    if (node !== undefined && isSilent(store, node)) markUnknown(node);
  });
  const tell = (node: Node, reason: string, message: string): void =>
    kubernetes.recordEvent(node, { type: 'Normal', reason, message, component: COMPONENT });

  const markUnknown = (node: Node): void => {
    const at = timestamp(clock.now());
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
    kubernetes.updateStatus({ ...node, status: { ...node.status, conditions } });
  };

  const markPodsNotReady = (node: Node): void => {
    const { name } = node.metadata;
    for (const pod of store.lookup('Pod', 'node', name)) {
      const ready = conditionOf(pod.status?.conditions, 'Ready');
      if (ready?.status !== 'True') continue;
      const at = timestamp(clock.now());
      const down = { type: 'Ready', status: 'False' as const, lastTransitionTime: at };
      const conditions = withCondition(pod.status?.conditions, down);
      kubernetes.updateStatus({ ...pod, status: { ...pod.status, conditions } });
      kubernetes.recordEvent(pod, {
        type: 'Warning',
        reason: 'NodeNotReady',
        message: 'Node is not ready',
        component: COMPONENT,
      });
    }
  };

  const writeTaints = (node: Node): void => {
    const before = node.spec.taints ?? [];
    const taints = taintsOf(node, timestamp(clock.now()));
    const wasDown = before.some((it) => isDown(it) && it.effect === 'NoExecute');
    const down = taints.find((it) => isDown(it) && it.effect === 'NoExecute');
    const isSame =
      taints.length === before.length &&
      taints.every((it) => before.some((b) => isSameTaint(b, it)));
    if (!isSame) {
      const { taints: _, ...spec } = node.spec;
      const changed = taints.length === 0 ? spec : { ...spec, taints };
      if (isApiStatus(kubernetes.update({ ...node, spec: changed }))) return;
    }
    const { name } = node.metadata;
    if (!isSilent(store, node) || isUnknown(node)) silences.set(name, undefined);
    else if (!silences.has(name)) silences.set(name, GRACE_MS);
    if (down === undefined || wasDown) return;
    tell(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    markPodsNotReady(node);
  };

  return {
    name: 'node-lifecycle',
    watches: [
      watch<Kinds, 'Node'>('Node', ({ key }) => [key]),
      watch<Kinds, 'ec2/instance'>('ec2/instance', ({ key, value, previous }) =>
        value?.state === previous?.state
          ? []
          : store.lookup('Node', 'instance', key).map(({ metadata }) => metadata.name),
      ),
    ],
    reconcile(request) {
      look(request);
      return done;
    },
  };
}

const isDown = ({ key }: Taint): boolean =>
  key === `${PREFIX}not-ready` || key === `${PREFIX}unreachable`;

const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

const isUnknown = ({ status }: Node): boolean =>
  conditionOf(status?.conditions, 'Ready')?.status === 'Unknown';

/** The node's instance is known and does not run: its kubelet cannot be heard. */
function isSilent(store: TwinStore, { spec }: Node): boolean {
  const id = spec.providerID?.split('/').pop();
  const instance = id === undefined ? undefined : store.get('ec2/instance', id);
  return instance !== undefined && instance.state !== 'running' && instance.state !== 'pending';
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
