/**
 * api/kubernetes/collection/collection — all objects of one kind, in the order etcd lists them, and
 * what changed lately. One subscription to the store serves every list and every watch of the kind.
 *
 * Upstream: kubernetes/apiserver pkg/storage/cacher/watch_cache.go: a ring of events from which
 * watches resume. Reads the store, never writes it.
 */
import type { KubernetesKind, TwinStore } from '../../../model/kinds.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Resource } from '../../../model/kubernetes/resources.ts';
import type { Entry } from '../../../sim/store.ts';

/** One write of an object of the kind. */
export interface Change {
  readonly revision: number;
  /** What is stored now; undefined after a delete. */
  readonly value: KubernetesObject | undefined;
  readonly previous: KubernetesObject | undefined;
}

export type StoredObject = Entry<KubernetesObject>;

/** Changes kept for watches that resume. */
const RING_MAX = 8_192;

export class Collection {
  readonly #store: TwinStore;
  readonly #kind: KubernetesKind;
  /** Keys of a kind without a place of its own begin so. */
  readonly #prefix: string;
  #keys: readonly string[] | undefined;
  #entries: readonly StoredObject[] | undefined;
  #ring: Change[] = [];
  /** Every change after this revision is in the ring. */
  #knownFrom: number;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #stop: () => void;

  constructor(store: TwinStore, resource: Resource) {
    this.#store = store;
    this.#kind = resource.storeKind;
    this.#prefix =
      resource.storeKind === 'Unknown' ? `${resource.group || 'core'}/${resource.kind}:` : '';
    this.#knownFrom = store.revision;
    this.#recall();
    this.#stop = store.subscribe(this.#kind, ({ key, revision, value, previous }) => {
      if (!key.startsWith(this.#prefix)) return;
      if ((value === undefined) !== (previous === undefined)) this.#keys = undefined;
      this.#entries = undefined;
      this.#keep({
        revision,
        value: value as KubernetesObject | undefined,
        previous: previous as KubernetesObject | undefined,
      });
    });
  }

  /** Everything stored now, by namespace and name. The array is never changed afterwards. */
  entries(): readonly StoredObject[] {
    this.#entries ??= this.#sortedKeys().map(
      (key) => this.#store.entry(this.#kind, key) as StoredObject,
    );
    return this.#entries;
  }

  /** The changes after a revision, or the oldest revision a watch may start from. */
  since(revision: number): readonly Change[] | { readonly oldest: number } {
    if (revision < this.#knownFrom) return { oldest: this.#knownFrom };
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ring[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#ring.slice(low);
  }

  /** Calls back inside every write. Returns the way to stop. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop();
  }

  /** What the store's own log still has of the time before anybody asked. */
  #recall(): void {
    const kinds = new Set([this.#kind]);
    let before = this.#store.since(0, kinds);
    if ('oldestRevision' in before) {
      this.#knownFrom = before.oldestRevision - 1;
      before = this.#store.since(this.#knownFrom, kinds);
    } else this.#knownFrom = 0;
    if ('oldestRevision' in before) return;
    for (const { key, revision, value, previous } of before) {
      if (!key.startsWith(this.#prefix)) continue;
      const [now, then] = [value, previous] as (KubernetesObject | undefined)[];
      this.#keep({ revision, value: now, previous: then });
    }
  }

  #sortedKeys(): readonly string[] {
    if (this.#keys !== undefined) return this.#keys;
    const keys: string[] = [];
    for (const { key } of this.#store.entries(this.#kind)) {
      if (key.startsWith(this.#prefix)) keys.push(key);
    }
    this.#keys = keys.sort();
    return this.#keys;
  }

  #keep(change: Change): void {
    this.#ring.push(change);
    // Dropped in lumps, so that a change costs the same however many are kept.
    if (this.#ring.length > RING_MAX * 1.25) {
      const dropped = this.#ring.length - RING_MAX;
      this.#knownFrom = this.#ring[dropped - 1]!.revision;
      this.#ring = this.#ring.slice(dropped);
    }
    for (const listener of this.#listeners) listener(change);
  }
}
