/**
 * model/kubernetes/meta — what every Kubernetes object has. Kubernetes objects keep their API
 * shape.
 */

export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** Who set which fields of an object, and how (metav1.ManagedFieldsEntry). */
export interface ManagedFieldsEntry {
  readonly manager?: string | undefined;
  readonly operation?: 'Apply' | 'Update' | undefined;
  readonly apiVersion?: string | undefined;
  readonly time?: string | undefined;
  readonly fieldsType?: 'FieldsV1' | undefined;
  readonly fieldsV1?: FieldsV1 | undefined;
  readonly subresource?: string | undefined;
}

/** A set of fields: `f:name`, `k:{"key":"value"}`, `v:value`, `i:index`; `.` is the field itself. */
export interface FieldsV1 {
  readonly [path: string]: FieldsV1;
}

export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string | undefined;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string | undefined;
  /** Set by admission; always present on a stored object. */
  readonly uid?: string | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly generation?: number | undefined;
  /** Only on objects as they leave for a client; the store's entry holds the revision. */
  readonly resourceVersion?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
  /** Kept where a client of the API wrote; nothing in the twin reads it. */
  readonly managedFields?: readonly ManagedFieldsEntry[] | undefined;
}

/** Any Kubernetes object, of a kind we may not know. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface LabelSelector {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[] | undefined;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
  readonly lastHeartbeatTime?: string | undefined;
  readonly lastProbeTime?: string | null | undefined;
  readonly lastUpdateTime?: string | undefined;
  readonly observedGeneration?: number | undefined;
}

/** The store key of an object: `namespace/name`, or `name` when cluster-scoped. */
export const keyOf = (object: { readonly metadata: ObjectMeta }): string =>
  object.metadata.namespace === undefined
    ? object.metadata.name
    : `${object.metadata.namespace}/${object.metadata.name}`;

/** The object without its managedFields, as kubectl prints it. */
export function withoutManagers<Object extends KubernetesObject>(object: Object): Object {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The reference by which `owner` owns as controller. */
export const controllerReference = (owner: KubernetesObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** The reference to the controlling owner, if there is one. */
export const controllerOf = (object: {
  readonly metadata: ObjectMeta;
}): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true);
