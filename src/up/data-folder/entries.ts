/** up/data-folder/entries — a store of what was read. */
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Entry } from '../../sim/store.ts';
import { emptyStore } from '../../twin/twin.ts';
import type { Entries } from './change.ts';

/** A store with these entries, that goes on after `revision`. */
export function storeOf(entries: Entries, revision: number): TwinStore {
  const store = emptyStore();
  for (const [kind, ofKind] of entries)
    for (const entry of ofKind.values())
      store.restore(kind as keyof Kinds & string, entry as Entry<never>);
  store.continueFrom(revision);
  return store;
}
