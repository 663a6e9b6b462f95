/**
 * model/kubernetes/node-affinity — which nodes a pod's nodeSelector and node affinity mean.
 *
 * Upstream: kubernetes/component-helpers scheduling/corev1/nodeaffinity/nodeaffinity.go
 * (RequiredNodeAffinity.Match, PreferredSchedulingTerms.Score).
 */
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './core.ts';
import type { Labels } from './meta.ts';
import { matchesLabels, matchesRequirement } from './selectors.ts';

/** True when the node's labels satisfy one requirement. */
export function matchesNodeRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Labels | undefined,
): boolean {
  if (operator !== 'Gt' && operator !== 'Lt')
    return matchesRequirement({ key, operator, values }, labels);
  const value = labels?.[key];
  if (value === undefined || !/^-?\d+$/.test(value)) return false;
  const limit = Number(values[0]);
  return operator === 'Gt' ? Number(value) > limit : Number(value) < limit;
}

/** True when the node meets every requirement of the term; an empty term means no node. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  for (const requirement of matchExpressions) {
    if (!matchesNodeRequirement(requirement, node.metadata.labels)) return false;
  }
  for (const { key, operator, values = [] } of matchFields) {
    if (key !== 'metadata.name') return false;
    const isNamed = values.includes(node.metadata.name);
    if (operator === 'In' ? !isNamed : isNamed) return false;
  }
  return true;
}

/** True when the node meets nodeSelector and one of the required terms. */
export function matchesRequiredAffinity(
  { nodeSelector, affinity }: Pick<PodSpec, 'nodeSelector' | 'affinity'>,
  node: Node,
): boolean {
  if (!matchesLabels(nodeSelector, node.metadata.labels)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined || required === null) return true;
  return required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** The weights of the preferred terms the node meets, added up. */
export function preferenceWeight({ affinity }: Pick<PodSpec, 'affinity'>, node: Node): number {
  let weight = 0;
  const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
  for (const term of preferred ?? []) {
    const { matchExpressions = [], matchFields = [] } = term.preference;
    // nodeaffinity.go isEmptyNodeSelectorTerm: an empty preference adds nothing.
    if (matchExpressions.length === 0 && matchFields.length === 0) continue;
    if (matchesNodeTerm(term.preference, node)) weight += term.weight;
  }
  return weight;
}

/**
 * The one node a pod is bound for: its required affinity is `metadata.name In [node]` and nothing
 * else, as DaemonSet pods have it. Undefined for every other pod.
 */
export function pinnedNodeOf({ affinity }: Pick<PodSpec, 'affinity'>): string | undefined {
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms?.length !== 1) return undefined;
  const { matchExpressions, matchFields } = terms[0]!;
  if ((matchExpressions ?? []).length > 0 || matchFields?.length !== 1) return undefined;
  const { key, operator, values = [] } = matchFields[0]!;
  return key === 'metadata.name' && operator === 'In' && values.length === 1
    ? values[0]
    : undefined;
}
