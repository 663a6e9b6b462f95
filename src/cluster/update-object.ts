/**
 * cluster/update-object — PUT of an object, of its status, and the pods/binding subresource.
 *
 * Upstream: kubernetes/apiserver pkg/registry/rest/update.go BeforeUpdate and
 * pkg/registry/generic/registry/store.go Update: what the server owns stays, status has a door of
 * its
 * own, a write that changes nothing writes nothing, an object on its way out leaves when its last
 * finalizer goes.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Pod, Service } from '../model/kubernetes/core.ts';
import type { Condition, KubernetesObject, ObjectMeta } from '../model/kubernetes/meta.ts';
import { type Resource, storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';
import {
  MODIFIED,
  statusConflict,
  statusForbidden,
  statusInvalid,
  statusNotFound,
} from './api-status.ts';
import type { Cluster } from './cluster.ts';
import { allocateService, askWebhooks, establish, withManagedFields } from './create-object.ts';
import { admittedBy, releaseDefinition, withCustomErrors, withSchema } from './custom-resource.ts';
import { objectWithDefaults } from './defaults.ts';
import { isEqual } from './equal.ts';
import type { FieldError } from './field-error.ts';
import { type ApiStatus, isApiStatus, type WriteOptions } from './kubernetes.ts';
import { withoutEmpty } from './omit-empty.ts';
import { podSpecWithDefaults } from './pod-defaults.ts';
import { withAllocated, withoutFormerType } from './service-families.ts';
import { structuralErrors } from './structural-schema.ts';
import { errorsOfUpdate } from './validation.ts';

type Stored = { readonly value: KubernetesObject; readonly revision: number };

/** The stored object, or why it cannot be written. */
export function storedFor(
  cluster: Cluster,
  kind: KubernetesKind,
  object: KubernetesObject,
  expected: number | undefined,
): Stored | ApiStatus {
  const { name, uid } = object.metadata;
  const entry = cluster.store.entry(kind, storeKeyOf(object)) as Stored | undefined;
  if (entry === undefined) return statusNotFound(object, name);
  if (expected !== undefined && expected !== entry.revision) {
    return statusConflict(object, name, MODIFIED);
  }
  const held = entry.value.metadata.uid;
  if (uid !== undefined && uid !== held) {
    const detail = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${held}`;
    return statusConflict(object, name, detail);
  }
  return entry;
}

/** Replaces spec and metadata. */
export function updateObject(
  cluster: Cluster,
  given: KubernetesObject,
  expected?: number,
  options?: WriteOptions,
): KubernetesObject | ApiStatus {
  const resource = cluster.served.of(given);
  const kind = resource?.storeKind ?? 'Unknown';
  const stored = storedFor(cluster, kind, given, expected);
  if (isApiStatus(stored)) return stored;
  const before = stored.value;
  let object = withStatusOf({ ...given, metadata: metadataAfter(given, before) }, before, resource);
  if (isSame(object, before)) return before;
  const schema = admittedBy(cluster, kind, object);
  object = schema === undefined ? defaultedAgain(kind, object, before) : withSchema(schema, object);
  if (options?.track !== undefined) {
    object = withManagedFields(object, options.track(object, before));
  }
  const asked = askWebhooks(cluster, kind, object, 'UPDATE');
  if (isApiStatus(asked)) return asked;
  object = asked;
  const own = errorsOfUpdate(kind, resource, object, before);
  const errors = schema === undefined ? own : withCustomErrors(own, schema, object);
  if (errors.length > 0) return statusInvalid(object, object.metadata.name, errors);
  if (kind === 'Service') {
    const allocated = allocateService(cluster, object as Service, before as Service);
    if (isApiStatus(allocated)) return allocated;
    object = allocated;
  }
  object = withGeneration(withoutEmpty(kind, object), before, resource);
  if (kind === 'CustomResourceDefinition') object = establish(cluster, object);
  if (isSame(object, before)) return before;
  const refusal = askWebhooks(cluster, kind, object, 'UPDATE', 'validating');
  if (isApiStatus(refusal)) return refusal;
  if (isLeaving(object)) return removeFinished(cluster, kind, object);
  cluster.store.put(kind, storeKeyOf(object), object as never);
  return object;
}

/** Same in content; the writer may have left out what the server owns. */
const isSame = (object: KubernetesObject, before: KubernetesObject): boolean =>
  object === before || isEqual(object, before);

/** Metadata as written, but for what only the server sets. */
function metadataAfter(given: KubernetesObject, before: KubernetesObject): ObjectMeta {
  const { labels, annotations, ownerReferences, finalizers } = given.metadata;
  const kept = before.metadata;
  const metadata: { -readonly [Field in keyof ObjectMeta]: ObjectMeta[Field] } = {
    name: kept.name,
  };
  if (kept.generateName !== undefined) metadata.generateName = kept.generateName;
  if (kept.namespace !== undefined) metadata.namespace = kept.namespace;
  metadata.uid = kept.uid;
  metadata.creationTimestamp = kept.creationTimestamp;
  if (kept.deletionTimestamp !== undefined) {
    metadata.deletionTimestamp = kept.deletionTimestamp;
    metadata.deletionGracePeriodSeconds = kept.deletionGracePeriodSeconds;
  }
  if (kept.generation !== undefined) metadata.generation = kept.generation;
  if (labels != null) metadata.labels = labels;
  if (annotations != null) metadata.annotations = annotations;
  if (ownerReferences != null) metadata.ownerReferences = ownerReferences;
  if (finalizers != null && finalizers.length > 0) metadata.finalizers = finalizers;
  // Who says nothing of managers changes nothing of them.
  const managedFields = given.metadata.managedFields ?? kept.managedFields;
  if (managedFields?.length) metadata.managedFields = managedFields;
  return metadata;
}

/** Status stays as stored where it has a door of its own. */
function withStatusOf(
  object: KubernetesObject,
  before: KubernetesObject,
  resource: Resource | undefined,
): KubernetesObject {
  if (resource === undefined || !resource.hasStatus) return object;
  if (object.status === before.status) return object;
  const { status: _, ...rest } = object;
  return (
    before.status === undefined ? rest : { ...rest, status: before.status }
  ) as KubernetesObject;
}

function defaultedAgain(
  kind: KubernetesKind,
  object: KubernetesObject,
  before: KubernetesObject,
): KubernetesObject {
  if (kind === 'Pod') {
    const pod = object as Pod;
    return { ...pod, spec: podSpecWithDefaults(pod.spec) };
  }
  if (kind === 'Service') {
    const was = (before as Service).spec;
    const spec = withoutFormerType(withAllocated((object as Service).spec, was), was);
    return objectWithDefaults(kind, { ...object, spec });
  }
  return objectWithDefaults(kind, object);
}

/** Everything but metadata and status counts as the spec (customresource strategy.go:96). */
function withGeneration(
  object: KubernetesObject,
  before: KubernetesObject,
  resource: Resource | undefined,
): KubernetesObject {
  const generation = before.metadata.generation;
  if (generation === undefined || resource?.keepsGeneration === false) return object;
  const { metadata, status: _, ...body } = object;
  const { metadata: __, status: ___, ...bodyBefore } = before;
  // Deployments count their annotations in (registry/apps/deployment/strategy.go PrepareForUpdate).
  const annotated =
    resource?.kind === 'Deployment' &&
    !isEqual(metadata.annotations ?? {}, before.metadata.annotations ?? {});
  if (isEqual(body, bodyBefore) && !annotated) return object;
  return { ...object, metadata: { ...metadata, generation: generation + 1 } };
}

/** Deletion was asked for, nothing holds the object, and its grace is over (or it had none). */
const isLeaving = ({ metadata }: KubernetesObject): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (metadata.finalizers ?? []).length === 0 &&
  (metadata.deletionGracePeriodSeconds ?? 0) === 0;

/** Takes a finished object out of the store; Namespaces wait for their own finalizer. */
export function removeFinished(
  cluster: Cluster,
  kind: KubernetesKind,
  object: KubernetesObject,
): KubernetesObject {
  const key = storeKeyOf(object);
  const holders = (object.spec as { finalizers?: readonly string[] } | undefined)?.finalizers;
  if (kind === 'Namespace' && (holders?.length ?? 0) > 0) {
    cluster.store.put(kind, key, object as never);
    return object;
  }
  if (kind === 'Service') cluster.addresses.release(object as Service);
  cluster.store.delete(kind, key);
  if (cluster.served.isCustom(object)) releaseDefinition(cluster, object);
  return object;
}

/** Replaces status only. */
export function updateStatusOf(
  cluster: Cluster,
  given: KubernetesObject,
  expected?: number,
  options?: WriteOptions,
): KubernetesObject | ApiStatus {
  const kind = storeKindOf(given);
  const stored = storedFor(cluster, kind, given, expected);
  if (isApiStatus(stored)) return stored;
  const before = stored.value;
  const { status, errors } = statusFor(cluster, kind, given);
  if (errors.length > 0) return statusInvalid(before, before.metadata.name, errors);
  const managedFields =
    options?.track?.({ ...before, status }, before) ?? before.metadata.managedFields;
  if (isEqual(status, before.status) && isEqual(managedFields, before.metadata.managedFields)) {
    return before;
  }
  const object = withManagedFields({ ...before, status }, managedFields);
  cluster.store.put(kind, storeKeyOf(before), object as never);
  return object;
}

/** A custom resource's status fits its schema as its spec does. */
function statusFor(
  cluster: Cluster,
  kind: KubernetesKind,
  given: KubernetesObject,
): { readonly status: unknown; readonly errors: readonly FieldError[] } {
  const schema = admittedBy(cluster, kind, given);
  if (schema === undefined) return { status: given.status, errors: [] };
  const { status } = withSchema(schema, given);
  const own = schema.properties?.status;
  const errors =
    own === undefined || status === undefined ? [] : structuralErrors(own, status, 'status');
  return { status, errors };
}

const PODS = { apiVersion: 'v1', kind: 'Pod' } as const;

/** Binds a pod to a node (registry/core/pod/storage assignPod). */
export function bindPod(cluster: Cluster, key: string, nodeName: string): true | ApiStatus {
  const pod = cluster.store.get('Pod', key);
  const name = key.slice(key.indexOf('/') + 1);
  if (pod === undefined) return statusNotFound(PODS, name);
  const refuse = (detail: string): ApiStatus => {
    const refused = statusConflict(PODS, name, detail);
    return { ...refused, message: refused.message.replace('on pods ', 'on pods/binding ') };
  };
  if (pod.metadata.deletionTimestamp !== undefined) {
    return refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== '') {
    return refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  }
  if ((pod.spec.schedulingGates as readonly unknown[] | undefined)?.length) {
    return statusForbidden(PODS, name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
  const scheduled: Condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: cluster.now(),
  };
  const others = (pod.status?.conditions ?? []).filter((it) => it.type !== 'PodScheduled');
  cluster.store.put('Pod', key, {
    ...pod,
    spec: { ...pod.spec, nodeName },
    status: { ...pod.status, conditions: [...others, scheduled] },
  });
  return true;
}
