/** cli/input-files — reads what `-f` names: files, folders, `-` for standard input. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../model/input-error.ts';

export interface InputFile {
  /** As the user wrote it, for messages. */
  readonly path: string;
  readonly text: string;
}

const READABLE = /\.(ya?ml|json|template|conflist)$/i;

/**
 * Every readable file of the paths, folders in name order, deep.
 *
 * @param option  what the paths were given to, for messages
 */
export function readInputFiles(paths: readonly string[], option = '-f'): InputFile[] {
  return paths.flatMap((path) => {
    if (path === '-') return [{ path: '<stdin>', text: textOf(0, '<stdin>') }];
    if (!existsSync(path)) {
      throw new InputError(path, 'no such file or folder', `check the path given to ${option}`);
    }
    if (!statSync(path).isDirectory()) return [{ path, text: textOf(path, path) }];
    const found = filesBelow(path);
    if (found.length === 0) {
      throw new InputError(
        path,
        'an empty folder: no .yaml, .yml, .json, .template or .conflist file in it',
        'give the folder that holds your ClusterConfig, templates, manifests or exports',
      );
    }
    return found.map((file) => ({ path: file, text: textOf(file, file) }));
  });
}

/** A file's text. @throws InputError when it is none: binary, or UTF-16 as Windows tools write */
function textOf(file: string | 0, path: string): string {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('\0')) return text;
  throw new InputError(
    path,
    'not a text in UTF-8',
    'UTF-16 is made UTF-8 by: iconv -f utf-16 -t utf-8; a binary file is no input',
  );
}

/** Folders of an example that hold no input. */
const SKIPPED = new Set(['node_modules', 'expected']);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return READABLE.test(entry.name) && entry.name !== 'commands.json' ? [path] : [];
    });
}
