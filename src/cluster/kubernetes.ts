/**
 * cluster/kubernetes — Kubernetes' verbs as controllers see them. Every write passes admission
 * (defaulting, validation, allocation); errors are the API server's own Status, as values.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import type { KubernetesObject, ManagedFieldsEntry, ObjectMeta } from '../model/kubernetes/meta.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** metav1.Status of a refused request. */
export interface ApiStatus {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly details?:
    | {
        readonly name?: string | undefined;
        readonly group?: string | undefined;
        readonly kind?: string | undefined;
        readonly causes?: readonly StatusCause[] | undefined;
      }
    | undefined;
  readonly code: number;
}

export const isApiStatus = (result: unknown): result is ApiStatus =>
  typeof result === 'object' &&
  result !== null &&
  (result as ApiStatus).kind === 'Status' &&
  (result as ApiStatus).status === 'Failure';

export interface DeleteOptions {
  /** Pods: default the pod's own; 0 = at once (what a kubelet does when the pod is gone). */
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** 409 unless the stored object is this one. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly revision?: number | undefined }
    | undefined;
}

export interface EventInput {
  readonly reason: string;
  readonly message: string;
  readonly type: 'Normal' | 'Warning';
  /** `kubelet`, `default-scheduler`, `aws-node`, … */
  readonly component: string;
  readonly host?: string | undefined;
}

/** The object an event or a reference is about. */
export type ObjectLike = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** How a client's write is told of; controllers' writes are not. */
export interface WriteOptions {
  /**
   * metadata.managedFields after the write. `after` is what the client wants, defaulted, before
   * webhooks and allocation; undefined: nobody is told of.
   */
  readonly track?:
    | ((
        after: KubernetesObject,
        before: KubernetesObject | undefined,
      ) => readonly ManagedFieldsEntry[] | undefined)
    | undefined;
}

export interface Kubernetes {
  /** Defaults, validates, allocates, stores. Mutating webhooks (see `Webhook`) run first. */
  create<Object extends KubernetesObject>(
    object: Object,
    options?: WriteOptions,
  ): Object | ApiStatus;
  /**
   * Replaces spec and metadata; status is kept. `expected` is the revision the caller read; a
   * mismatch is a 409. A write that changes nothing writes nothing.
   */
  update<Object extends KubernetesObject>(
    object: Object,
    expected?: number,
    options?: WriteOptions,
  ): Object | ApiStatus;
  /** Replaces status only. A write that changes nothing writes nothing. */
  updateStatus<Object extends KubernetesObject>(
    object: Object,
    expected?: number,
    options?: WriteOptions,
  ): Object | ApiStatus;
  /** The pods/ephemeralcontainers subresource: what the pod has more of them. */
  updateEphemeralContainers(pod: Pod, expected?: number, options?: WriteOptions): Pod | ApiStatus;
  patch(
    kind: KubernetesKind,
    key: string,
    type: 'json' | 'merge' | 'strategic',
    patch: unknown,
  ): KubernetesObject | ApiStatus;
  /** Create, or three-way strategic merge with what was applied before, as `kubectl apply`. */
  apply<Object extends KubernetesObject>(object: Object): Object | ApiStatus;
  delete(kind: KubernetesKind, key: string, options?: DeleteOptions): true | ApiStatus;
  /** The pods/binding subresource. */
  bind(podKey: string, nodeName: string): true | ApiStatus;
  /**
   * Records an event; the same event again raises its count, as the recorder's aggregation does.
   */
  recordEvent(about: ObjectLike, event: EventInput): void;
  /** Asked at pod creation, in order; see the resource controller's webhook. */
  registerWebhook(webhook: Webhook): void;
}

/** An admission webhook: one that changes objects, or one that only looks at the result. */
export interface Webhook {
  readonly name: string;
  readonly kinds: readonly KubernetesKind[];
  /** Ignore = a failing webhook lets the object pass. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** Validating ones see the object as it will be stored and cannot change it; default mutating. */
  readonly phase?: 'mutating' | 'validating' | undefined;
  /**
   * The object to go on with, the refusal's text (a 403 with it), or why the webhook could not be
   * asked (a 500 with it, or nothing, as its failure policy says).
   */
  mutate(
    object: KubernetesObject,
    operation: 'CREATE' | 'UPDATE',
  ): KubernetesObject | { readonly denied: string } | { readonly failed: string };
}
