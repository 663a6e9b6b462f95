/**
 * cluster/namespace-lifecycle — a namespace that is deleted takes its contents along.
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/controller/namespace/deletion/
 * namespaced_resources_deleter.go: delete everything in it, then give up the `kubernetes`
 * finalizer.
 * What is still going (pods in their grace, objects with finalizers) is waited for by its deletion,
 * not by asking again.
 */
import type { Kinds, KubernetesKind, TwinStore } from '../model/kinds.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { KUBERNETES_KINDS, RESOURCES } from '../model/kubernetes/resources.ts';
import { type Controller, done, type Result, watch } from '../sim/controller.ts';
import type { ApiServer } from './create-kubernetes.ts';

const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  RESOURCES.filter((it) => !it.namespaced && it.storeKind !== 'Unknown').map((it) => it.kind),
);

/** Upstream's estimate is in whole seconds; ours is short beside any pod's grace. */
const LOOK_AGAIN_MS = 500;

/** Kinds that may lie in a namespace, owners before what they make again. */
const CONTENT_KINDS: readonly KubernetesKind[] = [
  ...KUBERNETES_KINDS.filter((kind) => !CLUSTER_SCOPED.has(kind) && kind !== 'Pod'),
  'Pod',
];

/** Requests are names of namespaces. */
export function namespaceLifecycle(store: TwinStore, kubernetes: ApiServer): Controller<Kinds> {
  const isTerminating = (name: string | undefined): name is string =>
    name !== undefined && store.get('Namespace', name)?.metadata.deletionTimestamp !== undefined;
  return {
    name: 'namespace-lifecycle',
    // Contents leave one by one; the namespace is looked at once for many.
    batchMs: LOOK_AGAIN_MS,
    watches: [
      watch<Kinds, 'Namespace'>('Namespace', ({ key }) => (isTerminating(key) ? [key] : [])),
      ...CONTENT_KINDS.map((kind) =>
        watch<Kinds, typeof kind>(kind, ({ value, previous }) => {
          if (value !== undefined) return [];
          const { namespace } = (previous as KubernetesObject).metadata;
          return isTerminating(namespace) ? [namespace] : [];
        }),
      ),
    ],
    reconcile: (name) => (isTerminating(name) ? empty(store, kubernetes, name) : done),
  };
}

function empty(store: TwinStore, kubernetes: ApiServer, name: string): Result {
  let left = 0;
  for (const kind of CONTENT_KINDS) {
    for (const [key, object] of contentsOf(store, kind, name)) {
      if (object.metadata.deletionTimestamp === undefined) kubernetes.delete(kind, key);
      if (store.entry(kind, key) !== undefined) left++;
    }
  }
  if (left === 0) kubernetes.finalizeNamespace(name);
  return done;
}

/** Everything of a kind in a namespace; pods and Services by index, the rest are few. */
function contentsOf(
  store: TwinStore,
  kind: KubernetesKind,
  name: string,
): readonly (readonly [string, KubernetesObject])[] {
  if (kind === 'Pod' || kind === 'Service') {
    return [...store.lookupKeys(kind, 'namespace', name)].map((key) => [
      key,
      store.get(kind, key) as KubernetesObject,
    ]);
  }
  const found: (readonly [string, KubernetesObject])[] = [];
  for (const { key, value } of store.entries(kind)) {
    const object = value as KubernetesObject;
    if (object.metadata.namespace === name) found.push([key, object]);
  }
  return found;
}
