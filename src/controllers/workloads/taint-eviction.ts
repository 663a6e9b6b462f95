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
  const evictions = new Evictions(clock, store, kubernetes);
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
          evictions.forget(key);
          return NOTHING;
        }
        const isNew = previous?.spec.nodeName !== nodeName;
        return isNew && evictions.taintsOf(nodeName).length > 0 ? [nodeName] : NOTHING;
      }),
    ],
    reconcile(nodeName) {
      evictions.look(nodeName);
      return done;
    },
    stop: () => evictions.stop(),
  };
}

class Evictions {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #timers: Deadlines;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#timers = new Deadlines(clock, (key) => this.#evict(key));
  }

  /** The node's taints that drive pods away. */
  taintsOf(nodeName: string): readonly Taint[] {
    const taints = this.#store.get('Node', nodeName)?.spec.taints;
    return taints?.filter((it) => it.effect === 'NoExecute') ?? [];
  }

  forget(podKey: string): void {
    if (this.#timers.has(podKey)) this.#timers.set(podKey, undefined);
  }

  look(nodeName: string): void {
    const taints = this.taintsOf(nodeName);
    for (const pod of this.#store.lookup('Pod', 'node', nodeName)) {
      if (taints.length > 0 || this.#timers.has(keyOf(pod))) this.#lookAtPod(pod, taints);
    }
  }

  stop(): void {
    this.#timers.stop();
  }

  #lookAtPod(pod: Pod, taints: readonly Taint[]): void {
    const key = keyOf(pod);
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    const leftMs = isLeaving ? undefined : stayMs(pod, taints, this.#clock.now());
    const wasDue = this.#timers.has(key);
    if (leftMs !== undefined && leftMs <= 0) {
      this.#timers.set(key, undefined);
      this.#evict(key);
      return;
    }
    this.#timers.set(key, leftMs);
    if (leftMs === undefined && wasDue && !isLeaving) {
      this.#tell(pod, `Cancelling deletion of Pod ${key}`);
    }
  }

  #evict(key: string): void {
    const pod = this.#store.get('Pod', key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    this.#tell(pod, `Marking for deletion Pod ${key}`);
    const conditions = withCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: timestamp(this.#clock.now()),
    });
    this.#kubernetes.updateStatus({ ...pod, status: { ...pod.status, conditions } });
    this.#kubernetes.delete('Pod', key);
  }

  #tell(pod: Pod, message: string): void {
    this.#kubernetes.recordEvent(pod, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
      component: COMPONENT,
    });
  }
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
