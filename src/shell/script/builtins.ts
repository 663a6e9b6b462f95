/** shell/script/builtins — commands that change the shell itself: cd, export, set, exit, read. */
import { resolvePath } from '../files/file-system.ts';
import type { Run, Streams } from '../run.ts';
import { Leave, type ShellState } from './leave.ts';
import { parseScript } from './parse-script.ts';
import type { Shell } from './shell.ts';

interface Call {
  readonly state: ShellState;
  readonly args: readonly string[];
  readonly streams: Streams;
  readonly run: Run;
  readonly shell: Shell;
}

type Builtin = (call: Call) => Promise<number> | number;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const numberOf = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) & 255 : otherwise;

function changeFolder({ state, args, streams, run }: Call): number {
  const asked = args.find((arg) => !/^-[LP]$/.test(arg)) ?? state.variables.get('HOME') ?? '/root';
  const text = asked === '-' ? (state.variables.get('OLDPWD') ?? state.cwd) : asked;
  const path = resolvePath(state.cwd, text);
  if (!run.files.isFolder(path)) {
    streams.err(`sh: cd: can't cd to ${text}: No such file or directory\n`);
    return 2;
  }
  state.variables.set('OLDPWD', state.cwd).set('PWD', path);
  state.cwd = path;
  return 0;
}

function exportNames({ state, args, streams }: Call): number {
  let status = 0;
  for (const arg of args.filter((it) => !it.startsWith('-'))) {
    const at = arg.indexOf('=');
    const name = at < 0 ? arg : arg.slice(0, at);
    if (!NAME.test(name)) {
      streams.err(`sh: export: ${name}: bad variable name\n`);
      status = 2;
      continue;
    }
    if (at >= 0) state.variables.set(name, arg.slice(at + 1));
    state.exported.add(name);
  }
  if (args.length === 0 || args[0] === '-p')
    for (const name of state.exported)
      streams.out(`export ${name}='${state.variables.get(name) ?? ''}'\n`);
  return status;
}

function setOptions({ state, args, streams }: Call): number {
  if (args.length === 0) {
    for (const [name, value] of state.variables) streams.out(`${name}='${value}'\n`);
    return 0;
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      state.positional = args.slice(i + 1);
      return 0;
    }
    if (!/^[-+][a-z]+$/.test(arg)) {
      state.positional = args.slice(i);
      return 0;
    }
    const names = arg
      .slice(1)
      .split('')
      .flatMap((one) => (one === 'o' ? (args[++i] ?? []) : one));
    for (const name of names) {
      const short = { errexit: 'e', nounset: 'u', xtrace: 'x' }[name] ?? name;
      if (!['e', 'u', 'x', 'f', 'pipefail'].includes(short)) {
        streams.err(`sh: set: ${arg}: not built into this shell\n`);
        return 2;
      }
      if (arg.startsWith('-')) state.options.add(short);
      else state.options.delete(short);
    }
  }
  return 0;
}

async function readLine({ state, args, streams, run }: Call): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const buffered = lines.get(streams.input) ?? { text: '' };
  lines.set(streams.input, buffered);
  while (!buffered.text.includes('\n')) {
    const piece = await run.patience.whileThere(streams.input.read());
    if (piece === undefined) break;
    buffered.text += piece;
  }
  const at = buffered.text.indexOf('\n');
  const line = at < 0 ? buffered.text : buffered.text.slice(0, at);
  buffered.text = at < 0 ? '' : buffered.text.slice(at + 1);
  const fields = line.trim().split(/[ \t]+/);
  (names.length === 0 ? ['REPLY'] : names).forEach((name, i, all) => {
    const isLast = i === all.length - 1;
    const value = isLast ? fields.slice(i).join(' ') : (fields[i] ?? '');
    if (NAME.test(name)) state.variables.set(name, value);
  });
  return at < 0 && line === '' ? 1 : 0;
}

/** What `read` took from an input and did not use. */
const lines = new WeakMap<object, { text: string }>();

async function evaluateText({ state, args, streams, shell }: Call): Promise<number> {
  state.status = 0;
  return shell.deeper().list(parseScript(args.join(' ')), streams);
}

async function source({ state, args, streams, run, shell }: Call): Promise<number> {
  const read = run.files.read(resolvePath(state.cwd, args[0] ?? ''));
  if (typeof read === 'string') {
    streams.err(`sh: .: can't open '${args[0] ?? ''}': ${read}\n`);
    return 2;
  }
  state.status = 0;
  return shell.deeper().list(parseScript(read.text), streams);
}

function shift({ state, args }: Call): number {
  const by = numberOf(args[0], 1);
  if (by > state.positional.length) return 1;
  state.positional = state.positional.slice(by);
  return 0;
}

async function commandBuiltin({ args, streams, run, state }: Call): Promise<number> {
  if (args[0] === '-v' || args[0] === '-V') {
    const name = args[1] ?? '';
    if (BUILTINS.has(name) || state.functions.has(name)) {
      streams.out(`${name}\n`);
      return 0;
    }
    return run.start(['which', ...args.slice(1)], { ...streams });
  }
  return args.length === 0 ? 0 : run.start(args, { ...streams, cwd: state.cwd });
}

const leave =
  (how: Leave['how']): Builtin =>
  ({ state, args }) => {
    if (how === 'exit' || how === 'return') throw new Leave(how, numberOf(args[0], state.status));
    throw new Leave(how, 0, Math.max(1, numberOf(args[0], 1)));
  };

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', () => 0],
  ['cd', changeFolder],
  ['export', exportNames],
  ['local', (call) => exportLocal(call)],
  ['readonly', exportNames],
  ['set', setOptions],
  ['read', readLine],
  ['eval', evaluateText],
  ['.', source],
  ['source', source],
  ['shift', shift],
  ['command', commandBuiltin],
  ['exec', ({ args, streams, run, state }) => replace(args, streams, run, state)],
  ['wait', () => 0],
  [
    'trap',
    ({ streams }) => {
      streams.err('sh: trap: not built into this shell: nothing is caught\n');
      return 0;
    },
  ],
  ['umask', () => 0],
  ['exit', leave('exit')],
  ['return', leave('return')],
  ['break', leave('break')],
  ['continue', leave('continue')],
  [
    'unset',
    ({ state, args }) => {
      for (const name of args) {
        state.variables.delete(name);
        state.exported.delete(name);
        state.functions.delete(name);
      }
      return 0;
    },
  ],
]);

function exportLocal({ state, args }: Call): number {
  for (const arg of args) {
    const at = arg.indexOf('=');
    const name = at < 0 ? arg : arg.slice(0, at);
    if (NAME.test(name)) state.variables.set(name, at < 0 ? '' : arg.slice(at + 1));
  }
  return 0;
}

async function replace(
  args: readonly string[],
  streams: Streams,
  run: Run,
  state: ShellState,
): Promise<number> {
  if (args.length === 0) return 0;
  const env = new Map([...state.variables].filter(([name]) => state.exported.has(name)));
  throw new Leave('exit', await run.start(args, { ...streams, cwd: state.cwd, env }));
}
