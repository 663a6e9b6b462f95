/** up/data-folder/log-file — a file that grows by whole records, each there for good when told. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../own-file.ts';

export interface LogFile {
  readonly length: number;
  /**
   * Writes bytes at the end; resolves when they survive a crash of the machine. A failure leaves
   * the file as it was.
   */
  append(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

export type OpenLogFile = (path: string) => Promise<LogFile>;

/** Makes a new log file; nothing of that name may be there. */
export const createLogFile: OpenLogFile = async (path) => {
  const file = await open(path, 'wx', 0o600);
  syncFolder(dirname(path));
  return new DiskLogFile(file);
};

class DiskLogFile implements LogFile {
  readonly #file: FileHandle;
  length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async append(bytes: Buffer): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await this.#file.write(
          bytes,
          written,
          bytes.length - written,
          this.length + written,
        );
        written += bytesWritten;
      }
      await this.#file.datasync();
      this.length += bytes.length;
    } catch (failure) {
      // A part of a record would be taken for damage once another follows it.
      await this.#file.truncate(this.length).catch(() => undefined);
      throw failure;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
