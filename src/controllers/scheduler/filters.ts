/**
 * controllers/scheduler/filters — which nodes a pod may run on, and why it may not on the others.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/plugins, in the order of
 * apis/config/v1/default_plugins.go: NodeUnschedulable, NodeName, TaintToleration, NodeAffinity,
 * NodePorts, NodeResourcesFit, PodTopologySpread, InterPodAffinity. Volumes are not simulated.
 */
import { matchesRequiredAffinity } from '../../model/kubernetes/node-affinity.ts';
import { isTolerated, untoleratedTaint } from '../../model/kubernetes/toleration.ts';
import { arePortsFree, type NodeState, POD_POSITION, type ResourceTable } from './node-state.ts';
import { HARD_EFFECTS, type Plan, type SpreadRule } from './plan.ts';
import * as text from './reasons.data.ts';
import { NO_DOMAIN } from './topology.ts';

/** Why a node is refused. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** False when no pod's leaving could help (UnschedulableAndUnresolvable). */
  readonly isResolvable: boolean;
}

const unresolvable = (reason: string): Refusal => ({ reasons: [reason], isResolvable: false });
const resolvable = (reason: string): Refusal => ({ reasons: [reason], isResolvable: true });

/** node_unschedulable.go: `cordon` is a taint the pod may tolerate. */
const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** What the node's spec and labels say; the pods on it are not looked at. */
export function staticRefusal({ podClass }: Plan, state: NodeState): Refusal | undefined {
  const { spec, isPinned } = podClass;
  const node = state.node!;
  if (node.spec.unschedulable === true && !isTolerated(spec.tolerations, CORDON)) {
    return unresolvable(text.UNSCHEDULABLE);
  }
  const taint = untoleratedTaint(node.spec.taints, spec.tolerations, HARD_EFFECTS);
  if (taint !== undefined) {
    const { key, value = '' } = taint;
    return unresolvable(`node(s) had untolerated taint {${key}: ${value}}`);
  }
  // A pinned pod's affinity is the node it was sent to; the rest is its nodeSelector.
  const isMeant = isPinned
    ? matchesRequiredAffinity({ nodeSelector: spec.nodeSelector }, node)
    : matchesRequiredAffinity(spec, node);
  return isMeant ? undefined : unresolvable(text.AFFINITY);
}

/** fit.go fitsRequest: every resource that is short. */
export function fitRefusal(
  plan: Plan,
  state: NodeState,
  table: ResourceTable,
): Refusal | undefined {
  const { allocatable, used } = state;
  const reasons: string[] = [];
  let isResolvable = true;
  if (used[POD_POSITION]! + 1000 > (allocatable[POD_POSITION] ?? 0)) {
    reasons.push(text.TOO_MANY_PODS);
    if ((allocatable[POD_POSITION] ?? 0) < 1000) isResolvable = false;
  }
  for (const { position, amount } of plan.asks) {
    const offered = allocatable[position] ?? 0;
    if (amount <= offered - (used[position] ?? 0)) continue;
    reasons.push(`Insufficient ${table.names[position]}`);
    // 1.31: more than the node has at all cannot be made free.
    if (amount > offered) isResolvable = false;
  }
  return reasons.length === 0 ? undefined : { reasons, isResolvable };
}

/** True when resources and the pod count suffice. */
export function fitsNode({ asks }: Plan, { allocatable, used }: NodeState): boolean {
  if (used[POD_POSITION]! + 1000 > (allocatable[POD_POSITION] ?? 0)) return false;
  for (const { position, amount } of asks) {
    if (amount > (allocatable[position] ?? 0) - (used[position] ?? 0)) return false;
  }
  return true;
}

/** podtopologyspread/filtering.go Filter. */
function spreadRefusal({ hardSpread }: Plan, { index }: NodeState): Refusal | undefined {
  for (const rule of hardSpread) {
    if ((rule.tally.topology.domainOf[index] ?? NO_DOMAIN) === NO_DOMAIN) {
      return unresolvable(text.SPREAD_LABEL);
    }
  }
  for (const rule of hardSpread) {
    const { tally, self, constraint } = rule;
    const domain = tally.topology.domainOf[index]!;
    const count = tally.perDomain[domain] ?? 0;
    if (count + self - leastMatch(rule) > constraint.maxSkew) return resolvable(text.SPREAD);
  }
  return undefined;
}

/** The least count over the domains; 0 while there are fewer than minDomains. */
const leastMatch = ({ tally, constraint }: SpreadRule): number =>
  tally.domains < (constraint.minDomains ?? 1) ? 0 : tally.least;

/** interpodaffinity/filtering.go Filter. */
function podAffinityRefusal(plan: Plan, { index }: NodeState): Refusal | undefined {
  const { affinity, antiAffinity, existingAnti } = plan;
  if (affinity.length > 0) {
    let isMet = true;
    let matches = 0;
    for (const { topology, perDomain, total } of affinity) {
      const domain = topology.domainOf[index] ?? NO_DOMAIN;
      if (domain === NO_DOMAIN) return unresolvable(text.POD_AFFINITY);
      if ((perDomain[domain] ?? 0) <= 0) isMet = false;
      matches += total;
    }
    // The first pod of a group that wants its own company may go anywhere.
    if (!isMet && !(matches === 0 && plan.matchesOwnAffinity)) {
      return unresolvable(text.POD_AFFINITY);
    }
  }
  for (const { topology, perDomain } of antiAffinity) {
    const domain = topology.domainOf[index] ?? NO_DOMAIN;
    if (domain !== NO_DOMAIN && (perDomain[domain] ?? 0) > 0) {
      return resolvable(text.POD_ANTI_AFFINITY);
    }
  }
  for (const { topology, perDomain } of existingAnti) {
    const domain = topology.domainOf[index] ?? NO_DOMAIN;
    if (domain !== NO_DOMAIN && (perDomain[domain] ?? 0) > 0) {
      return resolvable(text.EXISTING_ANTI_AFFINITY);
    }
  }
  return undefined;
}

/** The first filter's refusal of a node; undefined when the pod may run there. */
export function refusalOf(plan: Plan, state: NodeState, table: ResourceTable): Refusal | undefined {
  const refused = staticRefusal(plan, state);
  if (refused !== undefined) return refused;
  if (!arePortsFree(state, plan.podClass)) return resolvable(text.HOST_PORTS);
  return (
    fitRefusal(plan, state, table) ?? spreadRefusal(plan, state) ?? podAffinityRefusal(plan, state)
  );
}

/** True when the pods elsewhere, not only those on the node, have a say. */
export const isCompany = (plan: Plan): boolean =>
  plan.hardSpread.length > 0 ||
  plan.affinity.length > 0 ||
  plan.antiAffinity.length > 0 ||
  plan.existingAnti.length > 0;

/** What {@link isCompany} is about; undefined when the node passes. */
export const companyRefusal = (plan: Plan, state: NodeState): Refusal | undefined =>
  spreadRefusal(plan, state) ?? podAffinityRefusal(plan, state);
