/**
 * up/data-folder/recovery — what a folder holds: the newest whole snapshot, and what the logs say
 * happened since. What a crash cut off at the very end was acknowledged to nobody and goes;
 * anything else that does not fit is told and left alone.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../model/input-error.ts';
import { type Batch, type Entries, makeChange } from './change.ts';
import { readFrames } from './frame.ts';
import { FORMAT, readSnapshot, type SnapshotHead } from './snapshot-file.ts';

export interface Recovered {
  readonly head: SnapshotHead;
  readonly entries: Entries;
  readonly revision: number;
  /** The twin's time of the last change. */
  readonly atMs: number;
  /** Bytes of the snapshot, and of the logs since. */
  readonly snapshotLength: number;
  readonly logLength: number;
  /** How many logs there are since the snapshot. */
  readonly logs: number;
  readonly notes: readonly string[];
}

/** The first record of a log. */
export interface LogHead {
  /** The revision before its first change; what it is named for. */
  readonly base: number;
  /** The revision the log before it ends with; the two differ after a crash. */
  readonly follows: number;
}

const NAME = /^(snapshot|log)-(\d{15})$/;

export const nameOf = (kind: 'snapshot' | 'log', revision: number): string =>
  `${kind}-${String(revision).padStart(15, '0')}`;

/** Revisions of the folder's snapshots or logs, lowest first. */
export const revisionsOf = (folder: string, kind: 'snapshot' | 'log'): number[] =>
  readdirSync(folder)
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match?.[1] === kind ? [Number(match[2])] : [];
    })
    .sort((a, b) => a - b);

const damaged = (path: string, offset: number, problem: string): InputError =>
  new InputError(
    `${path}:${offset}`,
    `${problem} (at byte ${offset}): the file was changed or its disk is failing`,
    'put the folder back from a copy, or begin anew: ekstwin up --fresh -f PATH',
  );

/** Reads a folder; undefined when nothing is kept in it. @throws InputError on damage */
export async function recover(folder: string): Promise<Recovered | undefined> {
  const snapshots = revisionsOf(folder, 'snapshot').reverse();
  const logs = revisionsOf(folder, 'log');
  // A folder whose first snapshot was never finished has told nobody that it keeps anything.
  if (snapshots.length === 0 && logs.every((base) => isEmpty(join(folder, nameOf('log', base)))))
    return undefined;
  const notes: string[] = [];
  let broken: InputError | undefined;
  for (const revision of snapshots) {
    const path = join(folder, nameOf('snapshot', revision));
    const read = await readSnapshot(path);
    if ('problem' in read) {
      broken ??= damaged(path, read.damagedAt, read.problem);
      notes.push(`${path} is damaged: ${read.problem}; the one before it is taken`);
      continue;
    }
    if (read.head.format > FORMAT) throw newer(path);
    return replay(folder, logs, { ...read, notes });
  }
  throw broken ?? missing(folder, 'there is no snapshot that its logs begin with');
}

const newer = (path: string): InputError =>
  new InputError(
    path,
    'it was written by a newer ekstwin',
    'use that version, or another folder: --data FOLDER',
  );

const missing = (folder: string, problem: string): InputError =>
  new InputError(
    folder,
    problem,
    'put the folder back from a copy, or begin anew: ekstwin up --fresh -f PATH',
  );

/** No more than its head is in it. */
function isEmpty(path: string): boolean {
  let records = 0;
  const result = readFrames(readFileSync(path), () => records++);
  return records <= 1 && result.kind !== 'damaged';
}

interface Start {
  readonly head: SnapshotHead;
  readonly entries: Entries;
  readonly length: number;
  readonly notes: string[];
}

function replay(folder: string, logs: readonly number[], start: Start): Recovered {
  const { head, entries, notes } = start;
  let { revision, atMs } = head;
  let logLength = 0;
  const due = logs.filter((base) => base >= head.revision);
  if (due.length === 0)
    throw missing(folder, `the log that follows ${nameOf('snapshot', revision)} is not there`);
  due.forEach((base, i) => {
    const path = join(folder, nameOf('log', base));
    const bytes = readFileSync(path);
    const isLast = i === due.length - 1;
    let opened = false;
    let offset = 0;
    const result = readFrames(bytes, (payload) => {
      const record = parsed(payload, path, offset) as LogHead | Batch;
      if (!opened) {
        opened = true;
        if ((record as LogHead).follows !== revision)
          throw missing(folder, `a log between revision ${revision} and ${path} is not there`);
        revision = (record as LogHead).base;
      } else {
        revision = redo(entries, record as Batch, revision, path, offset);
        atMs = Math.max(atMs, (record as Batch).atMs);
      }
      offset += payload.length + 12;
    });
    if (result.kind === 'damaged') throw damaged(path, result.offset, result.problem);
    if (result.kind === 'torn' || !opened) {
      if (!isLast) throw damaged(path, offset, 'a record is cut off, and another log follows');
      cut(path, offset, opened);
      const lost = bytes.length - offset;
      notes.push(`${path}: the last ${lost} bytes were cut off in writing and are dropped`);
    }
    logLength += offset;
  });
  return {
    head,
    entries,
    revision,
    atMs,
    snapshotLength: start.length,
    logLength,
    logs: due.length,
    notes,
  };
}

function parsed(payload: Buffer, path: string, offset: number): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    throw damaged(path, offset, 'a record is no record of ours');
  }
}

/** Makes a batch's changes once more. @returns the revision after them */
function redo(
  entries: Entries,
  { from, changes }: Batch,
  revision: number,
  path: string,
  offset: number,
): number {
  if (from !== revision + 1)
    throw damaged(path, offset, `revision ${from} follows revision ${revision}`);
  let at = revision;
  try {
    for (const change of changes) at = makeChange(entries, change, at);
  } catch (failure) {
    throw damaged(path, offset, (failure as Error).message);
  }
  return at;
}

/** Takes away what was cut off, so that the next log follows a whole one. */
function cut(path: string, offset: number, opened: boolean): void {
  if (!opened) {
    rmSync(path);
    return;
  }
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, offset);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
