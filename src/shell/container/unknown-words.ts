/**
 * shell/container/unknown-words — what of a command the built-in shell does not know, before any of
 * it is run: a container of which only half would be true is not run at all.
 */
import { firstFound } from '../../model/first-found.ts';
import type { Refusal } from '../files/file-system.ts';
import { NOT_SIMULATED } from '../programs.ts';
import { BUILTINS } from '../script/builtins.ts';
import { parseScript } from '../script/parse-script.ts';
import type { Command, List, Word } from '../script/syntax.ts';

/** What there is to run with. */
export interface Known {
  has(name: string): boolean;
  read(path: string): { readonly text: string } | Refusal;
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash']);
/** Programs whose words are another program's. */
const RUNNERS: ReadonlySet<string> = new Set(['env', 'timeout', 'nohup', 'time', 'xargs', 'exec']);
/** Builtins of which it cannot be said what they run, or that do not do what they say. */
const OPAQUE: ReadonlySet<string> = new Set(['eval', '.', 'source', 'trap']);
const DEPTH_MAX = 20;

/** The name of a program that may be called by its path. */
const nameOf = (word: string): string =>
  /^(?:\/usr)?(?:\/local)?\/s?bin\/([^/]+)$/.exec(word)?.[1] ?? word;

/** What is not known of it; undefined: all is. */
export function whatIsUnknown(
  argv: readonly string[],
  known: Known,
  functions: ReadonlySet<string> = new Set(),
  depth = 0,
): string | undefined {
  const [word = '', ...args] = argv;
  const name = nameOf(word);
  if (depth > DEPTH_MAX) return word;
  if (OPAQUE.has(name)) return name;
  if (functions.has(name)) return undefined;
  if (NOT_SIMULATED.has(name) || !(known.has(name) || BUILTINS.has(name))) return word;
  if (SHELLS.has(name)) return inScriptOf(args, known, depth);
  if (RUNNERS.has(name)) {
    const inner = innerOf(name, args);
    return inner.length === 0 ? undefined : whatIsUnknown(inner, known, functions, depth + 1);
  }
  const listens = /^(nc|netcat|ncat)$/.test(name) && args.some((it) => /^-\w*l/.test(it));
  return listens ? `${name} -l` : undefined;
}

/** The words after a runner's own: options, variables, `timeout`'s duration. */
function innerOf(name: string, args: readonly string[]): readonly string[] {
  let at = 0;
  while (/^-|^\w+=/.test(args[at] ?? '')) at += /^-[nLIPsku]$/.test(args[at]!) ? 2 : 1;
  return args.slice(name === 'timeout' ? at + 1 : at);
}

/** Of `sh -c SCRIPT`, `sh FILE`, or a shell that reads nothing. */
function inScriptOf(args: readonly string[], known: Known, depth: number): string | undefined {
  let at = 0;
  let isText = false;
  for (; /^[-+]./.test(args[at] ?? ''); at++) {
    const option = args[at]!;
    if (!option.startsWith('--') && option.includes('c')) isText = true;
    if (/o$/.test(option)) at++;
  }
  const word = args[at];
  if (word === undefined) return undefined;
  if (isText) return inText(word, known, depth);
  const file = known.read(word);
  return typeof file === 'string' ? word : inText(file.text, known, depth);
}

function inText(text: string, known: Known, depth: number): string | undefined {
  try {
    const list = parseScript(text);
    const functions = new Set<string>();
    for (const command of commandsOf(list)) {
      if (command.kind === 'function') functions.add(command.name);
    }
    return new Look(known, functions, depth).list(list);
  } catch (cause) {
    return `script: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

const commandsOf = (list: List): readonly Command[] =>
  list.flatMap(({ pipeline }) => pipeline.commands);

/** A walk over a script that ends at the first word that is not known. */
class Look {
  readonly #known: Known;
  readonly #functions: ReadonlySet<string>;
  readonly #depth: number;

  constructor(known: Known, functions: ReadonlySet<string>, depth: number) {
    this.#known = known;
    this.#functions = functions;
    this.#depth = depth;
  }

  list(list: List): string | undefined {
    if (list.some(({ isBackground }) => isBackground === true)) return '&';
    return firstFound(commandsOf(list), (command) => this.#command(command));
  }

  #command(command: Command): string | undefined {
    switch (command.kind) {
      case 'simple':
        return (
          firstFound(command.assignments, ({ value }) => this.#word(value)) ??
          firstFound(command.words, (word) => this.#word(word)) ??
          firstFound(command.redirections, ({ target }) => this.#word(target)) ??
          this.#call(command.words)
        );
      case 'function':
        return this.#command(command.body);
      case 'group':
      case 'subshell':
        return this.list(command.body);
      case 'if':
        return (
          firstFound(
            command.branches,
            ({ condition, body }) => this.list(condition) ?? this.list(body),
          ) ?? this.list(command.otherwise ?? [])
        );
      case 'loop':
        return this.list(command.condition) ?? this.list(command.body);
      case 'for':
        return (
          firstFound(command.words ?? [], (word) => this.#word(word)) ?? this.list(command.body)
        );
      default:
        return (
          this.#word(command.subject) ?? firstFound(command.clauses, ({ body }) => this.list(body))
        );
    }
  }

  #call(words: readonly Word[]): string | undefined {
    if (words.length === 0) return undefined;
    const texts = words.map(textOf);
    // Which program a variable names is seen when it is run: that is too late.
    if (texts[0] === undefined) return 'a program named by a variable';
    const argv = texts.map((text) => text ?? '');
    return whatIsUnknown(argv, this.#known, this.#functions, this.#depth + 1);
  }

  /** Of what stands in `$(…)`. */
  #word(word: Word): string | undefined {
    return firstFound(word, (part) => {
      if (part.kind === 'command') return this.list(part.script);
      if (part.kind === 'arithmetic') return this.#word(part.expression);
      if (part.kind !== 'variable') return undefined;
      return this.#word(part.operand ?? []) ?? this.#word(part.replacement ?? []);
    });
  }
}

/** What a word says without running anything. */
function textOf(word: Word): string | undefined {
  let text = '';
  for (const part of word) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}
