/**
 * shell/text/sed — sed as far as people write it in a pipe: `s/a/b/g`, `p`, `d`, `q` with a line
 * number, a range or an expression before it. Another command is named in the error.
 */
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { linesOf, textsOf } from './lines.ts';
import { regularExpression } from './regular-expression.ts';

type Address = number | '$' | RegExp;

interface Edit {
  readonly from?: Address | undefined;
  readonly to?: Address | undefined;
  readonly isNegated: boolean;
  readonly command: string;
  readonly expression?: RegExp | undefined;
  readonly by?: string | undefined;
  readonly prints?: boolean | undefined;
}

export async function sed(run: Run): Promise<number> {
  const options = parseOptions(run.args, {
    flags: 'nErsu',
    valued: 'e',
    long: { quiet: 'n', silent: 'n', expression: 'e', 'regexp-extended': 'E' },
  });
  if (typeof options === 'string') {
    run.err(`sed: ${options}\n`);
    return 1;
  }
  const words = [...options.words];
  const scripts = options.has('e') ? options.values('e') : words.splice(0, 1);
  const edits = readEdits(scripts.join('\n'), options.has('E') || options.has('r'));
  if (typeof edits === 'string') {
    run.err(`sed: -e expression #1: ${edits}\n`);
    return 1;
  }
  const { texts, isWhole } = await textsOf(run, words);
  const lines = texts.flatMap(({ text }) => linesOf(text));
  const active = new Set<Edit>();
  for (const [i, line] of lines.entries()) {
    const { printed, isLast } = edited(
      edits,
      line,
      i + 1,
      i === lines.length - 1,
      active,
      options.has('n'),
    );
    for (const one of printed) run.out(`${one}\n`);
    if (isLast) break;
  }
  return isWhole ? 0 : 2;
}

const ADDRESS = /^\s*(?:(\d+)|(\$)|\/((?:\\.|[^/\\])*)\/)/;

/** The commands, or what is wrong with them. */
function readEdits(script: string, isExtended: boolean): readonly Edit[] | string {
  const edits: Edit[] = [];
  let left = script;
  const address = (): Address | undefined | string => {
    const found = ADDRESS.exec(left);
    if (found === null) return undefined;
    left = left.slice(found[0].length);
    if (found[1] !== undefined) return Number(found[1]);
    if (found[2] !== undefined) return '$';
    return regularExpression(found[3]!.replaceAll('\\/', '/'), { isExtended }) ?? 'bad expression';
  };
  for (;;) {
    left = left.replace(/^[\s;]+/, '');
    if (left === '') return edits;
    const from = address();
    let to: Address | undefined | string;
    if (from !== undefined && left.startsWith(',')) {
      left = left.slice(1);
      to = address();
      if (to === undefined) return "unexpected `,'";
    }
    if (from === 'bad expression' || to === 'bad expression')
      return 'this expression is not built in';
    left = left.trimStart();
    const isNegated = left.startsWith('!');
    if (isNegated) left = left.slice(1).trimStart();
    const command = left[0];
    if (command === undefined) return 'missing command';
    const at = { from: from as Address, to: to as Address, isNegated, command };
    if (command === 's') {
      const read = readSubstitution(left, isExtended);
      if (typeof read === 'string') return read;
      edits.push({ ...at, ...read.edit });
      left = read.left;
    } else if ('pdq'.includes(command)) {
      edits.push(at);
      left = left.slice(1);
    } else return `the command \`${command}' is not built into this sed (s, p, d, q are)`;
    if (!/^\s*([;\n}]|$)/.test(left)) return "unknown option to `s'";
  }
}

function readSubstitution(left: string, isExtended: boolean) {
  const mark = left[1];
  if (mark === undefined || /[\n\\]/.test(mark)) return "unterminated `s' command";
  const parts: string[] = [];
  let part = '';
  let at = 2;
  for (; at < left.length && parts.length < 2; at++) {
    if (left[at] === '\\' && left[at + 1] !== undefined) {
      part += left[at + 1] === mark ? mark : left.slice(at, at + 2);
      at++;
    } else if (left[at] === mark) {
      parts.push(part);
      part = '';
    } else part += left[at];
  }
  if (parts.length < 2) return "unterminated `s' command";
  const flags = /^[gpiI]*/.exec(left.slice(at))![0];
  const expression = regularExpression(parts[0]!, {
    isExtended,
    flags: (flags.includes('g') ? 'g' : '') + (/i/i.test(flags) ? 'i' : ''),
  });
  if (expression === undefined) return 'this expression is not built in';
  const edit = { expression, by: parts[1]!, prints: flags.includes('p') };
  return { edit, left: left.slice(at + flags.length) };
}

function edited(
  edits: readonly Edit[],
  line: string,
  number: number,
  isEnd: boolean,
  active: Set<Edit>,
  isQuiet: boolean,
): { readonly printed: readonly string[]; readonly isLast: boolean } {
  const printed: string[] = [];
  let text = line;
  for (const edit of edits) {
    if (isFor(edit, text, number, isEnd, active) === edit.isNegated) continue;
    if (edit.command === 'd') return { printed, isLast: false };
    if (edit.command === 'p') printed.push(text);
    else if (edit.command === 'q')
      return { printed: isQuiet ? printed : [...printed, text], isLast: true };
    else if (edit.expression !== undefined) {
      const before = text;
      text = text.replace(edit.expression, (...found: unknown[]) => replacement(edit.by!, found));
      if (edit.prints === true && text !== before) printed.push(text);
    }
  }
  return { printed: isQuiet ? printed : [...printed, text], isLast: false };
}

const replacement = (by: string, found: readonly unknown[]): string =>
  by.replace(/\\(.)|&/gs, (all, escaped: string | undefined) => {
    if (escaped === undefined) return String(found[0]);
    if (/\d/.test(escaped))
      return typeof found[Number(escaped)] === 'string' ? String(found[Number(escaped)]) : '';
    return { n: '\n', t: '\t' }[escaped] ?? (escaped === '&' ? '&' : all.slice(1));
  });

function isFor(
  edit: Edit,
  text: string,
  number: number,
  isEnd: boolean,
  active: Set<Edit>,
): boolean {
  const is = (address: Address): boolean => {
    if (address === '$') return isEnd;
    return typeof address === 'number' ? address === number : address.test(text);
  };
  if (edit.from === undefined) return true;
  if (edit.to === undefined) return is(edit.from);
  if (active.has(edit)) {
    const isOver = typeof edit.to === 'number' ? number >= edit.to : is(edit.to);
    if (isOver) active.delete(edit);
    return true;
  }
  if (!is(edit.from)) return false;
  if (typeof edit.to !== 'number' || edit.to > number) active.add(edit);
  return true;
}
