/**
 * cluster/patch-object — PATCH in its three forms, and `kubectl apply`.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/patch.go;
 * kubernetes/kubectl pkg/cmd/apply/patcher.go.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';
import {
  statusBadRequest,
  statusInternal,
  statusInvalid,
  statusNotFound,
  statusOtherName,
  statusPatchRefused,
} from './api-status.ts';
import type { Cluster } from './cluster.ts';
import { createObject } from './create-object.ts';
import { decodingRefusal } from './decoding.ts';
import { invalid } from './field-error.ts';
import { type JsonPatchOperation, jsonPatch, mergePatch } from './json-patch.ts';
import { keyedAs } from './keyed-as.ts';
import type { ApiStatus } from './kubernetes.ts';
import { type BadPatch, strategicMerge } from './strategic-merge.ts';
import { threeWayMerge } from './three-way-merge.ts';
import { updateObject } from './update-object.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Where kubectl keeps what was applied. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function patchObject(
  cluster: Cluster,
  kind: KubernetesKind,
  key: string,
  type: 'json' | 'merge' | 'strategic',
  patch: unknown,
): KubernetesObject | ApiStatus {
  const live = cluster.store.get(kind, key) as KubernetesObject | undefined;
  if (live === undefined) {
    const { name, ...typed } = keyedAs(kind, key);
    return statusNotFound(typed, name);
  }
  const patched = patchedBy(live, type, patch);
  if (isRefused(patched)) return patched;
  const { name, namespace } = live.metadata;
  const after = patched as unknown as KubernetesObject;
  const { metadata } = after;
  if (metadata?.name !== name) return statusOtherName('name', metadata?.name ?? '', name);
  if (metadata.namespace !== namespace)
    return statusOtherName('namespace', metadata.namespace ?? '', namespace ?? '');
  if (metadata.uid != null && metadata.uid !== live.metadata.uid)
    return statusInvalid(live, name, [invalid('metadata.uid', metadata.uid, 'field is immutable')]);
  const { resourceVersion } = metadata;
  if (resourceVersion === undefined || resourceVersion === live.metadata.resourceVersion)
    return updateObject(cluster, after);
  // A patch that names a version wants to change that one only.
  const { resourceVersion: _, ...rest } = metadata;
  return updateObject(cluster, { ...after, metadata: rest }, Number(resourceVersion));
}

const isRefused = (it: Plain | ApiStatus): it is ApiStatus =>
  it.kind === 'Status' && it.status === 'Failure';

const isObject = (it: unknown): it is Plain =>
  typeof it === 'object' && it !== null && !Array.isArray(it);

/** An object with a patch carried out, not yet admitted; the refusal of a patch that cannot be. */
export function patchedBy(
  live: KubernetesObject,
  type: 'json' | 'merge' | 'strategic',
  patch: unknown,
): Plain | ApiStatus {
  if (type === 'json') {
    if (!Array.isArray(patch)) return statusBadRequest('error decoding patch: not a list');
    if (!patch.every(isObject)) return statusBadRequest('error decoding patch: not an operation');
    const after = jsonPatch(live, patch as unknown as readonly JsonPatchOperation[]);
    return isObject(after) ? (after as Plain) : statusPatchRefused();
  }
  if (!isObject(patch)) return statusBadRequest('error decoding patch: not an object');
  if (type === 'merge') return mergePatch(live, patch) as Plain;
  const after = strategicMerge(live, patch as Plain);
  if (!('badPatch' in after)) return after;
  const { badPatch, code } = after as unknown as BadPatch;
  return code === 400 ? statusBadRequest(badPatch) : statusInternal(badPatch);
}

/** Creates the object, or merges what its writer changed since last time into the live one. */
export function applyObject(
  cluster: Cluster,
  given: KubernetesObject,
): KubernetesObject | ApiStatus {
  const misfit = decodingRefusal(given);
  if (misfit !== undefined) return misfit;
  const modified = withLastApplied(given);
  const live = liveOf(cluster, modified);
  if (live === undefined) return createObject(cluster, modified);
  const text = live.metadata.annotations?.[LAST_APPLIED];
  const last = text === undefined ? {} : (parsed(text) ?? {});
  const merged = threeWayMerge(live, last, modified as unknown as Plain);
  const served = cluster.served.of(live)?.hasStatus === true;
  const after = merged as unknown as KubernetesObject;
  // Status is not the writer's; custom resources of unknown kinds are kept as they came.
  return updateObject(cluster, served ? { ...after, status: live.status } : after);
}

function liveOf(cluster: Cluster, object: KubernetesObject): KubernetesObject | undefined {
  const resource = cluster.served.of(object);
  const { namespace: _, ...metadata } = object.metadata;
  const namespaced =
    resource === undefined
      ? object
      : resource.namespaced
        ? {
            ...object,
            metadata: { ...object.metadata, namespace: object.metadata.namespace || 'default' },
          }
        : { ...object, metadata };
  const kind = storeKindOf(object);
  return cluster.store.get(kind, storeKeyOf(namespaced)) as KubernetesObject | undefined;
}

const parsed = (text: string): Plain | undefined => {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return undefined; // Somebody else's annotation; kubectl would refuse, we start afresh.
  }
};

/** The object as kubectl sends it: with itself, keys sorted, in the annotation. */
function withLastApplied(object: KubernetesObject): KubernetesObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  const { status: __, ...body } = object;
  const plain = { ...body, metadata: { ...object.metadata, annotations } };
  const text = `${JSON.stringify(sorted(plain))}\n`;
  return {
    ...body,
    metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  } as KubernetesObject;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
