/** cli/export-answer — answers `export`: writes the twin's files, never over somebody else's. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXPORT_MARK, exportTwin } from '../formats/index.ts';
import { InputError } from '../model/input-error.ts';
import type { Twin } from '../twin/twin.ts';

/** Refuses a folder that holds anything but an earlier export; called before the twin is built. */
export function prepareFolder(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) {
    throw new InputError(folder, 'is a file', 'name a folder to write the export to');
  }
  const entries = readdirSync(folder);
  if (entries.length === 0 || entries.includes(EXPORT_MARK)) return;
  throw new InputError(
    folder,
    `the folder is not empty and holds no earlier export (no ${EXPORT_MARK})`,
    'name a new folder, so that nothing of yours is overwritten',
  );
}

/** Writes the files; returns how many. What an earlier export left is removed first. */
export function writeExport(folder: string, twin: Twin): number {
  const files = exportTwin(twin.store, twin.exportMeta());
  for (const sub of ['aws', 'kubernetes'])
    rmSync(join(folder, sub), { recursive: true, force: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return files.length;
}
