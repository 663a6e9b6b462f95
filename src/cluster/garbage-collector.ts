/**
 * cluster/garbage-collector — what is owned goes with its owner.
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/controller/garbagecollector/garbagecollector.go
 * attemptToDeleteItem, attemptToOrphanWorker, processDeletingDependentsItem. Background:
 * dependents are
 * deleted once their last owner is gone. Foreground: the owner waits for dependents that block it.
 * Orphan: dependents lose the reference first.
 *
 * Reads: every kind's ownerReferences.  Writes: deletions, ownerReferences, finalizers, through
 * Kubernetes. Dependents are found by the owner's uid, never by scanning: pods, ReplicaSets and
 * Jobs in
 * the store's own index, everything else in an index declared here.
 */

import type { Kinds, KubernetesKind, TwinStore } from '../model/kinds.ts';
import type { KubernetesObject, OwnerReference } from '../model/kubernetes/meta.ts';
import {
  KUBERNETES_KINDS,
  resourceOf,
  storeKeyOf,
  storeKindOf,
} from '../model/kubernetes/resources.ts';
import { type Controller, done, type Request, retry, watch } from '../sim/controller.ts';
import type { StoreEvent } from '../sim/store.ts';
import { FOREGROUND, ORPHAN } from './delete-object.ts';
import { isApiStatus, type Kubernetes } from './kubernetes.ts';
import { storeKeyOfReference } from './owner-key.ts';

/** Kinds whose controlling owner is indexed by the store itself. */
const INDEXED: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'Job']);
const INDEX = 'any-owner';
/** Kinds that neither own nor are owned in any number worth a look. */
const SKIPPED: ReadonlySet<string> = new Set(['Event']);

/** Requests: `owner <uid>` when an owner left, `object <kind> <key>` to look at one object. */
export function garbageCollector(store: TwinStore, kubernetes: Kubernetes): Controller<Kinds> {
  const kinds = KUBERNETES_KINDS.filter((kind) => !SKIPPED.has(kind));
  for (const kind of kinds) {
    if (INDEXED.has(kind)) continue;
    store.index(kind, INDEX, (it) => (it as KubernetesObject).metadata.ownerReferences?.[0]?.uid);
  }
  const collector = new Collector(store, kubernetes, kinds);
  return {
    name: 'garbage-collector',
    watches: kinds.map((kind) => watch<Kinds, typeof kind>(kind, (it) => collector.requests(it))),
    reconcile: (request) => collector.reconcile(request),
  };
}

interface Dependent {
  readonly kind: KubernetesKind;
  readonly key: string;
  readonly object: KubernetesObject;
}

class Collector {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #kinds: readonly KubernetesKind[];

  constructor(store: TwinStore, kubernetes: Kubernetes, kinds: readonly KubernetesKind[]) {
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#kinds = kinds;
  }

  *requests({ kind, key, value, previous }: StoreEvent<Kinds>): Iterable<Request> {
    const object = value as KubernetesObject | undefined;
    const before = previous as KubernetesObject | undefined;
    if (object === undefined) {
      const uid = before?.metadata.uid;
      if (uid !== undefined && this.#hasDependents(uid)) yield `owner ${uid}`;
      // A foreground deletion may have waited for this one.
      for (const it of before?.metadata.ownerReferences ?? []) yield* this.#waiting(it, before!);
      return;
    }
    const { ownerReferences, finalizers, deletionTimestamp } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers !== undefined) {
      if (finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN))
        yield `object ${kind} ${key}`;
    }
    if (ownerReferences === undefined || ownerReferences === before?.metadata.ownerReferences)
      return;
    if (!ownerReferences.some((it) => this.#exists(it, object))) yield `object ${kind} ${key}`;
  }

  reconcile(request: Request): ReturnType<Controller<Kinds>['reconcile']> {
    const [what, ...rest] = request.split(' ');
    if (what === 'owner') return this.#collect(rest[0]!);
    const kind = rest[0] as KubernetesKind;
    const key = rest.slice(1).join(' ');
    const object = this.#store.get(kind, key) as KubernetesObject | undefined;
    if (object === undefined) return done;
    const { finalizers = [], deletionTimestamp, ownerReferences } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.includes(ORPHAN)) return this.#orphan(object);
    if (deletionTimestamp !== undefined && finalizers.includes(FOREGROUND)) {
      return this.#deleteForeground(object);
    }
    const owned = ownerReferences ?? [];
    if (owned.length > 0 && !owned.some((it) => this.#exists(it, object))) {
      this.#kubernetes.delete(kind, key);
    }
    return done;
  }

  /** The owner of a uid is gone: its dependents follow, unless another owner is left. */
  #collect(uid: string): ReturnType<Controller<Kinds>['reconcile']> {
    for (const { kind, key, object } of this.#dependents(uid)) {
      const { ownerReferences = [], deletionTimestamp } = object.metadata;
      if (ownerReferences.some((it) => it.uid !== uid && this.#exists(it, object))) {
        this.#dropReference(object, uid);
      } else if (deletionTimestamp === undefined) {
        const preconditions = { uid: object.metadata.uid };
        this.#kubernetes.delete(kind, key, { preconditions });
      }
    }
    return done;
  }

  #deleteForeground(object: KubernetesObject): ReturnType<Controller<Kinds>['reconcile']> {
    const uid = object.metadata.uid ?? '';
    for (const { kind, key, object: it } of this.#dependents(uid)) {
      if (it.metadata.deletionTimestamp !== undefined) continue;
      // Dependents without dependents of their own need no second step.
      const owns = this.#hasDependents(it.metadata.uid ?? '');
      this.#kubernetes.delete(kind, key, owns ? { propagation: 'Foreground' } : {});
    }
    const blocks = this.#dependents(uid).some(({ object: it }) =>
      it.metadata.ownerReferences?.some((r) => r.uid === uid && r.blockOwnerDeletion === true),
    );
    return blocks ? done : this.#removeFinalizer(object, FOREGROUND);
  }

  #orphan(object: KubernetesObject): ReturnType<Controller<Kinds>['reconcile']> {
    const uid = object.metadata.uid ?? '';
    for (const dependent of this.#dependents(uid)) this.#dropReference(dependent.object, uid);
    return this.#removeFinalizer(object, ORPHAN);
  }

  #dropReference(object: KubernetesObject, uid: string): void {
    const ownerReferences = object.metadata.ownerReferences?.filter((it) => it.uid !== uid);
    const { ownerReferences: _, ...metadata } = object.metadata;
    const rest = ownerReferences?.length ? { ...metadata, ownerReferences } : metadata;
    this.#kubernetes.update({ ...object, metadata: rest });
  }

  #removeFinalizer(
    object: KubernetesObject,
    finalizer: string,
  ): ReturnType<Controller<Kinds>['reconcile']> {
    const kind = resourceOf(object)?.storeKind ?? 'Unknown';
    const live = this.#store.get(kind, storeKeyOf(object)) as KubernetesObject | undefined;
    if (live === undefined) return done;
    const finalizers = (live.metadata.finalizers ?? []).filter((it) => it !== finalizer);
    const after = this.#kubernetes.update({ ...live, metadata: { ...live.metadata, finalizers } });
    return isApiStatus(after) ? retry(after.message) : done;
  }

  #hasDependents(uid: string): boolean {
    return this.#kinds.some((kind) => this.#keys(kind, uid).size > 0);
  }

  #dependents(uid: string): readonly Dependent[] {
    const found: Dependent[] = [];
    for (const kind of this.#kinds) {
      for (const key of this.#keys(kind, uid)) {
        found.push({ kind, key, object: this.#store.get(kind, key) as KubernetesObject });
      }
    }
    return found;
  }

  #keys(kind: KubernetesKind, uid: string): ReadonlySet<string> {
    return this.#store.lookupKeys(kind, INDEXED.has(kind) ? 'owner' : INDEX, uid);
  }

  #exists(reference: OwnerReference, of: KubernetesObject): boolean {
    return this.#owner(reference, of)?.metadata.uid === reference.uid;
  }

  #owner(reference: OwnerReference, of: KubernetesObject): KubernetesObject | undefined {
    const { kind, key } = storeKeyOfReference(reference, of.metadata.namespace);
    const owner = this.#store.get(kind, key) as KubernetesObject | undefined;
    if (owner !== undefined || kind !== 'Unknown') return owner;
    // A custom resource may be outside all namespaces.
    return this.#store.get(kind, storeKeyOfReference(reference, undefined).key);
  }

  /** The owner, when it is being deleted in the foreground. */
  *#waiting(reference: OwnerReference, of: KubernetesObject): Iterable<Request> {
    const owner = this.#owner(reference, of);
    if (owner?.metadata.finalizers?.includes(FOREGROUND) === true) {
      yield `object ${storeKindOf(owner)} ${storeKeyOf(owner)}`;
    }
  }
}
