/**
 * controllers/scheduler/preemption — makes room for a pod that matters more.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/plugins/defaultpreemption
 * (SelectVictimsOnNode, PodEligibleToPreemptOthers, GetOffsetAndNumCandidates) and
 * framework/preemption/preemption.go (pickOneNodeForPreemption). PodDisruptionBudgets are not
 * asked: nothing in the twin computes their status.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { conditionOf } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { parseTimestamp } from '../../model/time.ts';
import type { Random } from '../../sim/random.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { refusalOf } from './filters.ts';
import { type Diagnosis, preemptionText } from './fit-error.ts';
import type { NodeState } from './node-state.ts';
import type { Nominations } from './nominations.ts';
import type { Plan } from './plan.ts';
import type { PodClass } from './pod-class.ts';
import { NO_VICTIMS } from './reasons.data.ts';

/** default_preemption.go args: minCandidateNodesPercentage 10, minCandidateNodesAbsolute 100. */
const MIN_CANDIDATES_PERCENT = 10;
const MIN_CANDIDATES = 100;

interface Victim {
  readonly key: string;
  readonly pod: Pod;
  readonly podClass: PodClass;
  readonly startMs: number;
}

export interface Candidate {
  readonly node: NodeState;
  readonly victims: readonly Victim[];
}

/** Who has to go and where, or why nobody can. */
export type Preemption =
  | Candidate
  /** `isWaiting`: it preempted before, and its victims are still on their way out. */
  | { readonly text: string; readonly isWaiting: boolean };

interface Ask {
  readonly plan: Plan;
  readonly pod: Pod;
  readonly podKey: string;
  readonly diagnosis: Diagnosis;
}

export class Preemptor {
  readonly #store: TwinStore;
  readonly #cache: ClusterCache;
  readonly #random: Random;
  readonly #nominations: Nominations;

  constructor(store: TwinStore, cache: ClusterCache, random: Random, nominations: Nominations) {
    this.#store = store;
    this.#cache = cache;
    this.#random = random;
    this.#nominations = nominations;
  }

  /** Looks for the node where the fewest and least important pods would have to go. */
  find({ plan, pod, podKey, diagnosis }: Ask): Preemption {
    const refused = this.#ineligible(plan, podKey);
    if (refused !== undefined) {
      return { text: `preemption: ${refused}`, isWaiting: plan.podClass.mayPreempt };
    }
    const nodes = diagnosis.nodes;
    if (!this.#cache.hasPriorityBelow(plan.podClass.priority)) {
      const reasons = diagnosis.resolvable.map(() => NO_VICTIMS);
      return { text: preemptionText(nodes, reasons), isWaiting: false };
    }
    const possible = diagnosis.resolvable;
    const wanted = Math.max(MIN_CANDIDATES, (possible.length * MIN_CANDIDATES_PERCENT) / 100);
    const offset = possible.length === 0 ? 0 : this.#random.int(possible.length);
    const candidates: Candidate[] = [];
    const reasons: string[] = [];
    for (let i = 0; i < possible.length && candidates.length < wanted; i++) {
      const node = this.#cache.at(possible[(offset + i) % possible.length]!);
      const found = this.#victimsOn(plan, pod, podKey, node);
      if (Array.isArray(found)) candidates.push({ node, victims: found });
      else reasons.push(...(found as string).split('\n'));
    }
    if (candidates.length === 0) {
      return { text: preemptionText(nodes, reasons), isWaiting: false };
    }
    return bestOf(candidates);
  }

  /** default_preemption.go:271 PodEligibleToPreemptOthers. */
  #ineligible({ podClass }: Plan, podKey: string): string | undefined {
    if (!podClass.mayPreempt) return 'not eligible due to preemptionPolicy=Never.';
    const nominated = this.#nominations.nodeOf(podKey);
    if (nominated === undefined) return undefined;
    for (const pod of this.#store.lookup('Pod', 'node', nominated)) {
      if (pod.metadata.deletionTimestamp === undefined) continue;
      if ((pod.spec.priority ?? 0) < podClass.priority) {
        return 'not eligible due to a terminating pod on the nominated node.';
      }
    }
    return undefined;
  }

  /** The pods that must go for the pod to fit; otherwise why not, one reason a line. */
  #victimsOn(plan: Plan, pod: Pod, podKey: string, node: NodeState): Victim[] | string {
    const lower: Victim[] = [];
    for (const other of this.#store.lookup('Pod', 'node', node.name)) {
      const key = keyOf(other);
      const podClass = this.#cache.classOfPlaced(key);
      if (podClass === undefined || podClass.priority >= (pod.spec.priority ?? 0)) continue;
      lower.push({ key, pod: other, podClass, startMs: startOf(other) });
    }
    if (lower.length === 0) return NO_VICTIMS;
    const promised = this.#nominations.on(node.name, plan.podClass.priority, podKey);
    for (const podClass of promised) this.#cache.count(node, podClass, 1);
    for (const victim of lower) this.#count(node, victim, -1);
    const refused = refusalOf(plan, node, this.#cache.table);
    const victims = refused === undefined ? this.#reprieve(plan, node, lower) : lower;
    for (const victim of victims) this.#count(node, victim, 1);
    for (const podClass of promised) this.#cache.count(node, podClass, -1);
    return refused === undefined ? victims : refused.reasons.join('\n');
  }

  /** Lets as many stay as can, the most important first; returns who has to go. */
  #reprieve(plan: Plan, node: NodeState, lower: readonly Victim[]): Victim[] {
    const victims: Victim[] = [];
    for (const victim of [...lower].sort(byImportance)) {
      this.#count(node, victim, 1);
      if (refusalOf(plan, node, this.#cache.table) === undefined) continue;
      this.#count(node, victim, -1);
      victims.push(victim);
    }
    return victims;
  }

  #count(node: NodeState, { podClass, pod }: Victim, sign: 1 | -1): void {
    this.#cache.count(node, podClass, sign, pod.metadata.deletionTimestamp !== undefined);
  }
}

/** util.MoreImportantPod: higher priority, then the one that has run longer. */
const byImportance = (a: Victim, b: Victim): number =>
  b.podClass.priority - a.podClass.priority || a.startMs - b.startMs;

function startOf({ metadata, status }: Pod): number {
  const started =
    status?.startTime ?? conditionOf(status?.conditions, 'PodScheduled')?.lastTransitionTime;
  return parseTimestamp(started ?? metadata.creationTimestamp ?? '') ?? 0;
}

/** preemption.go pickOneNodeForPreemption, rule by rule; victims are sorted by importance. */
function bestOf(candidates: readonly Candidate[]): Candidate {
  const rules: ((candidate: Candidate) => number)[] = [
    ({ victims }) => victims[0]?.podClass.priority ?? Number.NEGATIVE_INFINITY,
    // Each victim weighs, also one of negative priority: hence the offset.
    ({ victims }) => victims.reduce((sum, it) => sum + it.podClass.priority + 2 ** 31, 0),
    ({ victims }) => victims.length,
    ({ victims }) => -earliestStart(victims),
  ];
  let left = candidates;
  for (const cost of rules) {
    const least = Math.min(...left.map(cost));
    left = left.filter((it) => cost(it) === least);
    if (left.length === 1) break;
  }
  return left[0]!;
}

/** util.GetEarliestPodStartTime: of the victims with the highest priority. */
function earliestStart(victims: readonly Victim[]): number {
  const highest = victims[0]?.podClass.priority;
  const starts = victims.filter((it) => it.podClass.priority === highest).map((it) => it.startMs);
  return Math.min(...starts, Number.MAX_SAFE_INTEGER);
}
