/**
 * up/data-folder/change — what happened to the store, as the log has it: whole values where they
 * are new, and otherwise the members that are others than before.
 */
import { isRenewal } from '../../controllers/kubelet/node-lease.ts';
import type { Kinds } from '../../model/kinds.ts';
import type { Entry, StoreEvent } from '../../sim/store.ts';

export type Change =
  | readonly ['put', kind: string, key: string, value: unknown]
  | readonly ['set', kind: string, key: string, members: Members, gone?: readonly string[]]
  | readonly ['delete', kind: string, key: string]
  /** So many revisions of what is not kept. */
  | readonly ['pass', revisions: number];

type Members = Readonly<Record<string, unknown>>;

/** A record of the log: changes of consecutive revisions. */
export interface Batch {
  /** Revision of the first change. */
  readonly from: number;
  /** The twin's time. */
  readonly atMs: number;
  readonly changes: readonly Change[];
}

/** Every entry of a store, kind by kind, in the store's order. */
export type Entries = Map<string, Map<string, Entry<unknown>>>;

const isPlain = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What changed, as the log has it. */
export function changesOf(events: readonly StoreEvent<Kinds>[]): Change[] {
  const changes: Change[] = [];
  let passed = 0;
  const tellPassed = (): void => {
    if (passed > 0) changes.push(['pass', passed]);
    passed = 0;
  };
  for (const event of events) {
    if (isRenewal(event)) {
      passed++;
      continue;
    }
    tellPassed();
    changes.push(changeOf(event));
  }
  tellPassed();
  return changes;
}

/** What changed; values share with earlier ones what did not, so identity tells. */
function changeOf({ kind, key, value, previous }: StoreEvent<Kinds>): Change {
  if (value === undefined) return ['delete', kind, key];
  if (!isPlain(value) || !isPlain(previous)) return ['put', kind, key, value];
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(value))
    if (value[name] !== previous[name] && value[name] !== undefined) members[name] = value[name];
  const gone = Object.keys(previous).filter((name) => value[name] === undefined);
  return gone.length === 0 ? ['set', kind, key, members] : ['set', kind, key, members, gone];
}

/**
 * Makes a change once more; `revision` is the one before it.
 *
 * @returns the revision after it
 * @throws Error when it does not follow from what is there
 */
export function makeChange(entries: Entries, change: Change, revision: number): number {
  if (change[0] === 'pass') return revision + change[1];
  make(entries, change, revision + 1);
  return revision + 1;
}

function make(
  entries: Entries,
  change: Exclude<Change, readonly ['pass', number]>,
  revision: number,
): void {
  const [verb, kind, key] = change;
  let ofKind = entries.get(kind);
  if (ofKind === undefined) {
    ofKind = new Map();
    entries.set(kind, ofKind);
  }
  const before = ofKind.get(key);
  if (verb === 'put') {
    const created = before?.created ?? revision;
    ofKind.set(key, { key, value: change[3], revision, created });
    return;
  }
  if (before === undefined) throw new Error(`${kind} ${key} changes, and is not there`);
  if (verb === 'delete') {
    ofKind.delete(key);
    return;
  }
  const value = { ...(before.value as Members), ...change[3] };
  for (const name of change[4] ?? []) delete value[name];
  ofKind.set(key, { key, value, revision, created: before.created });
}
