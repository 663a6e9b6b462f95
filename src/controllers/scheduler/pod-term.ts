/**
 * controllers/scheduler/pod-term — which pods a pod affinity term or a spread constraint means.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/types.go AffinityTerm.Matches,
 * plugins/podtopologyspread/common.go buildTopologySpreadConstraints.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { PodAffinityTerm } from '../../model/kubernetes/core.ts';
import type { LabelSelector, Labels } from '../../model/kubernetes/meta.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import type { PodClass } from './pod-class.ts';

/** A selector narrowed to the pod's own values of some labels (`matchLabelKeys`). */
export function narrowedSelector(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  labels: Labels,
): LabelSelector | undefined {
  const present = (keys ?? []).filter((key) => labels[key] !== undefined);
  if (present.length === 0 || selector === undefined) return selector;
  const matchExpressions = present.map((key) => ({
    key,
    operator: 'In' as const,
    values: [labels[key]!],
  }));
  return {
    ...selector,
    matchExpressions: [...(selector.matchExpressions ?? []), ...matchExpressions],
  };
}

/** Tells whether a term of `owner` means pods of another class. */
export type TermMatcher = (owner: PodClass, term: PodAffinityTerm, other: PodClass) => boolean;

/** Matches terms against classes; namespaceSelector reads the namespaces' labels. */
export function termMatcher(store: TwinStore): TermMatcher {
  const isNamespaceMeant = (owner: PodClass, term: PodAffinityTerm, namespace: string): boolean => {
    const { namespaces = [], namespaceSelector } = term;
    if (namespaces.includes(namespace)) return true;
    if (namespaceSelector === undefined) {
      return namespaces.length === 0 && namespace === owner.namespace;
    }
    return matchesSelector(namespaceSelector, store.get('Namespace', namespace)?.metadata.labels);
  };
  return (owner, term, other) =>
    isNamespaceMeant(owner, term, other.namespace) &&
    matchesSelector(
      narrowedSelector(term.labelSelector, term.matchLabelKeys, owner.labels),
      other.labels,
    );
}
