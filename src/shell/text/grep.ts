/** shell/text/grep — grep, egrep, fgrep: which lines hold an expression. */
import { resolvePath } from '../files/file-system.ts';
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { linesOf, textsOf } from './lines.ts';
import { regularExpression } from './regular-expression.ts';

const USAGE = 'Usage: grep [OPTION]... PATTERNS [FILE]...';
const LONG = {
  'ignore-case': 'i',
  'invert-match': 'v',
  count: 'c',
  quiet: 'q',
  silent: 'q',
  regexp: 'e',
  'extended-regexp': 'E',
  'fixed-strings': 'F',
  'only-matching': 'o',
  'line-number': 'n',
  recursive: 'r',
  'files-with-matches': 'l',
  'word-regexp': 'w',
  'max-count': 'm',
  'after-context': 'A',
  'before-context': 'B',
  context: 'C',
  'line-regexp': 'x',
  'no-filename': 'h',
  'no-messages': 's',
  'with-filename': 'H',
  'line-buffered': 'u',
} as const;

/** @returns 0 where a line matched, 1 where none did, 2 where it could not look */
export async function grep(run: Run): Promise<number> {
  const options = parseOptions(run.args, {
    flags: 'ivcqEFGonrRlwxhsHau',
    valued: 'emABC',
    long: LONG,
  });
  if (typeof options === 'string') {
    run.err(`grep: ${options}\n${USAGE}\n`);
    return 2;
  }
  const words = [...options.words];
  const patterns = options.has('e') ? options.values('e') : words.splice(0, 1);
  if (patterns.length === 0) {
    run.err(`${USAGE}\nTry 'grep --help' for more information.\n`);
    return 2;
  }
  const isFixed = options.has('F') || run.name === 'fgrep';
  const expressions = patterns
    .flatMap((it) => it.split('\n'))
    .map((text) =>
      regularExpression(text, {
        isExtended: options.has('E') || run.name === 'egrep',
        isFixed,
        flags: options.has('i') ? 'gi' : 'g',
      }),
    );
  if (expressions.includes(undefined)) {
    run.err('grep: this expression is not built in (or is invalid)\n');
    return 2;
  }
  const isRecursive = options.has('r') || options.has('R');
  const files = isRecursive ? filesUnder(run, words) : words;
  if (isRecursive && files.length === 0) return 1;
  const { texts, isWhole } = await textsOf(run, files);
  const isNamed = options.has('H') || (!options.has('h') && (files.length > 1 || isRecursive));
  let hasMatch = false;
  for (const { name, text } of texts) {
    const lines = linesOf(text);
    const chosen = linesThatMatch(lines, expressions as RegExp[], options);
    if (chosen.length === 0 && !options.has('c')) continue;
    hasMatch ||= chosen.length > 0;
    if (options.has('q')) return 0;
    const prefix = isNamed ? `${name}:` : '';
    if (options.has('l')) run.out(`${name}\n`);
    else if (options.has('c')) run.out(`${prefix}${chosen.length}\n`);
    else
      for (const line of shown(lines, chosen, expressions as RegExp[], options))
        run.out(prefix + line);
  }
  if (!isWhole && !(hasMatch && options.has('q'))) return 2;
  return hasMatch ? 0 : 1;
}

type Found = Exclude<ReturnType<typeof parseOptions>, string>;

function filesUnder(run: Run, words: readonly string[]): string[] {
  return (words.length === 0 ? ['.'] : words).flatMap((word) => {
    const path = resolvePath(run.cwd, word);
    if (!run.files.isFolder(path)) return [word];
    return run.files.under(path).filter((one) => !run.files.isFolder(one));
  });
}

function isMatch(line: string, expression: RegExp, options: Found): boolean {
  expression.lastIndex = 0;
  for (const found of line.matchAll(expression)) {
    const [text] = found;
    if (options.has('x') && text !== line) continue;
    const around = (line[found.index - 1] ?? ' ') + (line[found.index + text.length] ?? ' ');
    if (options.has('w') && /\w/.test(around)) continue;
    return true;
  }
  return false;
}

/** Numbers of the lines. */
function linesThatMatch(lines: string[], expressions: readonly RegExp[], options: Found): number[] {
  const limit = Number(options.value('m') ?? Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  for (const [i, line] of lines.entries()) {
    if (chosen.length >= limit) break;
    const is = expressions.some((it) => isMatch(line, it, options));
    if (is !== options.has('v')) chosen.push(i);
  }
  return chosen;
}

function* shown(
  lines: readonly string[],
  chosen: readonly number[],
  expressions: readonly RegExp[],
  options: Found,
): Generator<string> {
  const numbered = (i: number, sign: string): string => (options.has('n') ? `${i + 1}${sign}` : '');
  if (options.has('o')) {
    for (const i of chosen)
      for (const expression of expressions)
        for (const [text] of lines[i]!.matchAll(expression))
          if (text !== '') yield `${numbered(i, ':')}${text}\n`;
    return;
  }
  const around = (letter: string): number =>
    Number(options.value(letter) ?? options.value('C') ?? 0);
  const [before, after] = [around('B'), around('A')];
  const isChosen = new Set(chosen);
  let last = -1;
  for (const i of chosen) {
    const from = Math.max(last + 1, i - before);
    if (before + after > 0 && last >= 0 && from > last + 1) yield '--\n';
    for (let at = from; at <= Math.min(lines.length - 1, i + after); at++) {
      if (at <= last) continue;
      yield `${numbered(at, isChosen.has(at) ? ':' : '-')}${lines[at]}\n`;
      last = at;
    }
  }
}
