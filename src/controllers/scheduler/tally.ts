/**
 * controllers/scheduler/tally — how many pods of some sort there are in each domain of a topology,
 * kept up to date pod by pod: what spread constraints and pod affinity are decided on.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/plugins/podtopologyspread/filtering.go
 * preFilterState (TpPairToMatchNum, criticalPaths), interpodaffinity/filtering.go
 * topologyToMatchedTermCount. Upstream counts anew for every pod; the numbers are the same.
 */
import type { NodeState } from './node-state.ts';
import type { PodClass } from './pod-class.ts';
import { NO_DOMAIN, placeNode, type Topology, topologyOf } from './topology.ts';

/** What a tally counts. */
export interface TallyRule {
  /** Rules with the same key are the same tally. */
  readonly key: string;
  readonly topologyKey: string;
  /** How much one pod of the class counts; 0 when it is not meant. */
  readonly countOf: (podClass: PodClass) => number;
  /** Nodes whose pods and domains count; absent = all. */
  readonly isEligible?: ((node: NodeState) => boolean) | undefined;
  /** Pods on their way out do not count (spread constraints). */
  readonly skipsTerminating: boolean;
}

export interface Tally {
  readonly rule: TallyRule;
  readonly topology: Topology;
  readonly perNode: number[];
  readonly perDomain: number[];
  /** Eligible nodes by domain. */
  readonly nodesIn: number[];
  /** Domains that have an eligible node. */
  domains: number;
  total: number;
  /** How many domains have each count; with `least`, the smallest count, so nobody has to look. */
  readonly domainsAt: Map<number, number>;
  least: number;
  readonly eligible: boolean[];
  /** Plans that read it; nobody's tally is dropped. */
  users: number;
}

/** The tallies in use, and the topologies they are made over. */
export class TallyBook {
  readonly #tallies = new Map<string, Tally>();
  readonly #topologies = new Map<string, Topology>();
  readonly #nodes: () => Iterable<NodeState>;
  readonly #classes: () => Iterable<PodClass>;
  readonly #terminating: (node: NodeState, podClass: PodClass) => number;

  /**
   * @param terminating  how many of a class's pods on a node are on their way out
   */
  constructor(
    nodes: () => Iterable<NodeState>,
    classes: () => Iterable<PodClass>,
    terminating: (node: NodeState, podClass: PodClass) => number,
  ) {
    this.#nodes = nodes;
    this.#classes = classes;
    this.#terminating = terminating;
  }

  topology(key: string): Topology {
    let topology = this.#topologies.get(key);
    if (topology === undefined) {
      topology = topologyOf(key);
      this.#topologies.set(key, topology);
      for (const node of this.#nodes()) placeNode(topology, node);
    }
    return topology;
  }

  /** The tally of a rule, counted now or in use already; give it back with `release`. */
  use(rule: TallyRule): Tally {
    let tally = this.#tallies.get(rule.key);
    if (tally === undefined) {
      tally = this.#count(rule);
      this.#tallies.set(rule.key, tally);
    }
    tally.users++;
    return tally;
  }

  release(tally: Tally): void {
    if (--tally.users > 0) return;
    this.#tallies.delete(tally.rule.key);
    for (const { tallies } of this.#classes()) {
      const at = tallies.indexOf(tally);
      if (at >= 0) tallies.splice(at, 1);
    }
  }

  /** A class nobody had seen: which tallies its pods are part of. */
  addClass(podClass: PodClass): void {
    for (const tally of this.#tallies.values()) {
      if (tally.rule.countOf(podClass) !== 0) podClass.tallies.push(tally);
    }
  }

  /** One pod of the class more or less on the node. */
  countPod(node: NodeState, podClass: PodClass, sign: 1 | -1, terminating: boolean): void {
    for (const tally of podClass.tallies) {
      if (terminating && tally.rule.skipsTerminating) continue;
      addTo(tally, node.index, sign * tally.rule.countOf(podClass));
    }
  }

  /** A pod on the node began to leave: it counts no more where such pods do not. */
  countLeaving(node: NodeState, podClass: PodClass): void {
    for (const tally of podClass.tallies) {
      if (tally.rule.skipsTerminating) addTo(tally, node.index, -tally.rule.countOf(podClass));
    }
  }

  /** The node came, went or changed: its domain and eligibility are read again. */
  moveNode(node: NodeState): void {
    for (const tally of this.#tallies.values()) leaveDomain(tally, node.index);
    for (const topology of this.#topologies.values()) placeNode(topology, node);
    for (const tally of this.#tallies.values()) enterDomain(tally, node);
  }

  #count(rule: TallyRule): Tally {
    const tally: Tally = {
      rule,
      topology: this.topology(rule.topologyKey),
      perNode: [],
      perDomain: [],
      nodesIn: [],
      domains: 0,
      total: 0,
      domainsAt: new Map(),
      least: 0,
      eligible: [],
      users: 0,
    };
    /** The classes that are meant; few of the many there may be on a node. */
    const meant = new Map<PodClass, number>();
    for (const podClass of this.#classes()) {
      const each = rule.countOf(podClass);
      if (each === 0) continue;
      podClass.tallies.push(tally);
      if (podClass.placed > 0) meant.set(podClass, each);
    }
    for (const node of this.#nodes()) {
      let count = 0;
      for (const [podClass, each] of meant) {
        const pods = node.classes.get(podClass);
        if (pods === undefined) continue;
        const leaving = rule.skipsTerminating ? this.#terminating(node, podClass) : 0;
        count += each * (pods - leaving);
      }
      tally.perNode[node.index] = count;
      enterDomain(tally, node);
    }
    return tally;
  }
}

function addTo(tally: Tally, index: number, amount: number): void {
  tally.perNode[index] = (tally.perNode[index] ?? 0) + amount;
  if (tally.eligible[index] !== true) return;
  const domain = tally.topology.domainOf[index]!;
  tally.total += amount;
  const before = tally.perDomain[domain]!;
  recount(tally, before, before + amount);
  tally.perDomain[domain] = before + amount;
}

/** A node with the label and eligible joins its domain, with the pods on it. */
function enterDomain(tally: Tally, node: NodeState): void {
  const { index } = node;
  tally.perNode[index] ??= 0;
  const domain = tally.topology.domainOf[index] ?? NO_DOMAIN;
  const counts = node.node !== undefined && (tally.rule.isEligible?.(node) ?? true);
  tally.eligible[index] = domain !== NO_DOMAIN && counts;
  if (tally.eligible[index] !== true) return;
  const nodes = tally.nodesIn[domain] ?? 0;
  tally.nodesIn[domain] = nodes + 1;
  if (nodes === 0) {
    tally.domains++;
    tally.perDomain[domain] = 0;
    recount(tally, undefined, 0);
  }
  const amount = tally.perNode[index]!;
  if (amount === 0) return;
  tally.total += amount;
  const before = tally.perDomain[domain]!;
  recount(tally, before, before + amount);
  tally.perDomain[domain] = before + amount;
}

function leaveDomain(tally: Tally, index: number): void {
  if (tally.eligible[index] !== true) return;
  tally.eligible[index] = false;
  const domain = tally.topology.domainOf[index]!;
  const amount = tally.perNode[index]!;
  const before = tally.perDomain[domain]!;
  tally.total -= amount;
  tally.perDomain[domain] = before - amount;
  tally.nodesIn[domain]!--;
  if (tally.nodesIn[domain] === 0) {
    tally.domains--;
    recount(tally, before, undefined);
  } else recount(tally, before, before - amount);
}

/** One domain's count changed; undefined = the domain came or went. */
function recount(tally: Tally, before: number | undefined, after: number | undefined): void {
  const { domainsAt } = tally;
  if (before !== undefined) {
    const left = domainsAt.get(before)! - 1;
    if (left === 0) domainsAt.delete(before);
    else domainsAt.set(before, left);
  }
  if (after !== undefined) domainsAt.set(after, (domainsAt.get(after) ?? 0) + 1);
  if (after !== undefined && (after < tally.least || domainsAt.size === 1)) tally.least = after;
  else if (!domainsAt.has(tally.least)) tally.least = leastOf(domainsAt);
}

function leastOf(domainsAt: ReadonlyMap<number, number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const count of domainsAt.keys()) if (count < least) least = count;
  return least === Number.POSITIVE_INFINITY ? 0 : least;
}
