/**
 * controllers/network-policy/policy-references — which policies a pod, a Service or a namespace
 * bears on, without trying every policy for every change.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/resolvers/policies_for_pod.go,
 * policies_for_service.go, policies_for_namespace.go, policy_tracker.go (which walk all policies of
 * the namespace and all with namespace selectors).
 */
import type { LabelSelector, Labels } from '../../model/kubernetes/meta.ts';
import { SelectorIndex } from '../../model/kubernetes/selector-index.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import type { Request } from '../../sim/controller.ts';

/** Pods that a policy names: those it selects and its peers. */
export interface Reference {
  /** A namespace by name, or those with these labels. */
  readonly namespace: string | LabelSelector;
  readonly pods: LabelSelector;
  /** Peers of egress rules name Services as well, by their selectors. */
  readonly namesServices: boolean;
}

interface Shelf {
  readonly pods: SelectorIndex<Request>;
  readonly services: SelectorIndex<Request>;
}

interface ForeignShelf extends Shelf {
  readonly namespaces: LabelSelector;
}

const shelf = (): Shelf => ({ pods: new SelectorIndex(), services: new SelectorIndex() });

export class PolicyReferences {
  readonly #references = new Map<Request, readonly Reference[]>();
  readonly #local = new Map<string, Shelf>();
  /** By the text of the namespace selector. */
  readonly #foreign = new Map<string, ForeignShelf>();
  /** The foreign shelves whose selector matches a namespace; forgotten when either changes. */
  readonly #matched = new Map<string, readonly ForeignShelf[]>();
  readonly #labelsOf: (namespace: string) => Labels | undefined;

  constructor(labelsOf: (namespace: string) => Labels | undefined) {
    this.#labelsOf = labelsOf;
  }

  /** Files what a policy refers to, in place of what it did before; nothing = it is gone. */
  set(request: Request, references: readonly Reference[]): void {
    for (const reference of this.#references.get(request) ?? [])
      this.#file(request, reference, false);
    if (references.length === 0) this.#references.delete(request);
    else this.#references.set(request, references);
    for (const reference of references) this.#file(request, reference, true);
  }

  all(): Iterable<Request> {
    return this.#references.keys();
  }

  /** Policies that name a pod of this namespace with these labels. */
  *ofPod(namespace: string, labels: Labels | undefined): Iterable<Request> {
    for (const { pods } of this.#shelvesOf(namespace)) yield* pods.matching(labels);
  }

  /** Policies that name a Service of this namespace with this selector. */
  *ofService(namespace: string, selector: Labels | undefined): Iterable<Request> {
    for (const { services } of this.#shelvesOf(namespace)) yield* services.matching(selector);
  }

  /** Policies whose namespace selectors match the labels before or now. */
  *ofNamespace(name: string, ...labels: readonly (Labels | undefined)[]): Iterable<Request> {
    this.#matched.delete(name);
    for (const [request, references] of this.#references) {
      const isNamed = references.some(
        ({ namespace }) =>
          typeof namespace !== 'string' && labels.some((it) => matchesSelector(namespace, it)),
      );
      if (isNamed) yield request;
    }
  }

  *#shelvesOf(namespace: string): Iterable<Shelf> {
    const local = this.#local.get(namespace);
    if (local !== undefined) yield local;
    let foreign = this.#matched.get(namespace);
    if (foreign === undefined) {
      const labels = this.#labelsOf(namespace);
      foreign = [...this.#foreign.values()].filter((it) => matchesSelector(it.namespaces, labels));
      this.#matched.set(namespace, foreign);
    }
    yield* foreign;
  }

  #file(request: Request, { namespace, pods, namesServices }: Reference, isNew: boolean): void {
    const shelf =
      typeof namespace === 'string' ? this.#localOf(namespace) : this.#foreignOf(namespace);
    const indexes = namesServices ? [shelf.pods, shelf.services] : [shelf.pods];
    for (const index of indexes) {
      if (isNew) index.add(pods, request);
      else index.remove(pods, request);
    }
  }

  #localOf(namespace: string): Shelf {
    const found = this.#local.get(namespace) ?? shelf();
    this.#local.set(namespace, found);
    return found;
  }

  #foreignOf(namespaces: LabelSelector): Shelf {
    const text = JSON.stringify(namespaces);
    let found = this.#foreign.get(text);
    if (found === undefined) {
      found = { ...shelf(), namespaces };
      this.#foreign.set(text, found);
      this.#matched.clear();
    }
    return found;
  }
}
