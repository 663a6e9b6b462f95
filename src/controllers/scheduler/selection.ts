/**
 * controllers/scheduler/selection — finds a pod's node: enough feasible nodes, the best of them, a
 * seeded choice among equals.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/schedule_one.go findNodesThatPassFilters,
 * numFeasibleNodesToFind, selectHost.
 */
import type { Random } from '../../sim/random.ts';
import type { ClusterCache } from './cluster-cache.ts';
import {
  companyRefusal,
  fitsNode,
  isCompany,
  type Refusal,
  refusalOf,
  staticRefusal,
} from './filters.ts';
import { arePortsFree, type NodeState } from './node-state.ts';
import type { Nominations } from './nominations.ts';
import type { Plan } from './plan.ts';
import {
  affinityWeight,
  resourceScore,
  type ScoreSheet,
  scoreNodes,
  scoreSheet,
  softTaints,
} from './scores.ts';

/** schedule_one.go:58 minFeasibleNodesToFind, minFeasibleNodesPercentageToFind. */
const MIN_FEASIBLE = 100;
const MIN_PERCENT = 5;

/** How many feasible nodes are enough in a cluster of so many. */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < MIN_FEASIBLE) return nodes;
  const percent = Math.max(MIN_PERCENT, 50 - Math.trunc(nodes / 125));
  return Math.max(MIN_FEASIBLE, Math.trunc((nodes * percent) / 100));
}

export class Selection {
  readonly #cache: ClusterCache;
  readonly #random: Random;
  readonly #nominations: Nominations;
  /** schedule_one.go nextStartNodeIndex: the next pod begins where the last one stopped. */
  #start = 0;
  #sheet: ScoreSheet = scoreSheet(0);

  constructor(cache: ClusterCache, random: Random, nominations: Nominations) {
    this.#cache = cache;
    this.#random = random;
    this.#nominations = nominations;
  }

  /** The node for a pod of the plan's class; undefined when none is feasible. */
  choose(plan: Plan, podKey: string): NodeState | undefined {
    const nominated = this.#nominations.nodeOf(podKey);
    if (nominated !== undefined) {
      const state = this.#cache.node(nominated);
      if (state !== undefined && this.isFeasible(plan, state, podKey)) return state;
    }
    const count = this.#findFeasible(plan, podKey);
    if (count === 0) return undefined;
    if (count === 1) return this.#cache.at(this.#sheet.feasible[0]!);
    scoreNodes(plan, this.#sheet);
    return this.#cache.at(this.#best());
  }

  /** True when the pod may run on the node, whoever was promised room there. */
  isFeasible(plan: Plan, state: NodeState, podKey: string): boolean {
    return this.refusal(plan, state, podKey) === undefined;
  }

  /** Why the pod may not run on the node: as it is, or once promised pods are there. */
  refusal(plan: Plan, state: NodeState, podKey: string): Refusal | undefined {
    const { table } = this.#cache;
    const refused = refusalOf(plan, state, table);
    if (refused !== undefined) return refused;
    const promised = this.#nominations.on(state.name, plan.podClass.priority, podKey);
    if (promised.length === 0) return undefined;
    for (const podClass of promised) this.#cache.count(state, podClass, 1);
    const refusedThen = refusalOf(plan, state, table);
    for (const podClass of promised) this.#cache.count(state, podClass, -1);
    return refusedThen;
  }

  #findFeasible(plan: Plan, podKey: string): number {
    const { order } = this.#cache;
    if (this.#sheet.feasible.length < order.length) this.#sheet = scoreSheet(order.length * 2);
    const { feasible } = this.#sheet;
    let count = 0;
    const enough = feasibleNodesToFind(order.length);
    const needsCompany = isCompany(plan);
    const hasPorts = plan.podClass.ports.length > 0;
    const hasPromises = this.#nominations.size > 0;
    let looked = 0;
    for (; looked < order.length && count < enough; looked++) {
      const state = order[(this.#start + looked) % order.length]!;
      const { index } = state;
      if (plan.staticVersion[index] !== state.version) readNode(plan, state);
      if (plan.staticPass[index] !== true) continue;
      if (plan.usageVersion[index] !== state.usage) readUsage(plan, state);
      if (plan.fits[index] !== true) continue;
      if (hasPorts && !arePortsFree(state, plan.podClass)) continue;
      if (needsCompany && companyRefusal(plan, state) !== undefined) continue;
      if (hasPromises && !this.isFeasible(plan, state, podKey)) continue;
      feasible[count++] = index;
    }
    if (order.length > 0) this.#start = (this.#start + looked) % order.length;
    this.#sheet.count = count;
    return count;
  }

  /** The best index; among equals each has the same chance. */
  #best(): number {
    const { feasible, count, total: scores } = this.#sheet;
    let best = 0;
    let equals = 1;
    for (let i = 1; i < count; i++) {
      if (scores[i]! > scores[best]!) {
        best = i;
        equals = 1;
      } else if (scores[i] === scores[best]) {
        equals++;
        if (this.#random.int(equals) === 0) best = i;
      }
    }
    return feasible[best]!;
  }
}

/** What the node's spec and labels mean for the class. */
function readNode(plan: Plan, state: NodeState): void {
  const { index } = state;
  const passes = staticRefusal(plan, state) === undefined;
  plan.staticVersion[index] = state.version;
  plan.staticPass[index] = passes;
  plan.taintCount[index] = passes ? softTaints(plan, state) : 0;
  plan.nodeWeight[index] = passes ? affinityWeight(plan, state) : 0;
}

/** What the pods on the node leave for the class. */
function readUsage(plan: Plan, state: NodeState): void {
  const { index } = state;
  plan.usageVersion[index] = state.usage;
  plan.fits[index] = fitsNode(plan, state);
  plan.resourceScore[index] = resourceScore(plan, state);
}
