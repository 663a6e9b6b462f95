/**
 * datapath/dns/followed-index — the objects of a kind by terms of theirs (addresses, names), in
 * step with the store's event log: a change costs what changed, a question one look-up.
 */
import type { Kinds, TwinStore } from '../../model/kinds.ts';

export class FollowedIndex<Kind extends keyof Kinds & string> {
  readonly #kind: Kind;
  readonly #termsOf: (value: Kinds[Kind]) => readonly string[];
  #keys = new Map<string, Set<string>>();
  #revision = -1;

  constructor(kind: Kind, termsOf: (value: Kinds[Kind]) => readonly string[]) {
    this.#kind = kind;
    this.#termsOf = termsOf;
  }

  /** In key order: an answer must not depend on which object was written last. */
  find(store: TwinStore, term: string): Kinds[Kind][] {
    this.#follow(store);
    const keys = this.#keys.get(term);
    if (keys === undefined) return [];
    const ordered = keys.size < 2 ? keys : [...keys].sort();
    const found: Kinds[Kind][] = [];
    for (const key of ordered) {
      const value = store.get(this.#kind, key);
      if (value !== undefined) found.push(value);
    }
    return found;
  }

  #follow(store: TwinStore): void {
    if (this.#revision === store.revision) return;
    const events =
      this.#revision < 0 ? undefined : store.since(this.#revision, new Set([this.#kind]));
    this.#revision = store.revision;
    if (!Array.isArray(events)) {
      this.#keys = new Map();
      for (const { key, value } of store.entries(this.#kind)) this.#add(key, value);
      return;
    }
    for (const { key, value, previous } of events) {
      if (previous !== undefined) this.#remove(key, previous as Kinds[Kind]);
      if (value !== undefined) this.#add(key, value as Kinds[Kind]);
    }
  }

  #add(key: string, value: Kinds[Kind]): void {
    for (const term of this.#termsOf(value)) {
      const keys = this.#keys.get(term);
      if (keys === undefined) this.#keys.set(term, new Set([key]));
      else keys.add(key);
    }
  }

  #remove(key: string, value: Kinds[Kind]): void {
    for (const term of this.#termsOf(value)) {
      const keys = this.#keys.get(term);
      if (keys === undefined) continue;
      keys.delete(key);
      if (keys.size === 0) this.#keys.delete(term);
    }
  }
}
