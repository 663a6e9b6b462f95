/** cli/export-answer — answers `export`: writes the twin's files, never over somebody else's. */
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXPORT_MARK, exportTwin, isExportMark } from '../formats/index.ts';
import { InputError } from '../model/input-error.ts';
import type { Twin } from '../twin/twin.ts';
import { makeFolder } from '../up/folder.ts';

/** Folders of an export; beside them and its mark, nothing in the target is touched. */
const SUBFOLDERS = ['aws', 'kubernetes'];

/** Refuses a folder that holds anything but an earlier export; called before the twin is built. */
export function prepareFolder(folder: string): void {
  if (folder.trim() === '') {
    throw new InputError('export', 'the folder has no name', 'write for example: export ./twin');
  }
  const parent = nearestFolder(resolve(folder));
  if (!statSync(parent).isDirectory()) {
    const where = resolve(folder) === parent ? folder : parent;
    throw new InputError(where, 'is a file', 'name a folder to write the export to');
  }
  if (!isWritable(parent)) {
    throw new InputError(folder, `${parent} cannot be written to`, 'name a folder of your own');
  }
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder);
  if (entries.length === 0) return;
  const own = earlierFiles(folder);
  if (own === undefined) {
    throw new InputError(
      folder,
      `the folder is not empty and holds no earlier export (no ${EXPORT_MARK} of one)`,
      'name a new folder, so that nothing of yours is overwritten',
    );
  }
  const subfolders = SUBFOLDERS.filter((it) => entries.includes(it));
  const there = subfolders.flatMap((sub) =>
    readdirSync(join(folder, sub)).map((name) => `${sub}/${name}`),
  );
  const strange = there.find((path) => !own.includes(path));
  if (strange === undefined) return;
  throw new InputError(
    join(folder, strange),
    'is not of the earlier export, and would be read with the new one',
    'move it away, or name a new folder',
  );
}

/** Files of the export that a folder holds; undefined when it holds none. */
function earlierFiles(folder: string): readonly string[] | undefined {
  const mark = join(folder, EXPORT_MARK);
  const value = existsSync(mark) ? parsed(mark) : undefined;
  return isExportMark(value) ? (value.files ?? []) : undefined;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The path itself, or the nearest above it that exists. */
const nearestFolder = (path: string): string =>
  existsSync(path) ? path : nearestFolder(dirname(path));

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Writes the files; returns how many. What an earlier export left is removed first. */
export function writeExport(folder: string, twin: Twin): number {
  const files = exportTwin(twin.store, twin.exportMeta());
  const root = resolve(folder);
  makeFolder(root);
  for (const path of earlierFiles(root) ?? []) {
    // A mark is a file like any other: what it names elsewhere is left alone.
    if (SUBFOLDERS.includes(dirname(path))) rmSync(join(root, path), { force: true });
  }
  for (const { path, text } of files) {
    makeFolder(dirname(join(root, path)));
    writeFileSync(join(root, path), text);
  }
  return files.length;
}
