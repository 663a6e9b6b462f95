/**
 * controllers/scheduler/scheduling-cycle — takes pods from the queue until none is due: places
 * each, or tells it why not and what would have to happen.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/schedule_one.go schedulingCycle, bindingCycle,
 * handleSchedulingFailure.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import { invariant } from '../../model/invariant.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { withCondition } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { isCompany } from './filters.ts';
import { Diagnosis, NO_NODES, refuseOthers } from './fit-error.ts';
import type { NodeState } from './node-state.ts';
import type { Nominations } from './nominations.ts';
import type { Plan } from './plan.ts';
import type { PlanCache } from './plan-cache.ts';
import { type Candidate, Preemptor } from './preemption.ts';
import type { SchedulingQueue } from './scheduling-queue.ts';
import { Selection } from './selection.ts';
import type { Verdict, WaitingGroup } from './waiting-group.ts';

/** Pods of one group whose text is brought up to date; the others keep what they were told last. */
const TOLD_MAX = 100;
const COMPONENT = 'default-scheduler';

export interface Outside {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
}

export interface Parts {
  readonly cache: ClusterCache;
  readonly plans: PlanCache;
  readonly nominations: Nominations;
  readonly queue: SchedulingQueue;
}

export class SchedulingCycle {
  readonly #outside: Outside;
  readonly #parts: Parts;
  readonly #selection: Selection;
  readonly #preemptor: Preemptor;
  /** When a back-off timer is set for already. */
  #timerMs: number | undefined;
  /** True while some group waits for pods to come, not only for room; found anew at each run. */
  needsCompany = false;

  constructor(outside: Outside, parts: Parts) {
    this.#outside = outside;
    this.#parts = parts;
    const { random, store } = outside;
    const { cache, nominations } = parts;
    this.#selection = new Selection(cache, random, nominations);
    this.#preemptor = new Preemptor(store, cache, random, nominations);
  }

  /** Empties the queue; when to look again (virtual ms), if a timer is needed that is not set. */
  run(): number | undefined {
    const { clock } = this.#outside;
    const { queue } = this.#parts;
    const nowMs = clock.now();
    if (this.#timerMs !== undefined && this.#timerMs <= nowMs) this.#timerMs = undefined;
    this.needsCompany = false;
    for (const group of [...queue.withNewcomers()]) this.#welcome(group);
    let nextMs = queue.wake(nowMs, (group) => this.#hasChanged(group));
    for (;;) {
      const group = queue.pop();
      if (group === undefined) {
        // Placing one group may be what another waits for; and each wake may place more.
        nextMs = queue.wake(nowMs, (it) => this.#hasChanged(it));
        const again = queue.pop();
        if (again === undefined) break;
        this.#look(again);
        continue;
      }
      this.#look(group);
    }
    if (nextMs === undefined || (this.#timerMs !== undefined && this.#timerMs <= nextMs)) {
      return undefined;
    }
    this.#timerMs = nextMs;
    return nextMs;
  }

  /** Pods that joined a parked group are looked at, unless they would hear what the group did. */
  #welcome(group: WaitingGroup): void {
    const { verdict, newcomers } = group;
    if (verdict === undefined || this.#hasChanged(group) || this.#mightPreempt(group)) {
      this.#parts.queue.activate(group);
      return;
    }
    group.newcomers = [];
    for (const podKey of newcomers) this.#tell(group, podKey, verdict.text);
  }

  #mightPreempt({ podClass }: WaitingGroup): boolean {
    return podClass.mayPreempt && this.#parts.cache.hasPriorityBelow(podClass.priority);
  }

  #hasChanged({ verdict, pinnedNode }: WaitingGroup): boolean {
    if (verdict === undefined) return true;
    // The last wake of a run asks this of every group that stays parked.
    if (verdict.placed !== undefined) this.needsCompany = true;
    const { cache } = this.#parts;
    if (verdict.placed !== undefined && verdict.placed !== cache.placed) return true;
    return verdict.relief !== this.#relief(pinnedNode);
  }

  #relief(pinnedNode: string | undefined): number {
    const { cache } = this.#parts;
    return pinnedNode === undefined ? cache.relief : (cache.node(pinnedNode)?.relief ?? -1);
  }

  /** Looks at the group's next pod. */
  #look(group: WaitingGroup): void {
    const { store } = this.#outside;
    const { queue, plans } = this.#parts;
    const { podKey } = group.next!;
    const pod = store.get('Pod', podKey);
    if (pod === undefined || !group.pods.has(podKey)) {
      queue.activate(group);
      return;
    }
    const plan = plans.of(group.podClass);
    const node = this.#nodeFor(plan, group, podKey);
    if (node !== undefined) {
      this.#bind(group, podKey, pod, node);
      group.attempts = 0;
      group.verdict = undefined;
      queue.activate(group);
      return;
    }
    group.lookedAtMs = this.#outside.clock.now();
    group.attempts++;
    // Taken before victims go: their going is a change to wake for.
    const seen = this.#verdict(plan, group);
    const { text, goesOn } = this.#explain(plan, group, pod, podKey);
    group.verdict = { ...seen, text };
    if (goesOn) {
      // Others of the group may find victims of their own.
      this.#tell(group, podKey, text);
      queue.activate(group);
      return;
    }
    queue.park(group);
    this.#tellAll(group, podKey, text);
  }

  #nodeFor(plan: Plan, group: WaitingGroup, podKey: string): NodeState | undefined {
    if (group.pinnedNode === undefined) return this.#selection.choose(plan, podKey);
    const state = this.#parts.cache.node(group.pinnedNode);
    if (state === undefined) return undefined;
    return this.#selection.isFeasible(plan, state, podKey) ? state : undefined;
  }

  #verdict(plan: Plan, { pinnedNode }: WaitingGroup): Omit<Verdict, 'text'> {
    const company = isCompany(plan);
    const { cache } = this.#parts;
    return { relief: this.#relief(pinnedNode), placed: company ? cache.placed : undefined };
  }

  #bind(group: WaitingGroup, podKey: string, pod: Pod, { name }: NodeState): void {
    const { kubernetes } = this.#outside;
    const { cache, queue, nominations } = this.#parts;
    queue.remove(podKey);
    nominations.withdraw(podKey);
    const bound = kubernetes.bind(podKey, name);
    // Bound elsewhere or gone: the event that says so has been or will be seen.
    if (isApiStatus(bound)) return;
    // A watch that lost the binding's event must not place the next pod on what is taken.
    if (cache.classOfPlaced(podKey) === undefined) {
      cache.place(podKey, group.podClass, name, pod.metadata.labels);
    }
    kubernetes.recordEvent(pod, {
      reason: 'Scheduled',
      message: `Successfully assigned ${podKey} to ${name}`,
      type: 'Normal',
      component: COMPONENT,
    });
  }

  /** Why no node will do, and what preemption made of it. */
  #explain(
    plan: Plan,
    group: WaitingGroup,
    pod: Pod,
    podKey: string,
  ): { readonly text: string; readonly goesOn: boolean } {
    const { cache, nominations } = this.#parts;
    if (cache.order.length === 0) return { text: NO_NODES, goesOn: false };
    const diagnosis = this.#diagnose(plan, group, podKey);
    const found = this.#preemptor.find({ plan, pod, podKey, diagnosis });
    if ('text' in found) {
      if (!found.isWaiting) nominations.withdraw(podKey);
      return { text: `${diagnosis.text()} ${found.text}`, goesOn: found.isWaiting };
    }
    this.#preempt(found, pod);
    nominations.nominate(podKey, found.node.name, group.podClass);
    return { text: diagnosis.text(), goesOn: true };
  }

  #diagnose(plan: Plan, { pinnedNode }: WaitingGroup, podKey: string): Diagnosis {
    const { cache } = this.#parts;
    const diagnosis = new Diagnosis(cache.order.length);
    const pinned = pinnedNode === undefined ? undefined : cache.node(pinnedNode);
    const nodes = pinnedNode === undefined ? cache.order : pinned === undefined ? [] : [pinned];
    for (const state of nodes) {
      const refusal = this.#selection.refusal(plan, state, podKey);
      invariant(refusal !== undefined, `pod ${podKey} was refused by every node`);
      diagnosis.refuse(state.index, refusal);
    }
    if (pinnedNode !== undefined) refuseOthers(diagnosis);
    return diagnosis;
  }

  /** preemption.go prepareCandidate: victims go, lesser promises on the node are taken back. */
  #preempt({ node, victims }: Candidate, preemptor: Pod): void {
    const { kubernetes, store } = this.#outside;
    const { nominations } = this.#parts;
    for (const { key, pod } of victims) {
      const message = `${COMPONENT}: preempting to accommodate a higher priority pod`;
      const conditions = withCondition(pod.status?.conditions, {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message,
        lastTransitionTime: timestamp(this.#outside.clock.now()),
      });
      kubernetes.updateStatus({ ...pod, status: { ...pod.status, conditions } });
      kubernetes.delete('Pod', key);
      kubernetes.recordEvent(pod, {
        reason: 'Preempted',
        message: `Preempted by pod ${preemptor.metadata.uid} on node ${node.name}`,
        type: 'Normal',
        component: COMPONENT,
      });
    }
    for (const key of nominations.below(node.name, preemptor.spec.priority ?? 0)) {
      nominations.withdraw(key);
      const pod = store.get('Pod', key);
      if (pod === undefined) continue;
      const { nominatedNodeName: _, ...status } = pod.status ?? {};
      kubernetes.updateStatus({ ...pod, status });
    }
  }

  #tellAll(group: WaitingGroup, podKey: string, text: string): void {
    this.#tell(group, podKey, text);
    let left = TOLD_MAX;
    for (const [key, { told }] of group.pods) {
      if (told === text) continue;
      if (told !== undefined && left-- <= 0) continue;
      this.#tell(group, key, text);
    }
  }

  /** schedule_one.go handleSchedulingFailure: the condition, and an event. */
  #tell(group: WaitingGroup, podKey: string, text: string): void {
    const { store, kubernetes, clock } = this.#outside;
    const pod = store.get('Pod', podKey);
    const waiting = group.pods.get(podKey);
    if (pod === undefined || waiting === undefined) return;
    const isKnown = waiting.told === undefined && waiting.heard === text;
    waiting.told = text;
    if (isKnown) return;
    kubernetes.recordEvent(pod, {
      reason: 'FailedScheduling',
      message: text,
      type: 'Warning',
      component: COMPONENT,
    });
    const conditions = withCondition(pod.status?.conditions, {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: text,
      lastProbeTime: null,
      lastTransitionTime: timestamp(clock.now()),
    });
    const { nominatedNodeName: _, ...status } = pod.status ?? {};
    const nominated = this.#parts.nominations.nodeOf(podKey);
    kubernetes.updateStatus({
      ...pod,
      status: {
        ...status,
        conditions,
        ...(nominated === undefined ? {} : { nominatedNodeName: nominated }),
      },
    });
  }
}
