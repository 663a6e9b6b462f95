/**
 * cluster/delete-object — DELETE: graceful for pods, held up by finalizers, with what becomes of
 * the
 * dependents left to the garbage collector.
 *
 * Upstream: kubernetes/apiserver pkg/registry/rest/delete.go BeforeDelete,
 * pkg/registry/generic/registry/store.go deletionFinalizersForGarbageCollection;
 * pkg/registry/core/pod/strategy.go CheckGracefulDelete.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Namespace, Pod } from '../model/kubernetes/core.ts';
import type { KubernetesObject, ObjectMeta } from '../model/kubernetes/meta.ts';
import { MODIFIED, statusConflict, statusForbidden, statusNotFound } from './api-status.ts';
import { type Cluster, timestampAfter } from './cluster.ts';
import { withoutInstances } from './custom-resource.ts';
import { keyedAs } from './keyed-as.ts';
import type { ApiStatus, DeleteOptions } from './kubernetes.ts';
import { removeFinished } from './update-object.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** Namespaces nobody may delete (plugin/pkg/admission/namespace/lifecycle/admission.go:53). */
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

export function deleteObject(
  cluster: Cluster,
  kind: KubernetesKind,
  key: string,
  options: DeleteOptions = {},
): true | ApiStatus {
  const entry = cluster.store.entry(kind, key);
  if (entry === undefined) {
    const { name, ...typed } = keyedAs(kind, key);
    return statusNotFound(typed, name);
  }
  const object = entry.value as KubernetesObject;
  const refused = refusal(object, entry.revision, kind, options);
  if (refused !== undefined) return refused;
  if (kind === 'Namespace') return terminate(cluster, key, object as Namespace);
  if (kind === 'CustomResourceDefinition') {
    const waiting = withoutInstances(cluster, object, (of, at) => {
      deleteObject(cluster, of, at);
    });
    if (waiting !== undefined) {
      cluster.store.put(kind, key, waiting);
      return true;
    }
  }
  const graceSeconds = kind === 'Pod' ? podGraceSeconds(object as Pod, options) : 0;
  const finalizers = finalizersFor(object.metadata.finalizers, options);
  if (graceSeconds === 0 && finalizers.length === 0) {
    removeFinished(cluster, kind, object);
    return true;
  }
  const leaving = leavingMetadata(cluster, object.metadata, graceSeconds, finalizers);
  if (leaving !== object.metadata) {
    cluster.store.put(kind, key, { ...object, metadata: leaving } as never);
  }
  return true;
}

function refusal(
  object: KubernetesObject,
  revision: number,
  kind: KubernetesKind,
  { preconditions }: DeleteOptions,
): ApiStatus | undefined {
  const { name, uid } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const detail =
      `the UID in the precondition (${preconditions.uid}) does not match the UID in ` +
      `record (${uid}). The object might have been deleted and then recreated`;
    return statusConflict(object, name, detail);
  }
  if (preconditions?.revision !== undefined && preconditions.revision !== revision) {
    return statusConflict(object, name, MODIFIED);
  }
  if (kind === 'Namespace' && IMMORTAL.has(name)) {
    return statusForbidden(object, name, 'this namespace may not be deleted');
  }
  return undefined;
}

/** How long a pod has left: nothing when no kubelet runs it, or it has ended. */
function podGraceSeconds({ spec, status }: Pod, options: DeleteOptions): number {
  const asked = options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  const graceSeconds = asked < 0 ? 1 : asked;
  if (spec.nodeName === undefined || spec.nodeName === '') return 0;
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
  return graceSeconds;
}

/** The finalizers the chosen propagation leaves on the object. */
function finalizersFor(
  given: readonly string[] = [],
  { propagation }: DeleteOptions,
): readonly string[] {
  if (propagation === undefined) return given;
  const others = given.filter((it) => it !== ORPHAN && it !== FOREGROUND);
  if (propagation === 'Orphan') return [...others, ORPHAN];
  if (propagation === 'Foreground') return [...others, FOREGROUND];
  return others;
}

/** A second delete may shorten the grace, never lengthen it. */
function leavingMetadata(
  cluster: Cluster,
  metadata: ObjectMeta,
  graceSeconds: number,
  finalizers: readonly string[],
): ObjectMeta {
  const before = metadata.deletionGracePeriodSeconds;
  const sameFinalizers = finalizers.join() === (metadata.finalizers ?? []).join();
  const isShorter = before === undefined || graceSeconds < before;
  if (metadata.deletionTimestamp !== undefined && !isShorter && sameFinalizers) return metadata;
  const { finalizers: _, ...rest } = metadata;
  const held = finalizers.length === 0 ? rest : { ...rest, finalizers };
  const generation =
    metadata.generation === undefined || metadata.deletionTimestamp !== undefined
      ? {}
      : { generation: metadata.generation + 1 };
  if (!isShorter) return held;
  return {
    ...held,
    ...generation,
    deletionTimestamp: timestampAfter(cluster, graceSeconds),
    deletionGracePeriodSeconds: graceSeconds,
  };
}

/** registry/core/namespace/storage Delete: the namespace goes when its contents have gone. */
function terminate(cluster: Cluster, key: string, namespace: Namespace): true {
  if (namespace.metadata.deletionTimestamp !== undefined) return true;
  if ((namespace.spec?.finalizers ?? []).length === 0 && !namespace.metadata.finalizers?.length) {
    removeFinished(cluster, 'Namespace', namespace);
    return true;
  }
  cluster.store.put('Namespace', key, {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp: cluster.now() },
    status: { ...namespace.status, phase: 'Terminating' },
  });
  return true;
}

/** Takes the `kubernetes` finalizer off a namespace whose contents are gone. */
export function finalizeNamespace(cluster: Cluster, key: string): void {
  const namespace = cluster.store.get('Namespace', key);
  if (namespace?.metadata.deletionTimestamp === undefined) return;
  const empty: Namespace = { ...namespace, spec: { ...namespace.spec, finalizers: [] } };
  if ((namespace.metadata.finalizers ?? []).length > 0) {
    cluster.store.put('Namespace', key, empty);
  } else removeFinished(cluster, 'Namespace', empty);
}
