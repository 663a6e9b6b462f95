/**
 * controllers/workloads/taint-eviction — pods leave nodes whose NoExecute taints they do not
 * tolerate, at once or when the time they tolerate them for is over.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/tainteviction/taint_eviction.go.
 * Reads: Node, Pod.  Writes: deletes Pods; Pod DisruptionTarget condition, events.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { withCondition } from '../../model/kubernetes/condition.ts';
import type { Pod, Taint } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { toleratesTaint } from '../../model/kubernetes/toleration.ts';
import { parseTimestamp, timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { Deadlines } from './deadlines.ts';

const COMPONENT = 'taint-eviction-controller';
const NOTHING: readonly string[] = [];

export function taintEvictionController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  /** Pods that will be evicted when their time is over. */
  const due = new Set<string>();
  const tell = (pod: Pod, message: string): void =>
    kubernetes.recordEvent(pod, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
      component: COMPONENT,
    });

  const evict = (key: string): void => {
    due.delete(key);
    const pod = store.get('Pod', key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    tell(pod, `Marking for deletion Pod ${key}`);
    const conditions = withCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: timestamp(clock.now()),
    });
    kubernetes.updateStatus({ ...pod, status: { ...pod.status, conditions } });
    kubernetes.delete('Pod', key);
  };
  const timers = new Deadlines(clock, evict);

  const look = (pod: Pod, taints: readonly Taint[]): void => {
    const key = keyOf(pod);
    const leftMs =
      pod.metadata.deletionTimestamp === undefined ? stayMs(pod, taints, clock.now()) : undefined;
    if (leftMs !== undefined && leftMs <= 0) {
      timers.set(key, undefined);
      evict(key);
      return;
    }
    if (leftMs === undefined && due.delete(key) && pod.metadata.deletionTimestamp === undefined) {
      tell(pod, `Cancelling deletion of Pod ${key}`);
    }
    if (leftMs !== undefined) due.add(key);
    timers.set(key, leftMs);
  };

  const executing = (nodeName: string | undefined): readonly Taint[] =>
    (nodeName === undefined ? undefined : store.get('Node', nodeName))?.spec.taints?.filter(
      (it) => it.effect === 'NoExecute',
    ) ?? [];

  return {
    name: 'taint-eviction',
    watches: [
      watch<Kinds, 'Node'>('Node', ({ key, value, previous }) =>
        value?.spec.taints === previous?.spec.taints ? NOTHING : [key],
      ),
      // A pod that comes to a tainted node, or leaves by itself.
      watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => {
        const nodeName = value?.spec.nodeName;
        if (value === undefined || nodeName === undefined) {
          if (due.delete(key)) timers.set(key, undefined);
          return NOTHING;
        }
        const isNew = previous?.spec.nodeName !== nodeName;
        return isNew && executing(nodeName).length > 0 ? [nodeName] : NOTHING;
      }),
    ],
    reconcile(nodeName) {
      const taints = executing(nodeName);
      for (const pod of store.lookup('Pod', 'node', nodeName)) {
        if (taints.length > 0 || due.has(keyOf(pod))) look(pod, taints);
      }
      return done;
    },
  };
}

/**
 * How long the pod may stay: undefined = for good.
 *
 * Upstream counts from when it first saw the taint; here from the taint's own `timeAdded`.
 */
function stayMs({ spec }: Pod, taints: readonly Taint[], nowMs: number): number | undefined {
  let stay: number | undefined;
  for (const taint of taints) {
    const matching = (spec.tolerations ?? []).filter((it) => toleratesTaint(it, taint));
    if (matching.length === 0) return 0;
    const addedMs = parseTimestamp(taint.timeAdded ?? '') ?? nowMs;
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds === undefined) continue;
      const leftMs = addedMs + Math.max(0, tolerationSeconds) * 1000 - nowMs;
      stay = Math.min(stay ?? leftMs, leftMs);
    }
  }
  return stay === undefined ? undefined : Math.max(0, stay);
}
