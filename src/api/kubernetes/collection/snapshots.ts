/**
 * api/kubernetes/collection/snapshots — collections as they were when the first page of a list was
 * read, for as long as etcd would keep the revision.
 *
 * Upstream: kube-apiserver compacts etcd every five minutes (pkg/storage/etcd3/compact.go).
 */
import type { StoredObject } from './collection.ts';

const KEPT_MS = 5 * 60_000;
/** Entries are shared with the store; what a snapshot costs is an array of pointers. */
const SNAPSHOTS_MAX = 64;

interface Snapshot {
  readonly entries: readonly StoredObject[];
  readonly untilMs: number;
}

export class Snapshots {
  readonly #kept = new Map<string, Snapshot>();

  keep(collection: string, revision: number, entries: readonly StoredObject[]): void {
    const key = `${collection}@${revision}`;
    this.#kept.delete(key);
    this.#kept.set(key, { entries, untilMs: performance.now() + KEPT_MS });
    this.#forget();
  }

  get(collection: string, revision: number): readonly StoredObject[] | undefined {
    this.#forget();
    return this.#kept.get(`${collection}@${revision}`)?.entries;
  }

  #forget(): void {
    for (const [key, { untilMs }] of this.#kept) {
      if (this.#kept.size <= SNAPSHOTS_MAX && untilMs > performance.now()) return;
      this.#kept.delete(key);
    }
  }
}
