/**
 * controllers/scheduler/scores — which of the feasible nodes is best.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/plugins with the weights of
 * apis/config/v1/default_plugins.go: TaintToleration 3, NodeAffinity 2, PodTopologySpread 2,
 * InterPodAffinity 2, NodeResourcesFit (LeastAllocated) 1, NodeResourcesBalancedAllocation 1.
 * ImageLocality 1 is left out: every image costs every node the same here.
 */
import { preferenceWeight } from '../../model/kubernetes/node-affinity.ts';
import { isTolerated } from '../../model/kubernetes/toleration.ts';
import {
  CPU_POSITION,
  MEMORY_POSITION,
  type NodeState,
  scoredCpuOf,
  scoredMemoryOf,
} from './node-state.ts';
import type { Plan } from './plan.ts';
import { HOSTNAME } from './spread-defaults.ts';
import { NO_DOMAIN } from './topology.ts';

const MAX_SCORE = 100;

/** taint_toleration.go: taints that are only preferred, and not tolerated. */
export function softTaints({ podClass }: Plan, { node }: NodeState): number {
  let count = 0;
  for (const taint of node!.spec.taints ?? []) {
    if (taint.effect !== 'PreferNoSchedule') continue;
    if (!isTolerated(podClass.spec.tolerations, taint)) count++;
  }
  return count;
}

/** The weights of the preferred node affinity terms the node meets. */
export const affinityWeight = ({ podClass }: Plan, { node }: NodeState): number =>
  preferenceWeight(podClass.spec, node!);

/** least_allocated.go leastResourceScorer plus balanced_allocation.go, with the pod on the node. */
export function resourceScore({ podClass }: Plan, state: NodeState): number {
  const cpu = state.allocatable[CPU_POSITION] ?? 0;
  const memory = state.allocatable[MEMORY_POSITION] ?? 0;
  const least = leastAllocated([
    [state.scoredCpu + scoredCpuOf(podClass), cpu],
    [state.scoredMemory + scoredMemoryOf(podClass), memory],
  ]);
  const asksCpu = podClass.requests.get('cpu') ?? 0;
  const asksMemory = podClass.requests.get('memory') ?? 0;
  // balanced_allocation.go PreScore: skipped for pods that ask for nothing.
  if (asksCpu === 0 && asksMemory === 0) return least;
  if (cpu === 0 || memory === 0) return least + MAX_SCORE;
  const cpuShare = Math.min(1, (state.used[CPU_POSITION]! + asksCpu) / cpu);
  const memoryShare = Math.min(1, (state.used[MEMORY_POSITION]! + asksMemory) / memory);
  const deviation = Math.abs(cpuShare - memoryShare) / 2;
  return least + Math.trunc((1 - deviation) * MAX_SCORE);
}

function leastAllocated(shares: readonly (readonly [asked: number, offered: number])[]): number {
  let score = 0;
  let weights = 0;
  for (const [asked, offered] of shares) {
    if (offered === 0) continue;
    weights++;
    if (asked <= offered) score += Math.trunc(((offered - asked) * MAX_SCORE) / offered);
  }
  return weights === 0 ? 0 : Math.trunc(score / weights);
}

/** The feasible nodes of one pod and their scores; the arrays are used again for the next pod. */
export interface ScoreSheet {
  /** Node indexes; `count` of them. */
  readonly feasible: Int32Array;
  count: number;
  readonly total: Float64Array;
  /** One plugin's scores before they are normalized. */
  readonly raw: Float64Array;
}

/** A sheet for as many nodes. */
export const scoreSheet = (nodes: number): ScoreSheet => ({
  feasible: new Int32Array(nodes),
  count: 0,
  total: new Float64Array(nodes),
  raw: new Float64Array(nodes),
});

/** Adds up the weighted scores of the feasible nodes into `total`. */
export function scoreNodes(plan: Plan, sheet: ScoreSheet): void {
  const { feasible, count, total } = sheet;
  const { resourceScore: resources, taintCount, nodeWeight } = plan;
  let maxTaints = 0;
  let maxWeight = 0;
  for (let i = 0; i < count; i++) {
    const index = feasible[i]!;
    total[i] = resources[index]!;
    if (taintCount[index]! > maxTaints) maxTaints = taintCount[index]!;
    if (nodeWeight[index]! > maxWeight) maxWeight = nodeWeight[index]!;
  }
  // helper.DefaultNormalizeScore; where all are equal nothing is decided and nothing added.
  if (maxTaints > 0 || maxWeight > 0) {
    for (let i = 0; i < count; i++) {
      const index = feasible[i]!;
      if (maxTaints > 0) {
        total[i]! += 3 * (MAX_SCORE - Math.trunc((MAX_SCORE * taintCount[index]!) / maxTaints));
      }
      if (maxWeight > 0) total[i]! += 2 * Math.trunc((MAX_SCORE * nodeWeight[index]!) / maxWeight);
    }
  }
  if (plan.softSpread.length > 0) addSpread(plan, sheet);
  if (plan.preferred.length > 0) addPodAffinity(plan, sheet);
}

/** podtopologyspread/scoring.go Score and NormalizeScore. */
function addSpread(plan: Plan, { feasible, count, total, raw }: ScoreSheet): void {
  const { softSpread, softNeedsLabels } = plan;
  raw.fill(0, 0, count);
  for (const { tally, constraint } of softSpread) {
    const { topology, perNode, perDomain } = tally;
    const isHost = constraint.topologyKey === HOSTNAME;
    const weight = Math.log((isHost ? count : tally.domains) + 2);
    const skew = constraint.maxSkew - 1;
    for (let i = 0; i < count; i++) {
      const index = feasible[i]!;
      const domain = topology.domainOf[index]!;
      if (domain === NO_DOMAIN) {
        if (softNeedsLabels) raw[i] = Number.NaN;
        continue;
      }
      const pods = isHost ? perNode[index]! : (perDomain[domain] ?? 0);
      raw[i]! += pods * weight + skew;
    }
  }
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let i = 0; i < count; i++) {
    const score = Math.round(raw[i]!);
    raw[i] = score;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  for (let i = 0; i < count; i++) {
    const score = raw[i]!;
    // scoring.go invalidScore: a node that lacks a label of the user's constraints gets nothing.
    if (Number.isNaN(score)) continue;
    total[i]! += 2 * (max === 0 ? MAX_SCORE : Math.trunc((MAX_SCORE * (max + min - score)) / max));
  }
}

/** interpodaffinity/scoring.go NormalizeScore. */
function addPodAffinity(plan: Plan, { feasible, count, total, raw }: ScoreSheet): void {
  raw.fill(0, 0, count);
  for (const { tally, weight } of plan.preferred) {
    const { topology, perDomain } = tally;
    for (let i = 0; i < count; i++) {
      const domain = topology.domainOf[feasible[i]!]!;
      if (domain !== NO_DOMAIN) raw[i]! += weight * (perDomain[domain] ?? 0);
    }
  }
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const score = raw[i]!;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  if (max <= min) return;
  for (let i = 0; i < count; i++) {
    total[i]! += 2 * Math.trunc((MAX_SCORE * (raw[i]! - min)) / (max - min));
  }
}
