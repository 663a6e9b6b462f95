/**
 * controllers/scheduler/spread-defaults — how pods without spread constraints are spread: softly,
 * over hosts and zones, together with what serves the same Service or belongs to the same set.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/plugins/podtopologyspread/plugin.go
 * systemDefaultConstraints (hostname 3, zone 5) and plugins/helper/spread.go DefaultSelector.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { TopologySpreadConstraint } from '../../model/kubernetes/core.ts';
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import { isEmptySelector, matchesLabels } from '../../model/kubernetes/selectors.ts';
import type { PodClass } from './pod-class.ts';

export const HOSTNAME = 'kubernetes.io/hostname';
export const ZONE = 'topology.kubernetes.io/zone';

const DEFAULTS = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: ZONE, maxSkew: 5 },
] as const;

/** The constraints of a class that has none; none when nothing groups its pods. */
export function defaultConstraints(
  store: TwinStore,
  podClass: PodClass,
): readonly TopologySpreadConstraint[] {
  const labelSelector = defaultSelector(store, podClass);
  if (isEmptySelector(labelSelector)) return [];
  return DEFAULTS.map((it) => ({ ...it, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }));
}

function defaultSelector(store: TwinStore, { namespace, labels, owner }: PodClass): LabelSelector {
  let matchLabels: Record<string, string> = {};
  for (const { spec } of store.lookup('Service', 'namespace', namespace)) {
    const { selector } = spec;
    if (selector === undefined || Object.keys(selector).length === 0) continue;
    if (matchesLabels(selector, labels)) matchLabels = { ...matchLabels, ...selector };
  }
  if (owner === undefined) return { matchLabels };
  const key = `${namespace}/${owner.name}`;
  const set =
    owner.kind === 'ReplicaSet' ? store.get('ReplicaSet', key) : store.get('StatefulSet', key);
  const selector = set?.spec.selector;
  return {
    matchLabels: { ...matchLabels, ...selector?.matchLabels },
    matchExpressions: selector?.matchExpressions ?? [],
  };
}
