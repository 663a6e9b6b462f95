/**
 * up/data-folder/log-writer — writes changes down as they happen: all of one turn of the event
 * loop, and all that come while the disk is busy, in one record. Whoever waits for one waits for
 * all.
 */
import { StorageError } from '../../api/running-twin.ts';
import { isRenewal } from '../../controllers/kubelet/node-lease.ts';
import type { Kinds } from '../../model/kinds.ts';
import type { StoreEvent } from '../../sim/store.ts';
import { type Batch, changesOf } from './change.ts';
import { frameOf } from './frame.ts';
import type { LogFile } from './log-file.ts';

export interface LogWriterParts {
  /** The twin's time. */
  now(): number;
  /** Nothing can be kept for now: why. Changes must not go on. */
  onTrouble(problem: string): void;
  /** What could not be kept is kept now. */
  onMended(): void;
}

/** How soon a disk that failed is tried again. */
const AGAIN_MS = 1_000;
/** Changes that are not kept wait for others at most until there are so many. */
const PASSED_MAX = 2_000;

interface Waiting {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(cause: StorageError): void;
}

export class LogWriter {
  readonly #parts: LogWriterParts;
  #file: LogFile;
  #pending: StoreEvent<Kinds>[] = [];
  /** For those who wait for what is pending. */
  #waiting: Waiting | undefined;
  /** For those who wait for what is being written. */
  #writing: Promise<void> | undefined;
  /** Another file, and how many of the pending changes still go into this one. */
  #next: { readonly open: () => Promise<LogFile>; after: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  trouble: string | undefined;

  constructor(file: LogFile, parts: LogWriterParts) {
    this.#file = file;
    this.#parts = parts;
  }

  get length(): number {
    return this.#file.length;
  }

  add(event: StoreEvent<Kinds>): void {
    this.#pending.push(event);
    if (this.#waiting !== undefined) return;
    // What is not kept makes no disk busy; it is written with what comes next.
    if (isRenewal(event) && this.#pending.length < PASSED_MAX) return;
    this.#waiting = waiting();
    if (this.#writing === undefined) setImmediate(() => this.#write());
  }

  /** Resolves when everything added so far survives a crash. @throws StorageError */
  kept(): Promise<void> {
    if (this.trouble !== undefined) return Promise.reject(new StorageError(this.trouble));
    return this.#waiting?.promise ?? this.#writing ?? Promise.resolve();
  }

  /** Goes on in another file: what was added before is in this one, what comes after in that. */
  continueIn(open: () => Promise<LogFile>): void {
    this.#next = { open, after: this.#pending.length };
    this.#write();
  }

  /** Writes what there is and closes the file. */
  async close(): Promise<void> {
    await this.kept().catch(() => undefined);
    this.#isClosed = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    await this.#writing;
    await this.#file.close();
  }

  /** @param isAgain  it failed before, and nobody may change anything until it does not */
  #write(isAgain = false): void {
    if (this.#writing !== undefined || this.#isClosed) return;
    if (this.trouble !== undefined && !isAgain) return;
    const next = this.#next;
    const batch = this.#pending.slice(0, next?.after);
    this.#pending = this.#pending.slice(batch.length);
    this.#next = undefined;
    // What is left is for the other file, and whoever waits waits for that.
    const told = this.#pending.length === 0 ? this.#waiting : undefined;
    if (told !== undefined) this.#waiting = undefined;
    this.#writing = this.#append(batch, next?.open).then(
      () => {
        this.#writing = undefined;
        told?.resolve();
        if (this.trouble !== undefined) {
          this.trouble = undefined;
          this.#parts.onMended();
        }
        if (this.#pending.length > 0 || this.#next !== undefined) this.#write();
      },
      (failure: Error) => {
        this.#writing = undefined;
        this.#pending = [...batch, ...this.#pending];
        if (next !== undefined) this.#next = { open: next.open, after: batch.length };
        else if (this.#next !== undefined) this.#next.after += batch.length;
        this.#fail(failure, told);
      },
    );
  }

  async #append(
    batch: readonly StoreEvent<Kinds>[],
    next: (() => Promise<LogFile>) | undefined,
  ): Promise<void> {
    if (batch.length > 0) await this.#file.append(recordOf(batch, this.#parts.now()));
    if (next === undefined) return;
    const file = await next();
    await this.#file.close();
    this.#file = file;
  }

  /** Nobody is told that it is kept; it is tried again, for disks are made room on. */
  #fail(failure: Error, told: Waiting | undefined): void {
    const isNews = this.trouble === undefined;
    this.trouble = `it could not be kept: ${failure.message}`;
    const cause = new StorageError(this.trouble);
    told?.reject(cause);
    this.#waiting?.reject(cause);
    this.#waiting = undefined;
    if (isNews) this.#parts.onTrouble(failure.message);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#write(true), AGAIN_MS);
    this.#timer.unref();
  }
}

/** One record with these changes. */
function recordOf(events: readonly StoreEvent<Kinds>[], atMs: number): Buffer {
  const batch: Batch = { from: events[0]!.revision, atMs, changes: changesOf(events) };
  return frameOf(Buffer.from(JSON.stringify(batch)));
}

function waiting(): Waiting {
  let resolve: Waiting['resolve'] = () => {};
  let reject: Waiting['reject'] = () => {};
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  // Controllers' changes are waited for by nobody.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
