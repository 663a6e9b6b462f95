/**
 * controllers/scheduler/plan — everything about a class of pods that can be known before a pod of
 * it is looked at: which tallies decide, and per node what its labels and taints say.
 *
 * Upstream's counterpart is the CycleState that PreFilter and PreScore fill for every pod anew.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { PodAffinityTerm, TopologySpreadConstraint } from '../../model/kubernetes/core.ts';
import { matchesRequiredAffinity } from '../../model/kubernetes/node-affinity.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import { untoleratedTaint } from '../../model/kubernetes/toleration.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { NodeState } from './node-state.ts';
import type { PodClass } from './pod-class.ts';
import { narrowedSelector, type TermMatcher } from './pod-term.ts';
import { defaultConstraints } from './spread-defaults.ts';
import type { Tally, TallyRule } from './tally.ts';

export interface SpreadRule {
  readonly constraint: TopologySpreadConstraint;
  readonly tally: Tally;
  /** 1 when the pod itself counts. */
  readonly self: 0 | 1;
}

export interface Plan {
  readonly podClass: PodClass;
  /** Resource positions and milli-units asked for; what is 0 is left out. */
  readonly asks: readonly { readonly position: number; readonly amount: number }[];
  readonly hardSpread: readonly SpreadRule[];
  readonly softSpread: readonly SpreadRule[];
  /** Nodes without one of the soft constraints' labels score nothing (the user's own ones only). */
  readonly softNeedsLabels: boolean;
  /** Pods that match all the class's affinity terms, one tally per term. */
  readonly affinity: readonly Tally[];
  readonly matchesOwnAffinity: boolean;
  readonly antiAffinity: readonly Tally[];
  /** Placed pods whose anti-affinity means this class. */
  readonly existingAnti: readonly Tally[];
  /** What pod affinity adds to or takes from a node's score, per pod. */
  readonly preferred: readonly { readonly tally: Tally; readonly weight: number }[];
  /** By node index, with the node version they were computed for; see filters.ts and scores.ts. */
  readonly staticVersion: number[];
  readonly staticPass: boolean[];
  readonly taintCount: number[];
  readonly nodeWeight: number[];
  readonly usageVersion: number[];
  readonly fits: boolean[];
  readonly resourceScore: number[];
  readonly tallies: readonly Tally[];
}

/** Makes plans; holds the terms of placed pods that concern others. */
export class Planner {
  readonly #store: TwinStore;
  readonly #cache: ClusterCache;
  readonly #matches: TermMatcher;
  /** Tallies of pods that hold a term, with whom the term means. */
  readonly #held: HeldTerm[] = [];
  readonly #heldKeys = new Set<string>();

  constructor(store: TwinStore, cache: ClusterCache, matches: TermMatcher) {
    this.#store = store;
    this.#cache = cache;
    this.#matches = matches;
  }

  /**
   * Takes note of a new class's pod affinity; true when other classes' plans must be made anew.
   */
  hold(podClass: PodClass): boolean {
    const { antiAffinity, affinity, preferred } = podClass.terms;
    const before = this.#held.length;
    for (const term of antiAffinity) this.#holdTerm(podClass, term, 'anti', 1);
    // interpodaffinity: HardPodAffinityWeight, 1 by default.
    for (const term of affinity) this.#holdTerm(podClass, term, 'score', 1);
    for (const { term, weight } of preferred) this.#holdTerm(podClass, term, 'score', weight);
    return this.#held.length > before;
  }

  plan(podClass: PodClass): Plan {
    const { terms } = podClass;
    const isDefaulted = terms.spread.length === 0;
    const constraints = isDefaulted ? defaultConstraints(this.#store, podClass) : terms.spread;
    const rules = constraints.map((it) => this.#spreadRule(podClass, it));
    const others = this.#held.filter((it) => this.#matches(it.owner, it.term, podClass));
    const affinity = terms.affinity.map((term) => this.#affinityTally(podClass, term));
    const antiAffinity = terms.antiAffinity.map((term) => this.#termTally(podClass, term));
    const preferred = [
      ...terms.preferred.map(({ term, weight }) => ({
        tally: this.#termTally(podClass, term),
        weight,
      })),
      ...others.filter((it) => it.use === 'score').map((it) => this.#useHeld(it)),
    ];
    const existingAnti = others
      .filter((it) => it.use === 'anti')
      .map((it) => this.#useHeld(it).tally);
    const asks = [...podClass.requests]
      .filter(([, amount]) => amount > 0)
      .map(([name, amount]) => ({ position: this.#cache.table.positionOf(name), amount }));
    return {
      podClass,
      asks,
      hardSpread: rules.filter((it) => it.constraint.whenUnsatisfiable === 'DoNotSchedule'),
      softSpread: rules.filter((it) => it.constraint.whenUnsatisfiable !== 'DoNotSchedule'),
      softNeedsLabels: !isDefaulted,
      affinity,
      matchesOwnAffinity: terms.affinity.every((it) => this.#matches(podClass, it, podClass)),
      antiAffinity,
      existingAnti,
      preferred,
      staticVersion: [],
      staticPass: [],
      taintCount: [],
      nodeWeight: [],
      usageVersion: [],
      fits: [],
      resourceScore: [],
      tallies: [
        ...rules.map((it) => it.tally),
        ...affinity,
        ...antiAffinity,
        ...existingAnti,
        ...preferred.map((it) => it.tally),
      ],
    };
  }

  release(plan: Plan): void {
    for (const tally of plan.tallies) this.#cache.tallies.release(tally);
  }

  #spreadRule(podClass: PodClass, constraint: TopologySpreadConstraint): SpreadRule {
    const { namespace, labels, spec } = podClass;
    const { labelSelector, matchLabelKeys, topologyKey } = constraint;
    const selector = narrowedSelector(labelSelector, matchLabelKeys, labels);
    const honorsAffinity = constraint.nodeAffinityPolicy !== 'Ignore';
    const honorsTaints = constraint.nodeTaintsPolicy === 'Honor';
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const asksForNodes = spec.nodeSelector !== undefined || required !== undefined;
    const narrows = (honorsAffinity && !podClass.isPinned && asksForNodes) || honorsTaints;
    const isEligible = (node: NodeState): boolean =>
      (!honorsAffinity || podClass.isPinned || matchesRequiredAffinity(spec, node.node!)) &&
      (!honorsTaints ||
        untoleratedTaint(node.node!.spec.taints, spec.tolerations, HARD_EFFECTS) === undefined);
    const key = JSON.stringify([
      'spread',
      namespace,
      topologyKey,
      selector,
      honorsAffinity && !podClass.isPinned ? [spec.nodeSelector, required] : null,
      honorsTaints ? spec.tolerations : null,
    ]);
    const counts = (other: PodClass): boolean =>
      other.namespace === namespace && matchesSelector(selector, other.labels);
    const tally = this.#cache.tallies.use({
      key,
      topologyKey,
      countOf: (other) => (counts(other) ? 1 : 0),
      // Asked for every node: most pods mean all of them.
      isEligible: narrows ? isEligible : undefined,
      skipsTerminating: true,
    });
    return { constraint, tally, self: counts(podClass) ? 1 : 0 };
  }

  /** Pods one term means. */
  #termTally(podClass: PodClass, term: PodAffinityTerm): Tally {
    return this.#cache.tallies.use({
      key: JSON.stringify(['term', podClass.namespace, term, keyedLabels(podClass, term)]),
      topologyKey: term.topologyKey,
      countOf: (other) => (this.#matches(podClass, term, other) ? 1 : 0),
      skipsTerminating: false,
    });
  }

  /** Pods all the class's affinity terms mean, over one term's topology. */
  #affinityTally(podClass: PodClass, term: PodAffinityTerm): Tally {
    const all = podClass.terms.affinity;
    return this.#cache.tallies.use({
      key: JSON.stringify(['all', podClass.id, term.topologyKey]),
      topologyKey: term.topologyKey,
      countOf: (other) => (all.every((it) => this.#matches(podClass, it, other)) ? 1 : 0),
      skipsTerminating: false,
    });
  }

  #holdTerm(owner: PodClass, term: PodAffinityTerm, use: HeldTerm['use'], weight: number): void {
    const key = JSON.stringify([
      'held',
      use,
      weight,
      owner.namespace,
      term,
      keyedLabels(owner, term),
    ]);
    const rule: TallyRule = {
      key,
      topologyKey: term.topologyKey,
      countOf: (other) => (holds(other, owner, term, use, weight) ? 1 : 0),
      skipsTerminating: false,
    };
    if (this.#heldKeys.has(key)) return;
    this.#heldKeys.add(key);
    this.#held.push({ owner, term, use, weight, rule });
  }

  #useHeld({ rule, weight }: HeldTerm): { tally: Tally; weight: number } {
    return { tally: this.#cache.tallies.use(rule), weight };
  }
}

interface HeldTerm {
  readonly owner: PodClass;
  readonly term: PodAffinityTerm;
  readonly use: 'anti' | 'score';
  readonly weight: number;
  readonly rule: TallyRule;
}

export const HARD_EFFECTS = ['NoSchedule', 'NoExecute'] as const;

/** The owner's labels a term is narrowed by. */
const keyedLabels = ({ labels }: PodClass, { matchLabelKeys = [] }: PodAffinityTerm): unknown =>
  matchLabelKeys.map((key) => labels[key]);

/** True when pods of the class carry the very term. */
function holds(
  podClass: PodClass,
  owner: PodClass,
  term: PodAffinityTerm,
  use: HeldTerm['use'],
  weight: number,
): boolean {
  if (podClass === owner) return true;
  if (podClass.namespace !== owner.namespace) return false;
  const { antiAffinity, affinity, preferred } = podClass.terms;
  const text = JSON.stringify([term, keyedLabels(owner, term)]);
  const isIt = (other: PodAffinityTerm): boolean =>
    JSON.stringify([other, keyedLabels(podClass, other)]) === text;
  if (use === 'anti') return antiAffinity.some(isIt);
  if (weight === 1 && affinity.some(isIt)) return true;
  return preferred.some((it) => it.weight === weight && isIt(it.term));
}
