/**
 * sim/scratch-store — a store to try a write on: it reads what another holds, and what is written
 * to it is seen by nobody else and soon forgotten. For requests that only ask what would happen.
 */
import { freezeDeep } from './freeze.ts';
import { type Conflict, type Entry, Store } from './store.ts';

export class ScratchStore<Kinds extends object> extends Store<Kinds> {
  readonly #base: Store<Kinds>;
  readonly #written = new Map<string, Entry<unknown> | undefined>();
  #writes = 0;

  constructor(base: Store<Kinds>) {
    super();
    this.#base = base;
  }

  override get revision(): number {
    return this.#base.revision + this.#writes;
  }

  override entry<Kind extends keyof Kinds & string>(
    kind: Kind,
    key: string,
  ): Entry<Kinds[Kind]> | undefined {
    const at = `${kind} ${key}`;
    if (!this.#written.has(at)) return this.#base.entry(kind, key);
    return this.#written.get(at) as Entry<Kinds[Kind]> | undefined;
  }

  /** What was there before any try; verbs look at neighbours, never at their own write. */
  override *entries<Kind extends keyof Kinds & string>(kind: Kind): Iterable<Entry<Kinds[Kind]>> {
    yield* this.#base.entries(kind);
  }

  override count(kind: keyof Kinds & string): number {
    return this.#base.count(kind);
  }

  override lookup<Kind extends keyof Kinds & string>(
    kind: Kind,
    name: string,
    term: string,
  ): Kinds[Kind][] {
    return this.#base.lookup(kind, name, term);
  }

  override lookupKeys(kind: keyof Kinds & string, name: string, term: string): ReadonlySet<string> {
    return this.#base.lookupKeys(kind, name, term);
  }

  override put<Kind extends keyof Kinds & string>(
    kind: Kind,
    key: string,
    value: Kinds[Kind],
    expected?: number,
  ): number | Conflict {
    const before = this.entry(kind, key);
    if (expected !== undefined && expected !== (before?.revision ?? 0)) {
      return { kind: 'conflict', revision: before?.revision ?? 0 };
    }
    this.#writes++;
    const { revision } = this;
    freezeDeep(value);
    const created = before?.created ?? revision;
    this.#written.set(`${kind} ${key}`, { key, value, revision, created });
    return revision;
  }

  override delete<Kind extends keyof Kinds & string>(
    kind: Kind,
    key: string,
    expected?: number,
  ): boolean | Conflict {
    const before = this.entry(kind, key);
    if (before === undefined) return false;
    if (expected !== undefined && expected !== before.revision) {
      return { kind: 'conflict', revision: before.revision };
    }
    this.#writes++;
    this.#written.set(`${kind} ${key}`, undefined);
    return true;
  }
}
