/**
 * controllers/workloads/cloud-node-lifecycle — a node whose instance is gone is deleted, one whose
 * instance is stopped is tainted; pods of nodes that are gone are removed.
 *
 * Upstream: kubernetes/cloud-provider controllers/nodelifecycle/node_lifecycle_controller.go
 * MonitorNodes (asks the cloud only about nodes that are not ready, every 5 s) and
 * kubernetes/kubernetes pkg/controller/podgc/gc_controller.go gcOrphaned (after 40 s).
 * Reads: Node, ec2/instance, Pod.  Writes: deletes Nodes and Pods; Node taints, events.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isConditionTrue, isPodTerminal, withCondition } from '../../model/kubernetes/condition.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { Deadlines } from './deadlines.ts';
import { instanceState, nodesOfInstances } from './node-instance.ts';

/** cloud-controller-manager --node-monitor-period. */
const MONITOR_MS = 5_000;
const SHUTDOWN = 'node.cloudprovider.kubernetes.io/shutdown';
/** gc_controller.go quarantineTime: a node may come back under its name. */
const QUARANTINE_MS = 40_000;

export function cloudNodeLifecycleController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const ask = (request: string): void => {
    const node = store.get('Node', request);
    if (node === undefined) return;
    const state = instanceState(store, node);
    if (state === undefined || isReady(node)) return;
    if (state === 'terminated') {
      const { name } = node.metadata;
      kubernetes.recordEvent(node, {
        type: 'Normal',
        reason: 'DeletingNode',
        message: `Deleting node ${name} because it does not exist in the cloud provider`,
        component: 'cloud-node-lifecycle-controller',
      });
      kubernetes.delete('Node', name);
      return;
    }
    setShutdown(kubernetes, node, state === 'stopped', timestamp(clock.now()));
  };
  const timers = new Deadlines(clock, ask);
  const asksFor = (node: Node): boolean => {
    const state = instanceState(store, node);
    if (state === 'terminated' || state === 'stopped') return !isReady(node);
    return isShutdown(node);
  };
  return {
    name: 'cloud-node-lifecycle',
    watches: [watch<Kinds, 'Node'>('Node', ({ key }) => [key]), nodesOfInstances(store)],
    reconcile(request) {
      const node = store.get('Node', request);
      timers.set(request, node !== undefined && asksFor(node) ? MONITOR_MS : undefined);
      return done;
    },
    stop: () => timers.stop(),
  };
}

const isReady = ({ status }: Node): boolean => isConditionTrue(status?.conditions, 'Ready');

const isShutdown = ({ spec }: Node): boolean =>
  spec.taints?.some(({ key }) => key === SHUTDOWN) === true;

function setShutdown(kubernetes: Kubernetes, node: Node, isDown: boolean, at: string): void {
  if (isDown === isShutdown(node)) return;
  const others = (node.spec.taints ?? []).filter(({ key }) => key !== SHUTDOWN);
  const taint = { key: SHUTDOWN, effect: 'NoSchedule', timeAdded: at } as const;
  const taints = isDown ? [...others, taint] : others;
  kubernetes.update({ ...node, spec: { ...node.spec, taints } });
}

/**
 * The pod garbage collector: removes pods of nodes that have gone. Requests are node names. Pods of
 * nodes that never were here (an export of pods alone) are kept, other than upstream.
 */
export function podGcController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const gone = new Set<string>();
  const collect = (nodeName: string): void => {
    if (!gone.has(nodeName)) return;
    for (const pod of store.lookup('Pod', 'node', nodeName)) {
      const conditions = withCondition(pod.status?.conditions, {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
        lastTransitionTime: timestamp(clock.now()),
      });
      const phase = isPodTerminal(pod) ? pod.status?.phase : ('Failed' as const);
      kubernetes.updateStatus({ ...pod, status: { ...pod.status, phase, conditions } });
      kubernetes.delete('Pod', keyOf(pod), { gracePeriodSeconds: 0 });
    }
  };
  const timers = new Deadlines(clock, collect);
  return {
    name: 'pod-gc',
    watches: [
      watch<Kinds, 'Node'>('Node', ({ key, value }) => {
        if (value === undefined) gone.add(key);
        else if (!gone.delete(key)) return [];
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', ({ value, previous }) => {
        const nodeName = value?.spec.nodeName;
        if (nodeName === undefined || nodeName === previous?.spec.nodeName) return [];
        return gone.has(nodeName) ? [nodeName] : [];
      }),
    ],
    reconcile(nodeName): Result {
      if (!gone.has(nodeName)) timers.set(nodeName, undefined);
      else if (store.lookupKeys('Pod', 'node', nodeName).size > 0 && !timers.has(nodeName)) {
        timers.set(nodeName, QUARANTINE_MS);
      }
      return done;
    },
    stop: () => timers.stop(),
  };
}
