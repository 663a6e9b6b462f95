/**
 * up/data-folder/snapshot-file — a whole store in one file: a head, its entries in parts, an end
 * that says how many there were. Written beside the work, and there under its name only when whole.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TwinStore } from '../../model/kinds.ts';
import type { Entry } from '../../sim/store.ts';
import type { TwinMemory } from '../../twin/memory.ts';
import type { TwinOrigin } from '../../twin/snapshot.ts';
import { syncFolder } from '../own-file.ts';
import type { Entries } from './change.ts';
import { frameOf, readFrames } from './frame.ts';

/** Raised when older versions cannot read what is written. */
export const FORMAT = 1;
/** Entries of one record; so many are written in a few milliseconds. */
const PART = 256;

export interface SnapshotHead {
  readonly format: number;
  readonly revision: number;
  readonly atMs: number;
  readonly origin: TwinOrigin;
  /** What the twin was built from; see up/inputs. */
  readonly inputs: unknown;
  /** What the twin knew beside its store; only where it is handed to another process. */
  readonly memory?: TwinMemory | undefined;
}

type Row = readonly [kind: string, entry: Entry<unknown>];
type Stored = readonly [
  kind: string,
  key: string,
  revision: number,
  created: number,
  value: unknown,
];

/** What a store holds now, as references: it may change while this is written. */
export function rowsOf(store: TwinStore): Row[] {
  const rows: Row[] = [];
  for (const kind of store.kinds())
    for (const entry of store.entries(kind)) rows.push([kind, entry]);
  return rows;
}

const recordOf = (value: unknown): Buffer => frameOf(Buffer.from(JSON.stringify(value)));

/** The bytes of a snapshot, in parts. */
export function* snapshotParts(head: SnapshotHead, rows: readonly Row[]): Iterable<Buffer> {
  yield recordOf(head);
  for (let at = 0; at < rows.length; at += PART) {
    const part = rows.slice(at, at + PART);
    yield recordOf(
      part.map(
        ([kind, { key, revision, created, value }]): Stored => [
          kind,
          key,
          revision,
          created,
          value,
        ],
      ),
    );
  }
  yield recordOf({ end: rows.length });
}

/** Writes a snapshot; others have their turn between its parts. @returns its length in bytes */
export async function writeSnapshot(
  path: string,
  head: SnapshotHead,
  rows: readonly Row[],
): Promise<number> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w', 0o600);
  let length = 0;
  try {
    for (const part of snapshotParts(head, rows)) {
      await file.write(part);
      length += part.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  syncFolder(dirname(path));
  return length;
}

export type SnapshotRead =
  | { readonly head: SnapshotHead; readonly entries: Entries; readonly length: number }
  | { readonly damagedAt: number; readonly problem: string };

/** Reads a snapshot, or says where it is broken. */
export async function readSnapshot(path: string): Promise<SnapshotRead> {
  return snapshotOf(await readFile(path));
}

/** A snapshot of its bytes. */
export function snapshotOf(bytes: Buffer): SnapshotRead {
  let head: SnapshotHead | undefined;
  let end: number | undefined;
  let count = 0;
  const entries: Entries = new Map();
  const result = readFrames(bytes, (payload) => {
    const value: unknown = JSON.parse(payload.toString());
    if (head === undefined) head = value as SnapshotHead;
    else if (Array.isArray(value)) count += take(entries, value as Stored[]);
    else end = (value as { end: number }).end;
  });
  if (result.kind === 'damaged') return { damagedAt: result.offset, problem: result.problem };
  if (result.kind === 'torn') return { damagedAt: result.offset, problem: 'it is cut off' };
  if (head === undefined || end !== count)
    return { damagedAt: bytes.length, problem: 'it ends too soon' };
  return { head, entries, length: bytes.length };
}

function take(entries: Entries, rows: readonly Stored[]): number {
  for (const [kind, key, revision, created, value] of rows) {
    let ofKind = entries.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      entries.set(kind, ofKind);
    }
    ofKind.set(key, { key, value, revision, created });
  }
  return rows.length;
}
