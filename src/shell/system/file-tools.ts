/** shell/system/file-tools — ls, mkdir, rm, touch, cp, mv, and which: over the twin's own files. */
import { resolvePath } from '../files/file-system.ts';
import { parseOptions } from '../options.ts';
import type { Program, Run } from '../run.ts';

type Found = Exclude<ReturnType<typeof parseOptions>, string>;

const read = (run: Run, flags: string): Found | undefined => {
  const options = parseOptions(run.args, { flags });
  if (typeof options !== 'string') return options;
  run.err(`${run.name}: ${options}\n`);
  return undefined;
};

export const ls: Program = (run) => {
  const options = read(run, 'laAh1trRdSF');
  if (options === undefined) return 2;
  let status = 0;
  const words = options.words.length === 0 ? ['.'] : options.words;
  const isLong = options.has('l');
  const row = (path: string, name: string): string => {
    if (!isLong) return name;
    const isFolder = run.files.isFolder(path);
    const text = isFolder ? undefined : run.files.read(path);
    const size = typeof text === 'object' ? text.text.length : 4096;
    return `${isFolder ? 'drwxr-xr-x' : '-rw-r--r--'} 1 root root ${String(size).padStart(6)} ${name}`;
  };
  for (const word of words) {
    const path = resolvePath(run.cwd, word);
    if (!run.files.exists(path)) {
      run.err(`ls: cannot access '${word}': No such file or directory\n`);
      status = 2;
    } else if (!run.files.isFolder(path) || options.has('d')) run.out(`${row(path, word)}\n`);
    else {
      if (words.length > 1) run.out(`${word}:\n`);
      const names = run.files
        .list(path)
        .filter((name) => options.has('a') || options.has('A') || !name.startsWith('.'));
      const rows = names.map((name) => row(resolvePath(path, name), name));
      const separator = run.isOutputTerminal && !isLong && !options.has('1') ? '  ' : '\n';
      if (rows.length > 0) run.out(`${rows.join(separator)}\n`);
    }
  }
  return status;
};

export const mkdir: Program = (run) => {
  const options = read(run, 'pvm');
  if (options === undefined) return 1;
  let status = 0;
  for (const word of options.words) {
    const path = resolvePath(run.cwd, word);
    const parts = path.split('/').slice(1);
    const paths = options.has('p')
      ? parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
      : [path];
    for (const one of paths) {
      if (options.has('p') && run.files.isFolder(one)) continue;
      const refused = run.files.exists(one) ? 'File exists' : run.files.makeFolder(one);
      if (refused === undefined) continue;
      run.err(`mkdir: cannot create directory ‘${word}’: ${refused}\n`);
      status = 1;
      break;
    }
  }
  return status;
};

export const rm: Program = (run) => {
  const options = read(run, 'rRfiv');
  if (options === undefined) return 1;
  let status = 0;
  for (const word of options.words) {
    const path = resolvePath(run.cwd, word);
    const isDeep = options.has('r') || options.has('R');
    const problem = !run.files.exists(path)
      ? options.has('f')
        ? undefined
        : 'No such file or directory'
      : run.files.isFolder(path) && !isDeep
        ? 'Is a directory'
        : undefined;
    if (problem === undefined) run.files.remove(path);
    else {
      run.err(`rm: cannot remove '${word}': ${problem}\n`);
      status = 1;
    }
  }
  return status;
};

export const touch: Program = (run) => {
  let status = 0;
  for (const word of run.args.filter((it) => !it.startsWith('-'))) {
    const refused = run.files.write(resolvePath(run.cwd, word), '', true);
    if (refused === undefined) continue;
    run.err(`touch: cannot touch '${word}': ${refused}\n`);
    status = 1;
  }
  return status;
};

/** One file to another name. */
export const cp: Program = (run) => {
  const [from, to, ...more] = run.args.filter((it) => !it.startsWith('-'));
  if (from === undefined || to === undefined || more.length > 0) {
    run.err(`${run.name}: only ${run.name} FILE FILE is built in\n`);
    return 1;
  }
  const source = resolvePath(run.cwd, from);
  const text = run.files.read(source);
  const asked = resolvePath(run.cwd, to);
  const target = run.files.isFolder(asked) ? resolvePath(asked, source.split('/').at(-1)!) : asked;
  const refused = typeof text === 'string' ? text : run.files.write(target, text.text, false);
  if (refused !== undefined) {
    run.err(`${run.name}: ${from}: ${refused}\n`);
    return 1;
  }
  if (run.name === 'mv' && target !== source) run.files.remove(source);
  return 0;
};
