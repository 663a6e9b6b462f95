/** up/folder — folders of this machine, made with those above them. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../model/input-error.ts';

/**
 * Makes a folder and those above it. Node's own `recursive` never returns where the file system
 * answers ENOENT to a mkdir, as /proc does.
 *
 * @throws InputError where the file system takes no folders
 */
export function makeFolder(path: string, mode?: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new InputError(path, 'no folder can be made there', 'name a folder on a disk');
    }
    // Another process may have been faster.
    if (code !== 'EEXIST') throw failure;
  }
}
