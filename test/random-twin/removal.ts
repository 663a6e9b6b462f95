/**
 * test/random-twin/removal — one thing of a twin that can be taken away, named as evidence names it,
 * taken away in the store and put back. No controller runs: what others made of it stays.
 */
import type { Element } from '../../src/datapath/trace.ts';
import type { Kind, Kinds, TwinStore } from '../../src/model/kinds.ts';

/** One value of the store without the thing; undefined: the value itself is the thing. */
export interface Change {
  readonly kind: Kind;
  readonly key: string;
  readonly value: Kinds[Kind] | undefined;
}

export interface Removal {
  /** As a trace would cite it; `rule` undefined: any rule of the object is it. */
  readonly kind: Element['kind'];
  readonly object: string;
  readonly rule?: string | undefined;
  /** What else tells of it: a trace with one of these in it makes no claim about it. */
  readonly texts: readonly string[];
  readonly changes: readonly Change[];
}

export const change = <K extends Kind>(kind: K, key: string, value?: Kinds[K]): Change => ({
  kind,
  key,
  value,
});

/** The value with one entry of one of its lists left out. */
export const without = <T, Field extends keyof T>(value: T, field: Field, entry: unknown): T => ({
  ...value,
  [field]: (value[field] as readonly unknown[]).filter((it) => it !== entry),
});

export const nameOf = ({ kind, object, rule }: Removal): string =>
  [kind, object, ...(rule === undefined ? [] : [rule])].join(' ');

/** True where the element is the thing. */
export const isCitedBy = (it: Removal, element: Element): boolean =>
  element.kind === it.kind &&
  element.object === it.object &&
  (it.rule === undefined || element.rule === it.rule);

/** Takes it away; the answer puts it back. */
export function remove(store: TwinStore, { changes }: Removal): () => void {
  const before = changes.map(({ kind, key }) => change(kind, key, store.get(kind, key)));
  write(store, changes);
  return () => write(store, before);
}

function write(store: TwinStore, changes: readonly Change[]): void {
  for (const { kind, key, value } of changes)
    if (value === undefined) store.delete(kind, key);
    else store.put(kind, key, value);
}
