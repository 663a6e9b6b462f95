/**
 * sim/store — one store, etcd-shaped: kinds, frozen values, one revision, conditional put, a
 * bounded event log with watches that resume, indexes, and forks that share structure.
 *
 * The store knows no kind: rooms above give it a type map `{ Pod: Pod, 'ec2/subnet': Subnet }`.
 */
import { freezeDeep } from './freeze.ts';
import { Layers } from './layers.ts';

export interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  /** Revision of the last write. */
  readonly revision: number;
  /** Revision of the first write. */
  readonly created: number;
}

export interface StoreEvent<Kinds, Kind extends keyof Kinds & string = keyof Kinds & string> {
  readonly kind: Kind;
  readonly key: string;
  readonly revision: number;
  /** What is stored now; undefined after a delete. */
  readonly value: Kinds[Kind] | undefined;
  /** What was stored before; undefined for a new key. */
  readonly previous: Kinds[Kind] | undefined;
}

/** The revision asked for is no longer in the log: list again, then watch from there (HTTP 410). */
export interface Gone {
  readonly kind: 'gone';
  readonly oldestRevision: number;
}

/** The caller's expected revision is not the stored one (HTTP 409). */
export interface Conflict {
  readonly kind: 'conflict';
  readonly revision: number;
}

type Subscriber<Kinds> = (event: StoreEvent<Kinds>) => void;

/** Under which terms an index keeps a value: under none, one, or several. */
type Terms = string | readonly string[] | undefined;

interface Index {
  readonly keyOf: (value: never) => Terms;
  /** Most terms are one value's (a pod's address): those keep its key alone. */
  readonly byTerm: Map<string, string | Set<string>>;
}

/** Events kept for watches that resume. */
const LOG_MAX = 8_192;

export class Store<Kinds extends object> {
  #revision = 0;
  readonly #kinds = new Map<string, Layers<Entry<unknown>>>();
  readonly #subscribers = new Map<string, Subscriber<Kinds>[]>();
  #followers: readonly Subscriber<Kinds>[] = [];
  readonly #indexes = new Map<string, Map<string, Index>>();
  /** Ring of the last `LOG_MAX` events; `#logStart` is the position of the oldest. */
  #log: StoreEvent<Kinds>[] = [];
  #logStart = 0;

  get revision(): number {
    return this.#revision;
  }

  get<Kind extends keyof Kinds & string>(kind: Kind, key: string): Kinds[Kind] | undefined {
    return this.entry(kind, key)?.value;
  }

  entry<Kind extends keyof Kinds & string>(
    kind: Kind,
    key: string,
  ): Entry<Kinds[Kind]> | undefined {
    return this.#kinds.get(kind)?.get(key) as Entry<Kinds[Kind]> | undefined;
  }

  /** Every value of a kind, oldest key first. */
  list<Kind extends keyof Kinds & string>(kind: Kind): Kinds[Kind][] {
    const values: Kinds[Kind][] = [];
    for (const entry of this.entries(kind)) values.push(entry.value);
    return values;
  }

  *entries<Kind extends keyof Kinds & string>(kind: Kind): Iterable<Entry<Kinds[Kind]>> {
    const layers = this.#kinds.get(kind);
    if (layers !== undefined) yield* layers.values() as Iterable<Entry<Kinds[Kind]>>;
  }

  count(kind: keyof Kinds & string): number {
    return this.#kinds.get(kind)?.size ?? 0;
  }

  /**
   * Writes a value; the value is frozen, deeply.
   *
   * @param expected  the revision the caller read; 0 = must not exist yet; absent = any
   * @returns the new revision, or the conflict
   */
  put<Kind extends keyof Kinds & string>(
    kind: Kind,
    key: string,
    value: Kinds[Kind],
    expected?: number,
  ): number | Conflict {
    let layers = this.#kinds.get(kind);
    if (layers === undefined) {
      layers = new Layers();
      this.#kinds.set(kind, layers);
    }
    const before = layers.get(key) as Entry<Kinds[Kind]> | undefined;
    if (expected !== undefined && expected !== (before?.revision ?? 0)) {
      return { kind: 'conflict', revision: before?.revision ?? 0 };
    }
    const revision = ++this.#revision;
    freezeDeep(value);
    const created = before?.created ?? revision;
    layers.set(key, { key, value, revision, created }, before === undefined);
    this.#announce({ kind, key, revision, value, previous: before?.value });
    return revision;
  }

  /** Removes a key; false when it was not there. */
  delete<Kind extends keyof Kinds & string>(
    kind: Kind,
    key: string,
    expected?: number,
  ): boolean | Conflict {
    const layers = this.#kinds.get(kind);
    const before = layers?.get(key) as Entry<Kinds[Kind]> | undefined;
    if (layers === undefined || before === undefined) return false;
    if (expected !== undefined && expected !== before.revision) {
      return { kind: 'conflict', revision: before.revision };
    }
    layers.delete(key);
    const revision = ++this.#revision;
    this.#announce({ kind, key, revision, value: undefined, previous: before.value });
    return true;
  }

  /** Calls `subscriber` inside every write of the kind, after it. Returns the way to stop. */
  subscribe<Kind extends keyof Kinds & string>(
    kind: Kind,
    subscriber: (event: StoreEvent<Kinds, Kind>) => void,
  ): () => void {
    const stored = subscriber as unknown as Subscriber<Kinds>;
    const all = this.#subscribers.get(kind) ?? [];
    this.#subscribers.set(kind, [...all, stored]);
    return () => {
      const rest = (this.#subscribers.get(kind) ?? []).filter((other) => other !== stored);
      this.#subscribers.set(kind, rest);
    };
  }

  /** Calls `follower` inside every write of any kind, before its kind's subscribers. */
  follow(follower: (event: StoreEvent<Kinds>) => void): () => void {
    this.#followers = [...this.#followers, follower];
    return () => {
      this.#followers = this.#followers.filter((other) => other !== follower);
    };
  }

  /** The kinds that something is, or was, stored of. */
  kinds(): (keyof Kinds & string)[] {
    return [...this.#kinds.keys()] as (keyof Kinds & string)[];
  }

  /** Puts an entry of an earlier store back, with its revisions. Nobody is told. */
  restore<Kind extends keyof Kinds & string>(kind: Kind, entry: Entry<Kinds[Kind]>): void {
    let layers = this.#kinds.get(kind);
    if (layers === undefined) {
      layers = new Layers();
      this.#kinds.set(kind, layers);
    }
    const before = layers.get(entry.key) as Entry<Kinds[Kind]> | undefined;
    freezeDeep(entry.value);
    layers.set(entry.key, entry, before === undefined);
    this.continueFrom(entry.revision);
    const indexes = this.#indexes.get(kind);
    if (indexes === undefined) return;
    for (const index of indexes.values()) reindex(index, entry.key, entry.value, before?.value);
  }

  /**
   * Goes on with revisions after `revision`. Watches that ask for earlier ones are told to list
   * again: what happened then is not known here.
   */
  continueFrom(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
  }

  /**
   * The events of `kinds` after `fromRevision`, or `gone` when the log no longer reaches back.
   * Call again with the last event's revision to resume.
   */
  since(fromRevision: number, kinds?: ReadonlySet<string>): StoreEvent<Kinds>[] | Gone {
    const size = this.#log.length;
    const oldest = size === 0 ? this.#revision + 1 : this.#log[this.#logStart % size]!.revision;
    if (fromRevision + 1 < oldest) return { kind: 'gone', oldestRevision: oldest };
    const events: StoreEvent<Kinds>[] = [];
    for (let i = 0; i < size; i++) {
      const event = this.#log[(this.#logStart + i) % size]!;
      if (event.revision <= fromRevision) continue;
      if (kinds === undefined || kinds.has(event.kind)) events.push(event);
    }
    return events;
  }

  /** Declares a secondary index: `lookup(kind, name, term)` finds values with `keyOf` = term. */
  index<Kind extends keyof Kinds & string>(
    kind: Kind,
    name: string,
    keyOf: (value: Kinds[Kind]) => Terms,
  ): void {
    const index: Index = {
      keyOf: keyOf as (value: never) => Terms,
      byTerm: new Map(),
    };
    const indexes = this.#indexes.get(kind) ?? new Map<string, Index>();
    indexes.set(name, index);
    this.#indexes.set(kind, indexes);
    for (const { key, value } of this.entries(kind)) addTerms(index, keyOf(value), key);
  }

  /** Whether such an index was declared. */
  hasIndex(kind: keyof Kinds & string, name: string): boolean {
    return this.#indexes.get(kind)?.has(name) ?? false;
  }

  /** Values with this term in the index, in the order they got it. */
  lookup<Kind extends keyof Kinds & string>(kind: Kind, name: string, term: string): Kinds[Kind][] {
    const held = this.#index(kind, name).byTerm.get(term);
    if (held === undefined) return [];
    if (typeof held === 'string') return [this.get(kind, held)!];
    const found: Kinds[Kind][] = [];
    for (const key of held) found.push(this.get(kind, key)!);
    return found;
  }

  lookupKeys(kind: keyof Kinds & string, name: string, term: string): ReadonlySet<string> {
    const { byTerm } = this.#index(kind, name);
    const held = byTerm.get(term);
    if (typeof held !== 'string') return held ?? NO_KEYS;
    const keys = new Set([held]);
    byTerm.set(term, keys);
    return keys;
  }

  #index(kind: string, name: string): Index {
    const index = this.#indexes.get(kind)?.get(name);
    if (index === undefined) throw new Error(`no index ${name} on ${kind}`);
    return index;
  }

  /** A store with the same contents; writes to one are not seen by the other. No subscribers. */
  fork(): Store<Kinds> {
    const copy = new Store<Kinds>();
    copy.#revision = this.#revision;
    copy.#log = [...this.#log];
    copy.#logStart = this.#logStart;
    for (const [kind, layers] of this.#kinds) copy.#kinds.set(kind, layers.fork());
    for (const [kind, indexes] of this.#indexes) {
      for (const [name, index] of indexes) {
        copy.index(kind as keyof Kinds & string, name, index.keyOf as never);
      }
    }
    return copy;
  }

  /** Where an index and the values it is of disagree; empty unless this class has a bug. */
  indexProblems(): string[] {
    const problems: string[] = [];
    for (const [kind, indexes] of this.#indexes) {
      for (const [name, { keyOf, byTerm }] of indexes) {
        const fresh: Index = { keyOf, byTerm: new Map() };
        for (const { key, value } of this.entries(kind as keyof Kinds & string))
          addTerms(fresh, keyOf(value as never), key);
        for (const term of new Set([...byTerm.keys(), ...fresh.byTerm.keys()])) {
          const [has, should] = [keysOf(byTerm.get(term)), keysOf(fresh.byTerm.get(term))];
          if (has !== should) problems.push(`${kind} ${name} ${term}: ${has}, not ${should}`);
        }
      }
    }
    return problems;
  }

  #announce(event: StoreEvent<Kinds>): void {
    const indexes = this.#indexes.get(event.kind);
    if (indexes !== undefined)
      for (const index of indexes.values()) reindex(index, event.key, event.value, event.previous);
    if (this.#log.length < LOG_MAX) this.#log.push(event);
    else {
      this.#log[this.#logStart] = event;
      this.#logStart = (this.#logStart + 1) % LOG_MAX;
    }
    for (const follower of this.#followers) follower(event);
    const subscribers = this.#subscribers.get(event.kind);
    if (subscribers !== undefined) for (const subscriber of subscribers) subscriber(event);
  }
}

const NO_KEYS: ReadonlySet<string> = new Set();

const keysOf = (held: string | Set<string> = NO_KEYS as Set<string>): string =>
  typeof held === 'string' ? held : [...held].sort().join(', ');

function addTerms(index: Index, terms: Terms, key: string): void {
  if (typeof terms === 'string') addTerm(index, terms, key);
  else if (terms !== undefined) for (const term of terms) addTerm(index, term, key);
}

function addTerm(index: Index, term: string, key: string): void {
  const held = index.byTerm.get(term);
  if (held === undefined) index.byTerm.set(term, key);
  else if (typeof held !== 'string') held.add(key);
  else if (held !== key) index.byTerm.set(term, new Set([held, key]));
}

function removeTerm(index: Index, term: string, key: string): void {
  const held = index.byTerm.get(term);
  if (held === key) index.byTerm.delete(term);
  else if (typeof held === 'object') {
    held.delete(key);
    if (held.size === 0) index.byTerm.delete(term);
  }
}

function reindex(index: Index, key: string, value: unknown, previous: unknown): void {
  const before = previous === undefined ? undefined : index.keyOf(previous as never);
  const after = value === undefined ? undefined : index.keyOf(value as never);
  if (before === after) return;
  if (typeof before === 'string') removeTerm(index, before, key);
  // A value keeps its place under the terms it still has.
  else for (const term of before ?? []) if (!has(after, term)) removeTerm(index, term, key);
  addTerms(index, after, key);
}

const has = (terms: Terms, term: string): boolean =>
  typeof terms === 'string' ? terms === term : (terms?.includes(term) ?? false);
