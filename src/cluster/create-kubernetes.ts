/**
 * cluster/create-kubernetes — the API server over a store. Everything it knows besides the store
 * (addresses in use, event counts) is read from the store, so a forked store gets one of its own.
 */
import type { Note } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { ScratchStore } from '../sim/scratch-store.ts';
import { adoptObjects } from './adopt.ts';
import { type Cluster, type ClusterParts, clusterOf } from './cluster.ts';
import { createObject } from './create-object.ts';
import { deleteObject, finalizeNamespace } from './delete-object.ts';
import { updateEphemeralContainers } from './ephemeral-containers.ts';
import { EventRecorder } from './event-recorder.ts';
import type { Kubernetes } from './kubernetes.ts';
import { applyObject, patchObject } from './patch-object.ts';
import type { ServedResources } from './served-resources.ts';
import { bindPod, updateObject, updateStatusOf } from './update-object.ts';

/** The API server, with what only the twin and the built-in controllers ask of it. */
export interface ApiServer extends Kubernetes {
  /**
   * The same verbs for what is written beside a cluster's life (leases, RBAC, Endpoints): its uids
   * are drawn apart, so that everything else is as it would be without it.
   */
  readonly apart: Kubernetes;
  /** Stores exported objects as they are; says which of them nothing reads. */
  adopt(objects: readonly KubernetesObject[]): readonly Note[];
  /**
   * The same verbs on a scratch copy: they default, validate, allocate and ask the webhooks as
   * ever, and nothing is written or given away (`dryRun=All`). For one request each.
   */
  rehearsal(): { readonly verbs: Kubernetes; readonly store: TwinStore };
  /** The namespaces/finalize subresource: the namespace's contents are gone. */
  finalizeNamespace(name: string): void;
  /** Stores deferred events; call it before anybody reads them. */
  flushEvents(): void;
  /** What is served now: the registry, and what the cluster's definitions define. */
  readonly served: ServedResources;
  /** Event objects dropped to keep at most `EVENTS_MAX`. */
  readonly droppedEvents: number;
}

/** Namespaces every cluster has (pkg/controlplane/controller/systemnamespaces). */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export function createKubernetes(parts: ClusterParts): ApiServer {
  const cluster = clusterOf(parts);
  const events = new EventRecorder(cluster, { deferred: parts.deferEvents });
  for (const name of NAMESPACES) {
    if (cluster.store.get('Namespace', name) !== undefined) continue;
    createObject(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  return {
    ...verbsOf(cluster, events),
    rehearsal() {
      const store = new ScratchStore(cluster.store);
      const { webhooks, served } = cluster;
      const scratch = { ...clusterOf({ ...parts, store }), webhooks, served };
      return { verbs: verbsOf(scratch, events), store };
    },
    apart: verbsOf({ ...cluster, uid: cluster.uidApart }, events),
    adopt: (objects) => adoptObjects(cluster, objects),
    finalizeNamespace: (name) => finalizeNamespace(cluster, name),
    flushEvents: () => events.flush(),
    served: cluster.served,
    get droppedEvents() {
      return events.dropped;
    },
  };
}

const verbsOf = (cluster: Cluster, events: EventRecorder): Kubernetes => ({
  create: (object, options) => createObject(cluster, object, options) as never,
  update: (object, expected, options) => updateObject(cluster, object, expected, options) as never,
  updateStatus: (object, expected, options) =>
    updateStatusOf(cluster, object, expected, options) as never,
  updateEphemeralContainers: (pod, expected, options) =>
    updateEphemeralContainers(cluster, pod, expected, options),
  patch: (kind, key, type, patch) => patchObject(cluster, kind, key, type, patch),
  apply: (object) => applyObject(cluster, object) as never,
  delete: (kind, key, options) => deleteObject(cluster, kind, key, options),
  bind: (podKey, nodeName) => bindPod(cluster, podKey, nodeName),
  recordEvent: (about, event) => events.record(about, event),
  registerWebhook: (webhook) => void cluster.webhooks.push(webhook),
});
