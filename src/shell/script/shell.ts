/**
 * shell/script/shell — runs what was read: lists, pipelines, loops, redirections, builtins that
 * change the shell itself. Programs of a pipeline run one after the other, each with the output of
 * the one before it.
 */
import { resolvePath } from '../files/file-system.ts';
import { Exhausted } from '../patience.ts';
import { type Input, inputOf, NO_INPUT, type Run, type Streams } from '../run.ts';
import { BUILTINS } from './builtins.ts';
import { expandFields, expandPattern, expandText, type Scope } from './expand.ts';
import { Leave, type ShellState } from './leave.ts';
import { matches } from './pattern.ts';
import type { Command, List, Pipeline, Redirection } from './syntax.ts';

/** Functions and subshells inside each other at most. */
const DEPTH_MAX = 60;
/** Characters that may be under way between two programs. */
const BUFFERED_MAX = 8_000_000;

/** Collects what is written; @throws Exhausted where it is too much. */
export function collector(): { write(text: string): void; text(): string } {
  let all = '';
  return {
    write: (text) => {
      all += text;
      if (all.length > BUFFERED_MAX) throw new Exhausted();
    },
    text: () => all,
  };
}

export class Shell {
  readonly #run: Run;
  readonly #state: ShellState;
  readonly #depth: number;

  constructor(run: Run, state: ShellState, depth = 0) {
    if (depth > DEPTH_MAX) throw new Exhausted();
    this.#run = run;
    this.#state = state;
    this.#depth = depth;
  }

  /** @returns the status of the last command; @throws Leave, ScriptError */
  async list(list: List, streams: Streams, isTested = false): Promise<number> {
    let status = this.#state.status;
    for (const [i, { pipeline, after, isBackground }] of list.entries()) {
      if (after === '&&' && status !== 0) continue;
      if (after === '||' && status === 0) continue;
      const next = list[i + 1]?.after;
      const isGuarded = isTested || next === '&&' || next === '||' || pipeline.isNegated;
      status = await this.#pipeline(pipeline, streams, isGuarded);
      if (isBackground === true) status = 0;
      this.#state.status = status;
      if (status !== 0 && !isGuarded && this.#state.options.has('e'))
        throw new Leave('exit', status);
    }
    return status;
  }

  async #pipeline(pipeline: Pipeline, streams: Streams, isTested: boolean): Promise<number> {
    const { commands, isNegated } = pipeline;
    let input: Input = streams.input;
    let status = 0;
    let failed = 0;
    for (const [i, command] of commands.entries()) {
      if (i === commands.length - 1) {
        const shell = commands.length > 1 ? this.#inner() : this;
        const last = shell.command(command, { ...streams, input }, isTested || isNegated);
        status = commands.length > 1 ? await statusOf(last) : await last;
        break;
      }
      const piped = collector();
      const into: Streams = { ...streams, input, out: piped.write, isOutputTerminal: false };
      const one = await statusOf(this.#inner().command(command, into, true));
      if (one !== 0) failed = one;
      input = inputOf(piped.text());
    }
    if (status === 0 && this.#state.options.has('pipefail')) status = failed;
    return isNegated ? Number(status === 0) : status;
  }

  /** The same shell, inside what it runs. @throws Exhausted where that goes too deep */
  deeper(): Shell {
    return new Shell(this.#run, this.#state, this.#depth + 1);
  }

  /** A shell of its own: what it changes is not changed here. */
  #inner(): Shell {
    return new Shell(this.#run, copyOf(this.#state), this.#depth + 1);
  }

  async command(command: Command, streams: Streams, isTested: boolean): Promise<number> {
    await this.#run.patience.turn();
    if (command.kind === 'function') {
      this.#state.functions.set(command.name, command.body);
      return 0;
    }
    const opened = await this.#redirected(command.redirections, streams);
    if (opened === undefined) return 1;
    return this.#compound(command, opened, isTested);
  }

  async #compound(command: Command, streams: Streams, isTested: boolean): Promise<number> {
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, streams);
      case 'group':
        return this.list(command.body, streams, isTested);
      case 'subshell':
        return statusOf(this.#inner().list(command.body, streams, isTested));
      case 'if': {
        for (const { condition, body } of command.branches)
          if ((await this.list(condition, streams, true)) === 0)
            return this.#body(body, streams, isTested);
        return command.otherwise === undefined
          ? 0
          : this.#body(command.otherwise, streams, isTested);
      }
      case 'loop':
        return this.#looped(streams, isTested, command.body, async () => {
          const status = await this.list(command.condition, streams, true);
          return (status === 0) !== command.isUntil;
        });
      case 'for': {
        const { words } = command;
        const values =
          words === undefined
            ? [...this.#state.positional]
            : await expandFields(this.#scope(streams), words);
        return this.#looped(streams, isTested, command.body, async () => {
          const value = values.shift();
          if (value !== undefined) this.#state.variables.set(command.name, value);
          return value !== undefined;
        });
      }
      case 'case': {
        const scope = this.#scope(streams);
        const subject = await expandText(scope, command.subject);
        for (const { patterns, body } of command.clauses)
          for (const pattern of patterns)
            if (matches(await expandPattern(scope, pattern), subject))
              return this.#body(body, streams, isTested);
        return 0;
      }
      case 'function':
        return 0;
    }
  }

  #body(body: List, streams: Streams, isTested: boolean): Promise<number> {
    this.#state.status = 0;
    return this.list(body, streams, isTested);
  }

  async #looped(
    streams: Streams,
    isTested: boolean,
    body: List,
    goesOn: () => Promise<boolean>,
  ): Promise<number> {
    let status = 0;
    while (await goesOn()) {
      await this.#run.patience.turn();
      try {
        status = await this.#body(body, streams, isTested);
      } catch (leave) {
        if (!(leave instanceof Leave) || leave.how === 'exit' || leave.how === 'return')
          throw leave;
        if (--leave.levels > 0) throw leave;
        status = 0;
        if (leave.how === 'break') break;
      }
    }
    return status;
  }

  async #simple(
    { assignments, words }: Extract<Command, { kind: 'simple' }>,
    streams: Streams,
  ): Promise<number> {
    const state = this.#state;
    const scope = this.#scope(streams);
    state.captured = 0;
    const argv = await expandFields(scope, words);
    const given = new Map<string, string>();
    for (const { name, value } of assignments) given.set(name, await expandText(scope, value));
    if (state.options.has('x') && argv.length > 0) streams.err(`+ ${argv.join(' ')}\n`);
    const [name] = argv;
    if (name === undefined) {
      for (const [variable, value] of given) state.variables.set(variable, value);
      return state.captured;
    }
    const body = state.functions.get(name);
    if (body !== undefined) return this.#function(body, argv.slice(1), streams);
    const builtin = BUILTINS.get(name);
    if (builtin !== undefined) {
      for (const [variable, value] of given) state.variables.set(variable, value);
      return builtin({ state, args: argv.slice(1), streams, run: this.#run, shell: this });
    }
    const env = new Map<string, string>();
    for (const variable of state.exported) {
      const value = state.variables.get(variable);
      if (value !== undefined) env.set(variable, value);
    }
    for (const [variable, value] of given) env.set(variable, value);
    return this.#run.start(argv, {
      ...streams,
      env,
      cwd: state.cwd,
      isOutputTerminal: streams.isOutputTerminal,
    });
  }

  async #function(body: Command, args: readonly string[], streams: Streams): Promise<number> {
    const before = this.#state.positional;
    this.#state.positional = args;
    try {
      return await new Shell(this.#run, this.#state, this.#depth + 1).command(body, streams, false);
    } catch (leave) {
      if (leave instanceof Leave && leave.how === 'return') return leave.status;
      throw leave;
    } finally {
      this.#state.positional = before;
    }
  }

  #scope(streams: Streams): Scope {
    const state = this.#state;
    return {
      get: (name) => specialOf(state, name) ?? state.variables.get(name),
      set: (name, value) => void state.variables.set(name, value),
      positional: state.positional,
      files: this.#run.files,
      cwd: state.cwd,
      isStrict: state.options.has('u'),
      capture: async (script) => {
        const into = collector();
        const inside = { ...streams, out: into.write, isOutputTerminal: false };
        state.captured = await statusOf(this.#inner().list(script, inside));
        state.status = state.captured;
        return into.text().replace(/\n+$/, '');
      },
    };
  }

  /** undefined: a file could not be opened, and that is said. */
  async #redirected(
    redirections: readonly Redirection[],
    streams: Streams,
  ): Promise<Streams | undefined> {
    const { files } = this.#run;
    const made = { ...streams };
    for (const { descriptor, operator, target } of redirections) {
      const text = await expandText(this.#scope(streams), target);
      const path = resolvePath(this.#state.cwd, text);
      if (operator === '<<') made.input = inputOf(text);
      else if (operator === '<<<') made.input = inputOf(`${text}\n`);
      else if (operator === '<') {
        const read = path === '/dev/stdin' ? { text: '' } : files.read(path);
        if (typeof read === 'string') {
          streams.err(`sh: can't open ${text}: ${read}\n`);
          return undefined;
        }
        if (path !== '/dev/stdin') made.input = read.text === '' ? NO_INPUT : inputOf(read.text);
      } else if (operator === '>&' && /^[012-]$/.test(text)) {
        const to = text === '1' ? made.out : text === '2' ? made.err : () => {};
        if (descriptor === 2) made.err = to;
        else if (text !== '1') Object.assign(made, { out: to, isOutputTerminal: false });
      } else {
        const into =
          path === '/dev/stderr' ? made.err : path === '/dev/stdout' ? made.out : undefined;
        const refused =
          into === undefined ? files.write(path, '', operator.endsWith('>>')) : undefined;
        if (refused !== undefined) {
          streams.err(`sh: can't create ${text}: ${refused}\n`);
          return undefined;
        }
        const write = into ?? ((piece: string) => void files.write(path, piece, true));
        const isBoth = operator.startsWith('&') || operator === '>&';
        if (isBoth || descriptor === 2) made.err = write;
        if (isBoth || descriptor === 1)
          Object.assign(made, { out: write, isOutputTerminal: false });
      }
    }
    return made;
  }
}

/** What ends a subshell is its status. */
async function statusOf(task: Promise<number>): Promise<number> {
  try {
    return await task;
  } catch (leave) {
    if (leave instanceof Leave) return leave.status;
    throw leave;
  }
}

function specialOf(state: ShellState, name: string): string | undefined {
  if (name === '?') return String(state.status);
  if (name === '#') return String(state.positional.length);
  if (name === '$') return '1';
  if (name === '!' || name === '-') return '';
  if (name === '0') return state.name;
  return /^[1-9]$/.test(name) ? state.positional[Number(name) - 1] : undefined;
}

const copyOf = (state: ShellState): ShellState => ({
  ...state,
  variables: new Map(state.variables),
  exported: new Set(state.exported),
  functions: new Map(state.functions),
  options: new Set(state.options),
});
