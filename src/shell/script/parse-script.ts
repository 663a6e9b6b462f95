/**
 * shell/script/parse-script — reads a script of the built-in shell: what of POSIX's language people
 * write on one line, and functions. What is not read is named in the error.
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.9 Shell Commands, 2.10 Grammar; dash's messages.
 */
import { doubleQuoted, parseWord } from './parse-word.ts';
import {
  type Command,
  type Item,
  type List,
  type Pipeline,
  type Redirection,
  ScriptError,
  type Word,
} from './syntax.ts';
import { Text } from './text.ts';

const RESERVED = ['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'];
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const FUNCTION = /^([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\([ \t]*\)/;
const NOT_BUILT_IN = ['select', 'coproc', 'function', '[['];

/** @throws ScriptError */
export function parseScript(source: string): List {
  const text = new Text(source.replaceAll('\r\n', '\n'), readList);
  const list = readList(text);
  if (text.peek() !== '') throw unexpected(text);
  return list;
}

const unexpected = (text: Text): ScriptError => {
  const word = /^[A-Za-z]+|^(;;|&&|\|\||.)/s.exec(text.source.slice(text.at))?.[0] ?? '';
  return word === ''
    ? new ScriptError('syntax error: unexpected end of file', true)
    : new ScriptError(`syntax error: ${word === '\n' ? 'newline' : `"${word}"`} unexpected`);
};

function skipBlanks(text: Text): void {
  for (;;) {
    const at = text.peek();
    if (at === ' ' || at === '\t') text.next();
    else if (at === '\\' && text.peek(1) === '\n') text.at += 2;
    else if (at === '#') while (text.peek() !== '' && text.peek() !== '\n') text.next();
    else return;
  }
}

function newline(text: Text): void {
  text.next();
  for (const take of text.awaited.splice(0)) take(() => line(text));
}

function line(text: Text): string | undefined {
  if (text.peek() === '') return undefined;
  const end = text.source.indexOf('\n', text.at);
  const read = text.source.slice(text.at, end < 0 ? undefined : end);
  text.at = end < 0 ? text.source.length : end + 1;
  return read;
}

function skipLines(text: Text): void {
  for (skipBlanks(text); text.peek() === '\n'; skipBlanks(text)) newline(text);
}

/** The reserved word here, if one is. */
function reserved(text: Text): string | undefined {
  const word = /^([a-z]+|[{}!]|\[\[)(?=[\s;&|()<>]|$)/.exec(
    text.source.slice(text.at, text.at + 12),
  );
  return word?.[1];
}

function readList(text: Text): List {
  const items: Item[] = [];
  let after: Item['after'] = ';';
  for (;;) {
    skipLines(text);
    const at = text.peek();
    const word = reserved(text);
    const isEnd = at === '' || at === ')' || (word !== undefined && RESERVED.includes(word));
    if (isEnd || text.startsWith(';;')) {
      if (after !== ';') throw unexpected(text);
      return items;
    }
    const pipeline = readPipeline(text);
    skipBlanks(text);
    const isBackground = text.peek() === '&' && text.peek(1) !== '&';
    items.push({ pipeline, after, isBackground });
    if (text.startsWith('&&') || text.startsWith('||')) {
      after = text.startsWith('&&') ? '&&' : '||';
      text.at += 2;
      continue;
    }
    after = ';';
    if (isBackground || (text.peek() === ';' && text.peek(1) !== ';')) text.next();
    else if (text.peek() === '\n') newline(text);
    else if (!['', ')'].includes(text.peek()) && !text.startsWith(';;')) throw unexpected(text);
  }
}

function readPipeline(text: Text): Pipeline {
  let isNegated = false;
  while (reserved(text) === '!') {
    text.next();
    skipBlanks(text);
    isNegated = !isNegated;
  }
  const commands = [readCommand(text)];
  for (skipBlanks(text); text.peek() === '|' && text.peek(1) !== '|'; skipBlanks(text)) {
    text.next();
    if (text.peek() === '&') throw new ScriptError('"|&" is not built in: write 2>&1 |');
    skipLines(text);
    commands.push(readCommand(text));
  }
  return { isNegated, commands };
}

function readCommand(text: Text): Command {
  skipBlanks(text);
  const word = reserved(text);
  if (word !== undefined && NOT_BUILT_IN.includes(word))
    throw new ScriptError(`"${word}" is not built into this shell`);
  if (word !== undefined && RESERVED.includes(word)) throw unexpected(text);
  switch (word) {
    case 'if':
      return readIf(text);
    case 'while':
    case 'until':
      return readLoop(text, word === 'until');
    case 'for':
      return readFor(text);
    case 'case':
      return readCase(text);
    case '{': {
      text.next();
      const body = text.parseList(text);
      expect(text, '}');
      return { kind: 'group', body, redirections: readRedirections(text) };
    }
    default:
  }
  if (text.startsWith('((')) throw new ScriptError('"((" is not built into this shell: $((…)) is');
  if (text.peek() === '(') {
    text.next();
    const body = text.parseList(text);
    expect(text, ')');
    return { kind: 'subshell', body, redirections: readRedirections(text) };
  }
  const named = FUNCTION.exec(text.source.slice(text.at, text.at + 200));
  if (named !== null) {
    text.at += named[0].length;
    skipLines(text);
    return { kind: 'function', name: named[1]!, body: text.nested(() => readCommand(text)) };
  }
  return readSimple(text);
}

function expect(text: Text, word: string): void {
  skipLines(text);
  const isWord = /[a-z{}]/.test(word[0]!);
  if (isWord ? reserved(text) !== word : !text.startsWith(word)) throw unexpected(text);
  text.at += word.length;
}

function readIf(text: Text): Command {
  const branches: { condition: List; body: List }[] = [];
  expect(text, 'if');
  for (;;) {
    const condition = text.parseList(text);
    expect(text, 'then');
    branches.push({ condition, body: text.parseList(text) });
    skipLines(text);
    if (reserved(text) !== 'elif') break;
    expect(text, 'elif');
  }
  let otherwise: List | undefined;
  if (reserved(text) === 'else') {
    expect(text, 'else');
    otherwise = text.parseList(text);
  }
  expect(text, 'fi');
  return { kind: 'if', branches, otherwise, redirections: readRedirections(text) };
}

function readLoop(text: Text, isUntil: boolean): Command {
  expect(text, isUntil ? 'until' : 'while');
  const condition = text.parseList(text);
  expect(text, 'do');
  const body = text.parseList(text);
  expect(text, 'done');
  return { kind: 'loop', isUntil, condition, body, redirections: readRedirections(text) };
}

function readFor(text: Text): Command {
  expect(text, 'for');
  skipBlanks(text);
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.source.slice(text.at))?.[0];
  if (name === undefined) throw new ScriptError('syntax error: bad for loop variable');
  text.at += name.length;
  skipLines(text);
  let words: Word[] | undefined;
  if (reserved(text) === 'in') {
    text.at += 2;
    words = [];
    for (skipBlanks(text); !'\n;'.includes(text.peek()); skipBlanks(text)) {
      const start = text.at;
      words.push(parseWord(text));
      if (text.at === start) throw unexpected(text);
    }
  }
  skipBlanks(text);
  if (text.peek() === ';') text.next();
  expect(text, 'do');
  const body = text.parseList(text);
  expect(text, 'done');
  return { kind: 'for', name, words, body, redirections: readRedirections(text) };
}

function readCase(text: Text): Command {
  expect(text, 'case');
  skipBlanks(text);
  const subject = parseWord(text);
  expect(text, 'in');
  const clauses: { patterns: Word[]; body: List }[] = [];
  for (skipLines(text); reserved(text) !== 'esac'; skipLines(text)) {
    if (text.peek() === '') throw unexpected(text);
    if (text.peek() === '(') text.next();
    const patterns: Word[] = [];
    for (;;) {
      skipBlanks(text);
      patterns.push(parseWord(text));
      skipBlanks(text);
      if (text.peek() !== '|') break;
      text.next();
    }
    if (text.next() !== ')')
      throw new ScriptError('syntax error: expecting ")"', text.peek() === '');
    clauses.push({ patterns, body: text.parseList(text) });
    skipLines(text);
    if (text.startsWith(';;')) text.at += 2;
    else if (reserved(text) !== 'esac') throw unexpected(text);
  }
  expect(text, 'esac');
  return { kind: 'case', subject, clauses, redirections: readRedirections(text) };
}

const REDIRECTION = /^(\d)?(<<<|<<-?|&>>|&>|>>|>&|>\||<&|<|>)/;

function readRedirections(text: Text): readonly Redirection[] {
  const all: Redirection[] = [];
  for (;;) {
    skipBlanks(text);
    const redirection = readRedirection(text);
    if (redirection === undefined) return all;
    all.push(redirection);
  }
}

function readRedirection(text: Text): Redirection | undefined {
  const found = REDIRECTION.exec(text.source.slice(text.at, text.at + 4));
  if (found === null) return undefined;
  const [all, digit, written = ''] = found;
  if (written === '<&') throw new ScriptError('"<&" is not built into this shell');
  text.at += all.length;
  skipBlanks(text);
  const isInput = written.startsWith('<');
  const descriptor = digit === undefined ? (isInput ? 0 : 1) : Number(digit);
  if (written.startsWith('<<') && written !== '<<<')
    return { descriptor, operator: '<<', target: hereDocument(text, written === '<<-') };
  const operator = (written === '>|' ? '>' : written) as Redirection['operator'];
  const target = parseWord(text);
  if (target.length === 0) throw unexpected(text);
  return { descriptor, operator, target };
}

/** Filled when the line has ended and the body is read. */
function hereDocument(text: Text, isIndented: boolean): Word {
  const mark = parseWord(text);
  const end = mark.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  const isLiteral = mark.some((part) => part.kind === 'text' && part.isQuoted);
  const body: Word[number][] = [];
  text.awaited.push((next) => {
    let all = '';
    for (let one = next(); one !== undefined; one = next()) {
      const read = isIndented ? one.replace(/^\t+/, '') : one;
      if (read === end) break;
      all += `${read}\n`;
    }
    if (isLiteral) body.push({ kind: 'text', text: all, isQuoted: true });
    else body.push(...doubleQuoted(text.over(all), ''));
  });
  return body;
}

function readSimple(text: Text): Command {
  const assignments: { name: string; value: Word }[] = [];
  const words: Word[] = [];
  const redirections: Redirection[] = [];
  for (;;) {
    skipBlanks(text);
    const redirection = readRedirection(text);
    if (redirection !== undefined) {
      redirections.push(redirection);
      continue;
    }
    const named =
      words.length > 0 ? null : ASSIGNMENT.exec(text.source.slice(text.at, text.at + 80));
    if (named !== null) {
      text.at += named[0].length;
      if (text.peek() === '(') throw new ScriptError('arrays are not built into this shell');
      assignments.push({ name: named[1]!, value: parseWord(text) });
      continue;
    }
    const start = text.at;
    const word = parseWord(text);
    if (text.at === start) break;
    words.push(word);
  }
  if (words.length + assignments.length + redirections.length === 0) throw unexpected(text);
  return { kind: 'simple', assignments, words, redirections };
}
