/**
 * controllers/scheduler — kube-scheduler: gives every pod that has none a node.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/schedule_one.go, eventhandlers.go. Placing a pod
 * takes no virtual time; pods that fit nowhere wait for the cluster to change, with upstream's
 * back-off of 1 to 10 s between looks.
 * Reads: Pod, Node, Service, ReplicaSet, StatefulSet, Namespace.
 * Writes: Pod (binding, PodScheduled condition, nominatedNodeName), events; deletes preempted pods.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Request, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { ClusterCache } from './cluster-cache.ts';
import { Nominations } from './nominations.ts';
import { PlanCache } from './plan-cache.ts';
import { termMatcher } from './pod-term.ts';
import { SchedulingCycle } from './scheduling-cycle.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

/** The profile's name; pods of other schedulers are counted where they run, and left alone. */
export const SCHEDULER_NAME = 'default-scheduler';

const QUEUE: readonly Request[] = ['queue'];
const NOTHING: readonly Request[] = [];

/** kube-scheduler as a controller with one request: the queue. */
export function scheduler(
  clock: Clock,
  random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const cache: ClusterCache = new ClusterCache((podClass) => plans.hold(podClass));
  const plans: PlanCache = new PlanCache(store, cache, termMatcher(store));
  const nominations = new Nominations();
  const queue = new SchedulingQueue(cache);
  const cycle = new SchedulingCycle(
    { clock, random: random.split('scheduler'), store, kubernetes },
    { cache, plans, nominations, queue },
  );

  const seePod = (key: string, pod: Pod | undefined): readonly Request[] => {
    if (pod !== undefined && isForUs(pod)) {
      cache.setPod(key, undefined);
      queue.add(key, pod);
      return QUEUE;
    }
    if (queue.has(key)) {
      queue.remove(key);
      nominations.withdraw(key);
    }
    const before = cache.relief;
    cache.setPod(key, pod);
    return cache.relief === before && !cycle.needsCompany ? NOTHING : QUEUE;
  };
  const replan = (namespace: string | undefined): readonly Request[] => {
    plans.forget((podClass) => namespace === undefined || podClass.namespace === namespace);
    return NOTHING;
  };

  return {
    name: 'scheduler',
    watches: [
      watch<Kinds, 'Node'>('Node', ({ key, value }) => {
        const before = cache.relief;
        cache.setNode(key, value);
        return cache.relief === before ? NOTHING : QUEUE;
      }),
      watch<Kinds, 'Pod'>('Pod', ({ key, value }) => seePod(key, value)),
      // Spread defaults follow the selectors of Services and sets.
      watch<Kinds, 'Service'>('Service', ({ value, previous }) => {
        if (value?.spec.selector === previous?.spec.selector) return NOTHING;
        return replan((value ?? previous)?.metadata.namespace);
      }),
      watch<Kinds, 'Namespace'>('Namespace', ({ value, previous }) => {
        if (value?.metadata.labels === previous?.metadata.labels) return NOTHING;
        return replan(undefined);
      }),
    ],
    reconcile() {
      const nextMs = cycle.run();
      return nextMs === undefined ? done : requeue(nextMs - clock.now(), 'backing off');
    },
  };
}

/** eventhandlers.go: a pod of ours without a node that is neither ended, leaving nor gated. */
function isForUs(pod: Pod): boolean {
  const { spec, metadata } = pod;
  if (spec.nodeName !== undefined && spec.nodeName !== '') return false;
  if ((spec.schedulerName ?? SCHEDULER_NAME) !== SCHEDULER_NAME) return false;
  const gates = spec.schedulingGates as readonly unknown[] | undefined;
  if (gates !== undefined && gates.length > 0) return false;
  return metadata.deletionTimestamp === undefined && !isPodTerminal(pod);
}
