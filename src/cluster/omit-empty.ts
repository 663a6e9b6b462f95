/**
 * cluster/omit-empty — an empty list or label map reads the same as none, and the API server
 * answers with none: nearly every list and map of its types is `omitempty`.
 *
 * Upstream: the json tags of kubernetes/api core/v1, apps/v1, batch/v1, networking/v1 types.go.
 * Empty structs (`emptyDir: {}`, `podSelector: {}`) say something and stay.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';

/** Kinds whose empty parts are looked for; pods are made from templates, which are looked at. */
const KINDS: ReadonlySet<string> = new Set([
  'Service',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'NetworkPolicy',
  'Ingress',
  'Namespace',
]);

/** Fields that hold a map of names to values. */
const MAPS: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'selector',
  'nodeSelector',
  'matchLabels',
  'limits',
  'requests',
]);

type Plain = Readonly<Record<string, unknown>>;

/** The object without empty lists and maps; the same object when it has none. */
export const withoutEmpty = (kind: KubernetesKind, object: KubernetesObject): KubernetesObject =>
  KINDS.has(kind) ? (pruned(object) as KubernetesObject) : object;

const isEmpty = (key: string, value: unknown): boolean => {
  if (Array.isArray(value)) return value.length === 0;
  if (!MAPS.has(key) || typeof value !== 'object' || value === null) return false;
  for (const _ in value) return false;
  return true;
};

function pruned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    let list: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item = pruned(value[i]);
      if (item === value[i]) continue;
      list ??= [...value];
      list[i] = item;
    }
    return list ?? value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const before = (value as Plain)[key];
    const after = isEmpty(key, before) ? undefined : pruned(before);
    if (after === before) continue;
    copy ??= { ...value };
    if (after === undefined) delete copy[key];
    else copy[key] = after;
  }
  return copy ?? value;
}
