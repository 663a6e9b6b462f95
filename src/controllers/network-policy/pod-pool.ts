/**
 * controllers/network-policy/pod-pool — the pods of a namespace by label, so that a policy that
 * selects thirty of a hundred thousand looks at thirty. A label is filed when a selector first asks
 * for it.
 *
 * Reads: Pod, Service, Namespace.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import type { Surroundings } from './resolve-policy.ts';

/** Below this many pods a namespace is walked. */
const SMALL = 64;

export class PodPool implements Surroundings {
  readonly #store: TwinStore;
  /** namespace -> label key -> value -> pod keys. */
  readonly #filed = new Map<string, Map<string, Map<string, Set<string>>>>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** Keeps what is filed; call it for every change of a pod. */
  see(key: string, value: Pod | undefined, previous: Pod | undefined): void {
    const namespace = (value ?? previous)?.metadata.namespace ?? '';
    const labels = this.#filed.get(namespace);
    if (labels === undefined) return;
    for (const [label, byValue] of labels) {
      const before = previous?.metadata.labels?.[label];
      const now = value?.metadata.labels?.[label];
      if (before === now) continue;
      if (before !== undefined) byValue.get(before)?.delete(key);
      if (now !== undefined) add(byValue, now, key);
    }
  }

  *podsMatching(namespace: string, selector: LabelSelector | undefined): Iterable<Pod> {
    for (const key of this.#candidates(namespace, selector)) {
      const pod = this.#store.get('Pod', key);
      if (pod === undefined) continue;
      if (selector === undefined || matchesSelector(selector, pod.metadata.labels)) yield pod;
    }
  }

  servicesIn(namespace: string): Iterable<Service> {
    return this.#store.lookup('Service', 'namespace', namespace);
  }

  *namespacesMatching(selector: LabelSelector): Iterable<string> {
    for (const { value } of this.#store.entries('Namespace')) {
      if (matchesSelector(selector, value.metadata.labels)) yield value.metadata.name;
    }
  }

  #candidates(namespace: string, selector: LabelSelector | undefined): ReadonlySet<string> {
    const all = this.#store.lookupKeys('Pod', 'namespace', namespace);
    if (all.size <= SMALL || selector === undefined) return all;
    for (const label in selector.matchLabels) {
      return this.#byValue(namespace, label, all).get(selector.matchLabels[label]!) ?? NO_KEYS;
    }
    return all;
  }

  #byValue(
    namespace: string,
    label: string,
    all: ReadonlySet<string>,
  ): ReadonlyMap<string, ReadonlySet<string>> {
    const labels = this.#filed.get(namespace) ?? new Map<string, Map<string, Set<string>>>();
    this.#filed.set(namespace, labels);
    let byValue = labels.get(label);
    if (byValue === undefined) {
      byValue = new Map();
      for (const key of all) {
        const value = this.#store.get('Pod', key)?.metadata.labels?.[label];
        if (value !== undefined) add(byValue, value, key);
      }
      labels.set(label, byValue);
    }
    return byValue;
  }
}

const NO_KEYS: ReadonlySet<string> = new Set();

function add(byValue: Map<string, Set<string>>, value: string, key: string): void {
  const keys = byValue.get(value);
  if (keys === undefined) byValue.set(value, new Set([key]));
  else keys.add(key);
}
