/**
 * shell/files/file-system — the files a program sees: those the kubelet and the kernel put there,
 * and over them what somebody wrote. The files of images are not simulated.
 */
import type { Written } from '../memory.ts';

/** Text of a file, made when it is read. */
export type FileText = () => string;

/** Folders that are there whatever is in them. */
const FOLDERS = [
  '/',
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/run',
  '/sys',
  '/tmp',
].concat(['/usr', '/usr/bin', '/var', '/var/log', '/var/run']);

/** All that may be written to the files of one machine. */
const SIZE_MAX = 16_000_000;

export type Refusal =
  | 'No such file or directory'
  | 'Is a directory'
  | 'Not a directory'
  | 'Read-only file system'
  | 'No space left on device';

/** `/a/./b/../c` → `/a/c`. */
export function resolvePath(cwd: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${cwd}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

const isDevice = (path: string): boolean => /^\/dev\/(null|tty|stdout|stderr|zero)$/.test(path);

export class FileSystem {
  readonly #given: ReadonlyMap<string, FileText>;
  readonly #written: Written;
  readonly #folders: ReadonlySet<string>;

  constructor(given: ReadonlyMap<string, FileText>, written: Written) {
    this.#given = given;
    this.#written = written;
    const folders = new Set(FOLDERS);
    for (const path of given.keys())
      for (let at = parentOf(path); at !== '/'; at = parentOf(at)) folders.add(at);
    this.#folders = folders;
  }

  /** The text, or why there is none. @param path  whole */
  read(path: string): { readonly text: string } | Refusal {
    if (isDevice(path)) return { text: '' };
    if (this.isFolder(path)) return 'Is a directory';
    const written = this.#written.get(path);
    if (written?.kind === 'file') return { text: written.text };
    const given = this.#written.has(path) ? undefined : this.#given.get(path);
    return given === undefined ? 'No such file or directory' : { text: given() };
  }

  /** undefined: it is written. */
  write(path: string, text: string, isAppended: boolean): Refusal | undefined {
    if (isDevice(path)) return undefined;
    if (this.isFolder(path)) return 'Is a directory';
    if (!this.isFolder(parentOf(path))) return 'No such file or directory';
    if (/^\/(proc|sys)(\/|$)/.test(path) || path.startsWith('/var/run/secrets/'))
      return 'Read-only file system';
    const before = isAppended ? this.read(path) : undefined;
    const whole = (typeof before === 'object' ? before.text : '') + text;
    if (this.#size(path) + whole.length > SIZE_MAX) return 'No space left on device';
    this.#written.set(path, { kind: 'file', text: whole });
    return undefined;
  }

  isFolder(path: string): boolean {
    const written = this.#written.get(path);
    if (written !== undefined) return written.kind === 'folder';
    return !this.#written.has(path) && this.#folders.has(path);
  }

  exists(path: string): boolean {
    if (isDevice(path) || this.isFolder(path)) return true;
    return this.#written.has(path)
      ? this.#written.get(path)?.kind === 'file'
      : this.#given.has(path);
  }

  makeFolder(path: string): Refusal | undefined {
    if (!this.isFolder(parentOf(path))) return 'No such file or directory';
    this.#written.set(path, { kind: 'folder' });
    return undefined;
  }

  /** A file, or a folder with all in it. */
  remove(path: string): void {
    for (const one of this.under(path)) this.#written.set(one, undefined);
    this.#written.set(path, undefined);
  }

  /** Names in a folder, sorted. */
  list(folder: string): readonly string[] {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const names = new Set<string>();
    for (const path of this.under(folder)) names.add(path.slice(prefix.length).split('/')[0]!);
    return [...names].sort();
  }

  /** Every path below one, files and folders. */
  under(folder: string): readonly string[] {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const all = [...this.#given.keys(), ...this.#folders, ...this.#written.keys()];
    return [...new Set(all)].filter(
      (path) => path !== folder && path.startsWith(prefix) && this.exists(path),
    );
  }

  #size(without: string): number {
    let size = 0;
    for (const [path, file] of this.#written)
      if (path !== without && file?.kind === 'file') size += file.text.length;
    return size;
  }
}
