/**
 * up/lock — one process at a time in a folder. The lock is a file that names its holder; a holder
 * that was killed leaves it behind, so whoever finds one looks whether that very process lives: its
 * id may be another's by now, its start time is not.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './own-file.ts';

export interface Holder {
  readonly pid: number;
  /** When that process began, in whatever form this machine tells it. */
  readonly began: string;
}

export interface Lock {
  release(): void;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
/** Field 22 of proc(5)'s stat: when the process began, in clock ticks since boot. */
const START_TIME_FIELD = 22;

/** What tells this process from another that got its id later; undefined when it does not live. */
export function beginningOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (failure) {
    // EPERM: it lives, and is another user's.
    if ((failure as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has died; only its parent has not looked yet. The first field here is the third.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync(BOOT_ID, 'utf8').trim()} ${fields[START_TIME_FIELD - 3]}`;
  } catch {
    return beginningByPs(pid);
  }
}

/** Where there is no /proc. */
function beginningByPs(pid: number): string {
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env,
    });
    return said.trim();
  } catch {
    return '';
  }
}

const isHeld = ({ pid, began }: Holder): boolean => beginningOf(pid) === began;

const fileOf = (folder: string): string => join(folder, 'lock');

/** Who holds the folder's lock; undefined when nobody who lives does. */
export function holderOf(folder: string): Holder | undefined {
  const text = readIfThere(fileOf(folder));
  const holder = text === undefined ? undefined : parseHolder(text);
  return holder !== undefined && isHeld(holder) ? holder : undefined;
}

/** Takes a folder's lock, a dead holder's too. @returns who has it when somebody does */
export function takeLock(folder: string): Lock | Holder {
  const file = fileOf(folder);
  const own = JSON.stringify({ pid: process.pid, began: beginningOf(process.pid) ?? '' });
  for (;;) {
    try {
      writeFileSync(file, own, { flag: 'wx', mode: 0o600 });
      return { release: () => release(file, own) };
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure;
    }
    const text = readIfThere(file);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder !== undefined && isHeld(holder)) return holder;
    removeStale(file, text);
  }
}

/** Two may find the same stale lock: whoever moves it away looks whether it was that one. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw failure;
  }
  const moved = readIfThere(aside);
  // Another was faster, and what was moved is its new lock: it goes back.
  if (moved !== stale) renameSync(aside, file);
  else rmSync(aside, { force: true });
}

function release(file: string, own: string): void {
  if (readIfThere(file) === own) rmSync(file, { force: true });
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, began } = JSON.parse(text) as Partial<Holder>;
    return Number.isInteger(pid) && typeof began === 'string' ? { pid: pid!, began } : undefined;
  } catch {
    // Killed while it was written.
    return undefined;
  }
}
