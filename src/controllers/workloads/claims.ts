/**
 * controllers/workloads/claims — who owns what: an object without controller that a workload's
 * selector means is adopted, one whose labels no longer match is let go.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/controller_ref_manager.go ClaimPods. Upstream
 * looks at every pod of the namespace at every sync; here only objects whose labels or owner
 * changed are looked at, which finds the same.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import {
  controllerOf,
  controllerReference,
  type KubernetesObject,
  keyOf,
  type LabelSelector,
  type ObjectMeta,
} from '../../model/kubernetes/meta.ts';
import { isEmptySelector, matchesSelector } from '../../model/kubernetes/selectors.ts';
import type { Request } from '../../sim/controller.ts';
import type { StoreEvent } from '../../sim/store.ts';

type ChildKind = 'Pod' | 'ReplicaSet';
type Owner = KubernetesObject & {
  readonly spec: { readonly selector?: LabelSelector | undefined };
};
type OwnerKind = 'ReplicaSet' | 'DaemonSet' | 'StatefulSet' | 'Job' | 'Deployment';

const NONE: readonly Request[] = [];

/** The children of one kind of workload, followed from store events. */
export class Claims {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #childKind: ChildKind;
  readonly #ownerKind: OwnerKind;
  /** Objects nobody controls, by namespace. */
  readonly #orphans = new Map<string, Set<string>>();
  readonly #owners = new Map<string, Map<string, LabelSelector | undefined>>();
  /** Children to look at, by owner. */
  readonly #due = new Map<Request, Set<string>>();

  constructor(
    store: TwinStore,
    kubernetes: Kubernetes,
    childKind: ChildKind,
    ownerKind: OwnerKind,
  ) {
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#childKind = childKind;
    this.#ownerKind = ownerKind;
  }

  /** The owners an event about a child concerns. */
  seeChild({ key, value, previous }: StoreEvent<Kinds, ChildKind>): readonly Request[] {
    const object = value ?? previous;
    if (object === undefined) return NONE;
    const { namespace = '', labels, deletionTimestamp } = object.metadata;
    const owner = controllerOf(object);
    if (owner !== undefined) {
      this.#orphans.get(namespace)?.delete(key);
      if (owner.kind !== this.#ownerKind) return NONE;
      const request = `${namespace}/${owner.name}`;
      if (value !== undefined && previous?.metadata.labels !== labels) this.#look(request, key);
      return [request];
    }
    const isFree = value !== undefined && deletionTimestamp === undefined;
    if (!isFree) this.#orphans.get(namespace)?.delete(key);
    else {
      const orphans = this.#orphans.get(namespace) ?? new Set<string>();
      this.#orphans.set(namespace, orphans.add(key));
    }
    const former = previous === undefined ? undefined : controllerOf(previous);
    if (!isFree || (previous?.metadata.labels === labels && former === undefined)) return NONE;
    const requests: Request[] = [];
    for (const [request, selector] of this.#owners.get(namespace) ?? []) {
      if (!matchesSelector(selector, labels)) continue;
      this.#look(request, key);
      requests.push(request);
    }
    if (former?.kind === this.#ownerKind) requests.push(`${namespace}/${former.name}`);
    return requests;
  }

  /** An owner came, changed or went. */
  seeOwner(key: string, owner: Owner | undefined): void {
    const namespace = key.slice(0, key.indexOf('/'));
    const owners = this.#owners.get(namespace) ?? new Map();
    this.#owners.set(namespace, owners);
    if (owner === undefined) {
      owners.delete(key);
      this.#due.delete(key);
      return;
    }
    const { selector } = owner.spec;
    const isNew = !owners.has(key);
    owners.set(key, selector);
    if (!isNew) return;
    for (const orphan of this.#orphans.get(namespace) ?? []) this.#look(key, orphan);
  }

  /** Adopts and lets go what is due for the owner. */
  settle(owner: Owner): void {
    const request = keyOf(owner);
    const due = this.#due.get(request);
    if (due === undefined) return;
    this.#due.delete(request);
    const { selector } = owner.spec;
    for (const key of due) {
      const child = this.#store.get(this.#childKind, key) as Pod | undefined;
      if (child === undefined) continue;
      const by = controllerOf(child);
      const isMeant =
        matchesSelector(selector, child.metadata.labels) && !isEmptySelector(selector);
      if (by === undefined) {
        if (isMeant && owner.metadata.deletionTimestamp === undefined) this.#adopt(owner, child);
      } else if (by.uid === owner.metadata.uid && !isMeant) this.#release(owner, child);
    }
  }

  #look(request: Request, key: string): void {
    const due = this.#due.get(request) ?? new Set<string>();
    this.#due.set(request, due.add(key));
  }

  #adopt(owner: Owner, child: Pod): void {
    if (child.metadata.deletionTimestamp !== undefined) return;
    const references = [...(child.metadata.ownerReferences ?? []), controllerReference(owner)];
    this.#write(child, { ...child.metadata, ownerReferences: references });
  }

  #release(owner: Owner, child: Pod): void {
    const references = (child.metadata.ownerReferences ?? []).filter(
      (it) => it.uid !== owner.metadata.uid,
    );
    this.#write(child, { ...child.metadata, ownerReferences: references });
  }

  /** A refused write is no matter: the object's next event has it looked at again. */
  #write(child: Pod, metadata: ObjectMeta): void {
    this.#kubernetes.update({ ...child, metadata });
  }
}
