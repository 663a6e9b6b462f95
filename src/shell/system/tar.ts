/**
 * shell/system/tar — tar's `c`, `x` and `t` over the twin's own files: what `kubectl cp` runs. Files
 * here are texts; an archive with anything else is refused, for it could not be kept as it is.
 *
 * Upstream: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar 1.35 (texts, exit status 2).
 */
import { unixSeconds } from '../../model/time.ts';
import { utf8 } from '../../sim/utf8.ts';
import { resolvePath } from '../files/file-system.ts';
import { bytesOf } from '../http/message.ts';
import { type Program, type Run, readAll } from '../run.ts';
import { ArchiveReader, BLOCK, type Member } from './tar-archive.ts';

const FAILED = 2;
const GIVING_UP = 'tar: Exiting with failure status due to previous errors\n';
const NAME_MAX = 100;
const RECORD = 20 * BLOCK;

interface Words {
  readonly does: 'c' | 'x' | 't';
  readonly letters: string;
  readonly archive: string;
  readonly folder: string | undefined;
  readonly names: readonly string[];
}

/** Or what is wrong with them. */
function wordsOf(args: readonly string[]): Words | string {
  const rest = [...args];
  let [letters, archive, folder] = ['', '-', undefined as string | undefined];
  const names: string[] = [];
  const isOld = rest[0] !== undefined && !rest[0].startsWith('-');
  for (let isFirst = true; rest.length > 0; isFirst = false) {
    const word = rest.shift()!;
    if (word.startsWith('--')) continue;
    if (!(word.startsWith('-') && word.length > 1) && !(isFirst && isOld)) {
      names.push(word);
      continue;
    }
    for (const letter of word.replace(/^-/, '')) {
      if (letter === 'f') archive = rest.shift() ?? '';
      else if (letter === 'C') folder = rest.shift();
      else if ('cxtvmphk'.includes(letter)) letters += letter;
      else return `tar: invalid option -- '${letter}'\n`;
    }
  }
  const does = (['c', 'x', 't'] as const).filter((one) => letters.includes(one));
  if (does.length !== 1) {
    return "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n";
  }
  return { does: does[0]!, letters, archive, folder, names };
}

export const tar: Program = async (run) => {
  const words = wordsOf(run.args);
  if (typeof words === 'string') {
    run.err(`${words}Try 'tar --help' or 'tar --usage' for more information.\n`);
    return FAILED;
  }
  const cwd = words.folder === undefined ? run.cwd : resolvePath(run.cwd, words.folder);
  if (!run.files.isFolder(cwd)) {
    run.err(
      `tar: ${words.folder}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n`,
    );
    return FAILED;
  }
  return words.does === 'c' ? create(run, words, cwd) : extract(run, words, cwd);
};

async function create(run: Run, { archive, names, letters }: Words, cwd: string): Promise<number> {
  if (names.length === 0) {
    run.err('tar: Cowardly refusing to create an empty archive\n');
    return FAILED;
  }
  let [text, status, isStripped] = ['', 0, false];
  for (const name of names) {
    const root = resolvePath(cwd, name);
    if (!run.files.exists(root)) {
      run.err(`tar: ${name}: Cannot stat: No such file or directory\n`);
      status = FAILED;
      continue;
    }
    if (name.startsWith('/') && !isStripped) {
      run.err("tar: Removing leading `/' from member names\n");
      isStripped = true;
    }
    const below = run.files.isFolder(root) ? [...run.files.under(root)].sort() : [];
    for (const path of [root, ...below]) {
      const member = name.replace(/\/+$/, '').replace(/^\/+/, '') + path.slice(root.length);
      const added = memberText(run, path, member || '.');
      if (added === undefined) status = FAILED;
      else text += added;
      if (letters.includes('v')) run.err(`${member}\n`);
    }
  }
  const whole = text + '\0'.repeat(2 * BLOCK);
  const padded = whole + '\0'.repeat((RECORD - (bytesOf(whole) % RECORD)) % RECORD);
  if (archive === '-') run.out(padded);
  else {
    const refused = run.files.write(resolvePath(run.cwd, archive), padded, false);
    if (refused !== undefined) run.err(`tar: ${archive}: Cannot open: ${refused}\n`);
    if (refused !== undefined) status = FAILED;
  }
  if (status !== 0) run.err(GIVING_UP);
  return status;
}

/** A file with its header; undefined: it was said why not. */
function memberText(run: Run, path: string, name: string): string | undefined {
  const isFolder = run.files.isFolder(path);
  const member = isFolder ? `${name}/` : name;
  if (bytesOf(member) > NAME_MAX) {
    run.err(`tar: ${name}: file name is too long for this shell's tar\n`);
    return undefined;
  }
  if (isFolder) return headerText(run, member, 0, '5');
  const read = run.files.read(path);
  if (typeof read === 'string') return undefined;
  const size = bytesOf(read.text);
  const rest = (BLOCK - (size % BLOCK)) % BLOCK;
  return headerText(run, member, size, '0') + read.text + '\0'.repeat(rest);
}

function headerText(run: Run, name: string, size: number, type: string): string {
  const octal = (value: number, width: number): string =>
    `${value.toString(8).padStart(width, '0')}\0`;
  const padded = (text: string, width: number): string => text + '\0'.repeat(width - bytesOf(text));
  const fields = (sum: string): string =>
    padded(name, NAME_MAX) +
    octal(type === '5' ? 0o755 : 0o644, 7) +
    octal(0, 7) +
    octal(0, 7) +
    octal(size, 11) +
    octal(unixSeconds(run.patience.now()), 11) +
    sum +
    type +
    padded('', NAME_MAX) +
    padded('ustar\x0000root', 40) +
    padded('root', 32);
  const sum = utf8(fields(' '.repeat(8))).reduce((all, byte) => all + byte, 0);
  const checksum = `${sum.toString(8).padStart(6, '0')}\0 `;
  return padded(fields(checksum), BLOCK);
}

async function extract(run: Run, words: Words, cwd: string): Promise<number> {
  const { archive, names, does, letters } = words;
  let text: string;
  if (archive === '-') text = await readAll(run);
  else {
    const read = run.files.read(resolvePath(run.cwd, archive));
    if (typeof read === 'string') {
      run.err(
        `tar: ${archive}: Cannot open: ${read}\ntar: Error is not recoverable: exiting now\n`,
      );
      return FAILED;
    }
    text = read.text;
  }
  const members = new ArchiveReader(text).members();
  if (typeof members === 'string') {
    run.err(`tar: ${members}\ntar: Exiting with failure status due to previous errors\n`);
    return FAILED;
  }
  let status = 0;
  for (const member of members) {
    const isAsked = names.some((it) => member.name === it || member.name.startsWith(`${it}/`));
    if (names.length > 0 && !isAsked) continue;
    if (does === 't' || letters.includes('v')) run.out(`${member.name}\n`);
    if (does === 't') continue;
    const refused = put(run, resolvePath(cwd, member.name.replace(/^\/+/, '')), member);
    if (refused === undefined) continue;
    run.err(`tar: ${member.name}: Cannot open: ${refused}\n`);
    status = FAILED;
  }
  if (status !== 0) run.err(GIVING_UP);
  return status;
}

/** Writes a member, with the folders it is in. */
function put(run: Run, path: string, { name, text }: Member): string | undefined {
  if (name.split('/').includes('..')) return 'Member name contains `..`';
  const isFolder = name.endsWith('/');
  const parts = path.split('/').slice(1, isFolder ? undefined : -1);
  for (let i = 1; i <= parts.length; i++) {
    const folder = `/${parts.slice(0, i).join('/')}`;
    if (run.files.isFolder(folder) || folder === '/') continue;
    const refused = run.files.exists(folder) ? 'Not a directory' : run.files.makeFolder(folder);
    if (refused !== undefined) return refused;
  }
  return isFolder ? undefined : run.files.write(path, text, false);
}
