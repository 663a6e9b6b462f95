/**
 * shell/script/expand — what a word becomes: variables, output of commands, arithmetic, fields,
 * file names.
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.6 Word Expansions.
 */
import type { FileSystem } from '../files/file-system.ts';
import { resolvePath } from '../files/file-system.ts';
import { Exhausted } from '../patience.ts';
import { evaluate } from './arithmetic.ts';
import { isPlain, matches, type Pattern, patternOf } from './pattern.ts';
import { type List, ScriptError, type Word, type WordPart } from './syntax.ts';

/** What the words of a script may look at. */
export interface Scope {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  readonly positional: readonly string[];
  /** Output of a script, without its last newlines. */
  capture(script: List): Promise<string>;
  readonly files: FileSystem;
  readonly cwd: string;
  readonly isStrict: boolean;
}

/** A part of a field: text, and whether its characters stand for themselves. */
interface Piece {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Fields at most, and their length: more is a script that wants to fill the memory. */
const FIELDS_MAX = 100_000;
const TEXT_MAX = 2_000_000;

/** The word as one text, not split: of assignments, targets, subjects. */
export async function expandText(scope: Scope, word: Word): Promise<string> {
  let whole = '';
  for (const part of word) {
    whole += (await pieceOf(scope, part)).text;
    if (whole.length > TEXT_MAX) throw new Exhausted();
  }
  return word[0]?.kind === 'text' && !word[0].isQuoted ? withHome(scope, whole) : whole;
}

/** The word as a pattern: what is quoted stands for itself. */
export async function expandPattern(scope: Scope, word: Word): Promise<Pattern> {
  const pattern: Pattern[number][] = [];
  for (const part of word) {
    const { text, isQuoted } = await pieceOf(scope, part);
    pattern.push(...patternOf(text, isQuoted));
  }
  return pattern;
}

/** The fields that words become. */
export async function expandFields(scope: Scope, words: readonly Word[]): Promise<string[]> {
  const fields: string[] = [];
  for (const word of words) {
    for (const field of await fieldsOf(scope, word)) fields.push(...filesOf(scope, field));
    if (fields.length > FIELDS_MAX) throw new ScriptError('Argument list too long');
  }
  return fields;
}

const withHome = (scope: Scope, text: string): string =>
  text === '~' || text.startsWith('~/') ? (scope.get('HOME') ?? '/root') + text.slice(1) : text;

async function fieldsOf(scope: Scope, word: Word): Promise<Piece[][]> {
  const fields: Piece[][] = [];
  let field: Piece[] | undefined;
  const end = (): void => {
    if (field !== undefined) fields.push(field);
    field = undefined;
  };
  for (const part of word) {
    if (part.kind === 'variable' && part.name === '@' && part.isQuoted) {
      scope.positional.forEach((text, i) => {
        if (i > 0) end();
        field = [...(field ?? []), { text, isQuoted: true }];
      });
      continue;
    }
    const piece = await pieceOf(scope, part);
    if (part.kind === 'text' || piece.isQuoted) {
      field = [...(field ?? []), piece];
      continue;
    }
    const separators = scope.get('IFS') ?? ' \t\n';
    const parts = splitBy(piece.text, separators);
    parts.forEach((text, i) => {
      if (i > 0) end();
      if (text !== '') field = [...(field ?? []), { text, isQuoted: false }];
    });
  }
  end();
  const first = fields[0]?.[0];
  if (first !== undefined && !first.isQuoted && first.text.startsWith('~'))
    fields[0]![0] = { text: withHome(scope, first.text), isQuoted: false };
  return fields;
}

function splitBy(text: string, separators: string): string[] {
  const parts = [''];
  for (const character of text) {
    if (separators.includes(character)) {
      if (parts.at(-1) !== '' || parts.length === 1) parts.push('');
    } else parts[parts.length - 1] += character;
  }
  return parts;
}

function filesOf(scope: Scope, field: readonly Piece[]): readonly string[] {
  const text = field.map((piece) => piece.text).join('');
  const pattern = field.flatMap((piece) => [...patternOf(piece.text, piece.isQuoted)]);
  if (isPlain(pattern)) return [text];
  const found = namesOf(scope, pattern);
  return found.length === 0 ? [text] : found;
}

/** Paths that a pattern is for, part by part. */
function namesOf({ files, cwd }: Scope, pattern: Pattern): readonly string[] {
  const parts: Pattern[number][][] = [[]];
  for (const one of pattern) {
    if (one.character === '/') parts.push([]);
    else parts.at(-1)!.push(one);
  }
  const isWhole = parts[0]!.length === 0;
  let found = [isWhole ? '/' : ''];
  for (const part of isWhole ? parts.slice(1) : parts) {
    if (part.length === 0) continue;
    found = found.flatMap((before) => {
      const folder = resolvePath(cwd, before === '' ? '.' : before);
      const names = files.list(folder).filter((name) => {
        const isHidden = name.startsWith('.') && part[0]?.character !== '.';
        return !isHidden && matches(part, name);
      });
      return names.map((name) => (before === '' || before === '/' ? before : `${before}/`) + name);
    });
  }
  return found;
}

async function pieceOf(scope: Scope, part: WordPart): Promise<Piece> {
  switch (part.kind) {
    case 'text':
      return part;
    case 'command':
      return { text: await scope.capture(part.script), isQuoted: part.isQuoted };
    case 'arithmetic': {
      const expression = await expandText(scope, part.expression);
      const value = evaluate(expression, (name) => scope.get(name) ?? '');
      return { text: String(value), isQuoted: part.isQuoted };
    }
    case 'variable':
      return { text: await variableText(scope, part), isQuoted: part.isQuoted };
  }
}

type Variable = Extract<WordPart, { kind: 'variable' }>;

async function variableText(scope: Scope, part: Variable): Promise<string> {
  const { name, operator, operand = [], replacement = [] } = part;
  const isAll = name === '@' || name === '*';
  const value = isAll ? scope.positional.join(' ') : scope.get(name);
  if (operator === undefined) {
    if (value === undefined && scope.isStrict) throw new ScriptError(`${name}: parameter not set`);
    return value ?? '';
  }
  const isMissing = value === undefined || (operator.startsWith(':') && value === '');
  switch (operator) {
    case 'length':
      return String([...(value ?? '')].length);
    case ':-':
    case '-':
      return isMissing ? expandText(scope, operand) : value;
    case ':+':
    case '+':
      return isMissing ? '' : expandText(scope, operand);
    case ':=':
    case '=': {
      if (!isMissing) return value;
      const given = await expandText(scope, operand);
      scope.set(name, given);
      return given;
    }
    case ':?':
    case '?': {
      if (!isMissing) return value;
      const said = await expandText(scope, operand);
      throw new ScriptError(`${name}: ${said === '' ? 'parameter not set' : said}`);
    }
    case '/':
    case '//': {
      const pattern = await expandPattern(scope, operand);
      const by = await expandText(scope, replacement);
      return replaced(value ?? '', pattern, by, operator === '//');
    }
    default:
      return trimmed(value ?? '', await expandPattern(scope, operand), operator);
  }
}

/** A value that patterns are tried on at every place is no longer than this. */
const PATTERN_TEXT_MAX = 2_000;

function trimmed(value: string, pattern: Pattern, operator: string): string {
  if (value.length > PATTERN_TEXT_MAX) throw new ScriptError('value too long for a pattern here');
  const isStart = operator.startsWith('#');
  const lengths = Array.from({ length: value.length + 1 }, (_, i) => i);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const part = isStart ? value.slice(0, length) : value.slice(value.length - length);
    if (matches(pattern, part))
      return isStart ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

function replaced(value: string, pattern: Pattern, by: string, isAll: boolean): string {
  if (value.length > PATTERN_TEXT_MAX) throw new ScriptError('value too long for a pattern here');
  let made = '';
  for (let at = 0; at < value.length; ) {
    let length = value.length - at;
    while (length > 0 && !matches(pattern, value.slice(at, at + length))) length--;
    if (length === 0) made += value[at++];
    else {
      made += by;
      at += length;
      if (!isAll) return made + value.slice(at);
    }
  }
  return made;
}
