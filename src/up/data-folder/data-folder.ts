/**
 * up/data-folder — where a twin is kept: snapshots, the log since, its secrets, and a lock, so that
 * one process at a time has it.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../model/input-error.ts';
import { originOf } from '../../twin/snapshot.ts';
import type { Twin } from '../../twin/twin.ts';
import { type Keeping, newSecrets, type Secrets } from '../keeping.ts';
import { type Lock, takeLock } from '../lock.ts';
import { readIfThere, writeOwnFile } from '../own-file.ts';
import { ownFolder } from '../places.ts';
import { frameOf } from './frame.ts';
import { createLogFile, type LogFile, type OpenLogFile } from './log-file.ts';
import { LogWriter } from './log-writer.ts';
import { nameOf, type Recovered, recover, revisionsOf } from './recovery.ts';
import { FORMAT, rowsOf, writeSnapshot } from './snapshot-file.ts';

/** A log shorter than this is read in no time. */
const LOG_LEAST = 16 * 1024 * 1024;
/** Every start adds a log. */
const LOGS_MAX = 8;
/**
 * Revisions that are skipped after a crash: clients may have seen changes that were not kept, and
 * what comes next must not be taken for them.
 */
const GAP = 100_000;
const SECRETS = 'secrets.json';
const OWN_NAME = /^((snapshot|log)-\d{15}(\.tmp)?|secrets\.json(\.\d+\.tmp)?|lock(\.\d+\.stale)?)$/;

export interface DataFolderOptions {
  /** Nothing can be kept for now. */
  readonly onTrouble: (problem: string) => void;
  readonly onMended: () => void;
  readonly openLog?: OpenLogFile | undefined;
}

export class DataFolder implements Keeping {
  readonly folder: string;
  readonly #lock: Lock;
  readonly #options: DataFolderOptions;
  #secrets: Secrets;
  #writer: LogWriter | undefined;
  #unfollow: () => void = () => {};
  #snapshot: Promise<void> | undefined;
  /** Bytes of the last snapshot, and of the logs since but the open one. */
  #snapshotLength = 0;
  #closedLength = 0;
  /** Length of the logs at which another snapshot is written. */
  #snapshotDue = LOG_LEAST;
  #inputs: unknown;

  private constructor(folder: string, lock: Lock, options: DataFolderOptions) {
    this.folder = folder;
    this.#lock = lock;
    this.#options = options;
    const secrets = readIfThere(join(folder, SECRETS));
    this.#secrets = secrets === undefined ? newSecrets() : (JSON.parse(secrets) as Secrets);
  }

  /** Takes a folder for this process. @throws InputError when another has it, or it is not ours */
  static open(folder: string, options: DataFolderOptions): DataFolder {
    ownFolder(folder);
    const stranger = readdirSync(folder).find((name) => !OWN_NAME.test(name));
    if (stranger !== undefined) {
      throw new InputError(
        `--data ${folder}`,
        `this is no data folder of ekstwin: it holds ${stranger}`,
        'name an empty folder, or one that is not there yet',
      );
    }
    const lock = takeLock(folder);
    if ('release' in lock) return new DataFolder(folder, lock, options);
    throw new InputError(
      folder,
      `process ${lock.pid} keeps its twin in this folder`,
      'stop it (ekstwin down), or name another folder: --data FOLDER',
    );
  }

  get secrets(): Secrets {
    return this.#secrets;
  }

  keepSecrets(secrets: Secrets): void {
    this.#secrets = secrets;
    writeOwnFile(join(this.folder, SECRETS), `${JSON.stringify(secrets, undefined, 2)}\n`);
  }

  /** What is kept; undefined when nothing is. @throws InputError when it is damaged */
  recover(): Promise<Recovered | undefined> {
    return recover(this.folder);
  }

  /** Throws away what is kept, but not what clients know the twin by. */
  clear(): void {
    for (const name of readdirSync(this.folder))
      if (/^(snapshot|log)-/.test(name)) rmSync(join(this.folder, name));
  }

  /** Keeps a twin that was just built. */
  async begin(twin: Twin, inputs: unknown): Promise<void> {
    this.clear();
    const { revision } = twin.store;
    this.#inputs = inputs;
    await this.#follow(twin, revision, revision);
    await this.#write(twin);
  }

  /** Keeps on keeping a twin that was recovered. */
  async continue(twin: Twin, recovered: Recovered): Promise<void> {
    const { head, revision, snapshotLength, logLength } = recovered;
    const base = revision + GAP;
    twin.store.continueFrom(base);
    this.#snapshotLength = snapshotLength;
    this.#closedLength = logLength;
    this.#inputs = head.inputs;
    await this.#follow(twin, base, revision);
    if (recovered.logs >= LOGS_MAX) this.#snapshotSoon(twin);
  }

  get trouble(): string | undefined {
    return this.#writer?.trouble;
  }

  kept(): Promise<void> {
    return this.#writer?.kept() ?? Promise.resolve();
  }

  async close(): Promise<void> {
    this.#unfollow();
    // What cannot be written now is not waited for; nobody was told that it is kept.
    if (this.trouble === undefined) await this.#snapshot;
    await this.#writer?.close();
    this.#lock.release();
  }

  async #follow(twin: Twin, base: number, follows: number): Promise<void> {
    const { onTrouble, onMended } = this.#options;
    const file = await this.#newLog(base, follows);
    const writer = new LogWriter(file, { now: () => twin.clock.now(), onTrouble, onMended });
    this.#writer = writer;
    this.#snapshotDue = this.#longest();
    this.#unfollow = twin.store.follow((event) => {
      writer.add(event);
      if (this.#closedLength + writer.length > this.#snapshotDue) this.#snapshotSoon(twin);
    });
  }

  /** A log as long as the snapshot takes as long to read. */
  #longest(): number {
    return Math.max(LOG_LEAST, this.#snapshotLength);
  }

  async #newLog(base: number, follows: number): Promise<LogFile> {
    const open = this.#options.openLog ?? createLogFile;
    const path = join(this.folder, nameOf('log', base));
    // One of that name was begun, and its head could not be written.
    rmSync(path, { force: true });
    const file = await open(path);
    await file.append(frameOf(Buffer.from(JSON.stringify({ base, follows }))));
    return file;
  }

  /** Begins another log, and writes down what there is before it. */
  #snapshotSoon(twin: Twin): void {
    if (this.#snapshot !== undefined) return;
    this.#snapshot = new Promise((resolve) => {
      // Not inside a write of the store: whoever writes may not be done.
      setImmediate(() => {
        const done = (): void => {
          this.#snapshot = undefined;
          resolve();
        };
        // Without a new snapshot the logs go on; it is tried again when there is as much more.
        this.#snapshotNow(twin).then(done, done);
      });
    });
  }

  async #snapshotNow(twin: Twin): Promise<void> {
    const { revision } = twin.store;
    const writer = this.#writer!;
    this.#closedLength += writer.length;
    this.#snapshotDue = this.#closedLength + this.#longest();
    const began = new Promise<void>((resolve) => {
      writer.continueIn(async () => {
        const file = await this.#newLog(revision, revision);
        resolve();
        return file;
      });
    });
    await this.#write(twin, began);
  }

  /** Writes a snapshot of the present; it counts once the log after it has begun. */
  async #write(twin: Twin, began?: Promise<void>): Promise<void> {
    const { revision } = twin.store;
    const atMs = twin.clock.now();
    const head = { format: FORMAT, revision, atMs, origin: originOf(twin), inputs: this.#inputs };
    const rows = rowsOf(twin.store);
    await began;
    const path = join(this.folder, nameOf('snapshot', revision));
    this.#snapshotLength = await writeSnapshot(path, head, rows);
    this.#closedLength = 0;
    this.#snapshotDue = this.#longest();
    for (const kind of ['snapshot', 'log'] as const)
      for (const old of revisionsOf(this.folder, kind))
        if (old < revision) rmSync(join(this.folder, nameOf(kind, old)));
  }
}
