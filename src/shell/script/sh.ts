/**
 * shell/script/sh — the program `sh` (and `bash`, as far as it is the same): a script in `-c`, in a
 * file, or line by line from a person at a prompt.
 */
import { resolvePath } from '../files/file-system.ts';
import { Exhausted, Interrupted } from '../patience.ts';
import { NO_INPUT, type Run, readAll, type Streams } from '../run.ts';
import { Leave, type ShellState } from './leave.ts';
import { LineEditor } from './line-editor.ts';
import { parseScript } from './parse-script.ts';
import { Shell } from './shell.ts';
import { ScriptError } from './syntax.ts';

const WRONG = 2;
const INTERRUPTED = 130;

/** @returns the status of the last command */
export async function sh(run: Run): Promise<number> {
  const { args } = run;
  const options = new Set<string>();
  let script: string | undefined;
  let at = 0;
  for (; at < args.length && /^[-+]./.test(args[at]!); at++) {
    const arg = args[at]!;
    if (arg === '--') {
      at++;
      break;
    }
    for (const letter of arg.startsWith('--') ? [] : arg.slice(1)) {
      if (letter === 'c') script = '';
      else if (letter === 'o') options.add(args[++at] ?? '');
      else options.add(letter);
    }
  }
  const state = stateOf(run, options);
  if (script === '') {
    if (args[at] === undefined) {
      run.err(`${run.name}: -c requires an argument\n`);
      return WRONG;
    }
    state.positional = args.slice(at + 2);
    return finish(run, state, args[at]!, run);
  }
  const file = args[at];
  if (file !== undefined) {
    const read = run.files.read(resolvePath(run.cwd, file));
    if (typeof read === 'string') {
      run.err(`${run.name}: can't open '${file}': ${read}\n`);
      return WRONG;
    }
    state.positional = args.slice(at + 1);
    return finish(run, state, read.text, run);
  }
  if (run.input.isTerminal) return interactive(run, state);
  return finish(run, state, await readAll(run), { ...run, input: NO_INPUT });
}

function stateOf(run: Run, options: Set<string>): ShellState {
  const variables = new Map(run.env);
  const exported = new Set(run.env.keys());
  variables.set('PWD', run.cwd).set('PPID', '0');
  return {
    name: run.name,
    variables,
    exported,
    functions: new Map(),
    options,
    positional: [],
    cwd: run.cwd,
    status: 0,
    captured: 0,
  };
}

async function finish(
  run: Run,
  state: ShellState,
  script: string,
  streams: Streams,
): Promise<number> {
  try {
    return await new Shell(run, state).list(parseScript(script), streams);
  } catch (leave) {
    return toldStatus(run, leave);
  }
}

/** What ended it, told; rethrows what is not the script's. */
function toldStatus(run: Run, leave: unknown): number {
  if (leave instanceof Leave) return leave.status;
  if (leave instanceof ScriptError) {
    run.err(`${run.name}: ${leave.message}\n`);
    return WRONG;
  }
  if (leave instanceof Exhausted) {
    run.err(`${run.name}: ended: it ran too many commands or wrote too much at once\n`);
    return 137;
  }
  throw leave;
}

async function interactive(run: Run, state: ShellState): Promise<number> {
  const editor = new LineEditor(run);
  const shell = new Shell(run, state);
  let script = '';
  for (;;) {
    const prompt = script === '' ? `${state.cwd === '/root' ? '~' : state.cwd} # ` : '> ';
    const line = await editor.line(prompt);
    if (line === undefined) {
      run.out('exit\n');
      return state.status;
    }
    if (line.isInterrupted) {
      script = '';
      continue;
    }
    script = script === '' ? line.text : `${script}\n${line.text}`;
    try {
      const list = parseScript(script);
      script = '';
      await shell.list(list, { ...run, input: editor });
    } catch (leave) {
      if (leave instanceof ScriptError && leave.isUnfinished) continue;
      script = '';
      if (leave instanceof Interrupted) {
        run.patience.restored();
        state.status = INTERRUPTED;
        run.out('^C\n');
        continue;
      }
      const status = toldStatus(run, leave);
      if (leave instanceof Leave && leave.how === 'exit') return status;
      state.status = status;
    }
  }
}
