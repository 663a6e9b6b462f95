/**
 * shell/script/parse-word — reads one word: quotes, `$VAR`, `${VAR:-x}`, `$(…)`, `$((…))`, `` `…` ``.
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting and 2.6 Word Expansions.
 */
import { ScriptError, type Word, type WordPart } from './syntax.ts';
import type { Text } from './text.ts';

const META = ' \t\n;&|<>()';
const NAME = /[A-Za-z0-9_]/;
const SPECIAL = '?#@*$!-0123456789';
const OPERATORS = [':-', ':=', ':+', ':?', '##', '%%', '//', '-', '=', '+', '?', '#', '%', '/'];
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  e: '\x1b',
};

const unfinished = (quote: string): ScriptError =>
  new ScriptError(`syntax error: unterminated quoted string: ${quote}`, true);

/** One word from where the text is. @param end  further characters that end it */
export function parseWord(text: Text, end = META): Word {
  const parts: WordPart[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push({ kind: 'text', text: plain, isQuoted: false });
    plain = '';
  };
  for (let at = text.peek(); at !== '' && !end.includes(at); at = text.peek()) {
    if (at === '\\') {
      text.next();
      flush();
      const escaped = text.next();
      if (escaped !== '\n') parts.push({ kind: 'text', text: escaped, isQuoted: true });
    } else if (at === "'") {
      flush();
      parts.push({ kind: 'text', text: singleQuoted(text), isQuoted: true });
    } else if (at === '"') {
      flush();
      text.next();
      parts.push(...doubleQuoted(text, '"'));
      if (text.next() !== '"') throw unfinished('"');
    } else if (at === '$' && text.peek(1) === "'") {
      flush();
      text.next();
      parts.push({ kind: 'text', text: escapeQuoted(text), isQuoted: true });
    } else if (at === '$' || at === '`') {
      flush();
      parts.push(parseDollar(text, false));
    } else plain += text.next();
  }
  flush();
  return parts;
}

function singleQuoted(text: Text): string {
  text.next();
  let quoted = '';
  for (let at = text.next(); at !== "'"; at = text.next()) {
    if (at === '') throw unfinished("'");
    quoted += at;
  }
  return quoted;
}

/** `$'…'`. */
function escapeQuoted(text: Text): string {
  text.next();
  let quoted = '';
  for (let at = text.next(); at !== "'"; at = text.next()) {
    if (at === '') throw unfinished("'");
    if (at !== '\\') quoted += at;
    else {
      const escaped = text.next();
      quoted += ESCAPES[escaped] ?? escaped;
    }
  }
  return quoted;
}

/** What stands between double quotes, or in a here-document (`end` empty: to the end). */
export function doubleQuoted(text: Text, end: string): WordPart[] {
  const parts: WordPart[] = [];
  let plain = '';
  const flush = (): void => {
    parts.push({ kind: 'text', text: plain, isQuoted: true });
    plain = '';
  };
  for (let at = text.peek(); at !== '' && at !== end; at = text.peek()) {
    if (at === '\\' && '$`"\\\n'.includes(text.peek(1)) && text.peek(1) !== '') {
      text.next();
      const escaped = text.next();
      if (escaped !== '\n') plain += escaped;
    } else if (at === '$' || at === '`') {
      flush();
      parts.push(parseDollar(text, true));
    } else plain += text.next();
  }
  flush();
  return parts;
}

function parseDollar(text: Text, isQuoted: boolean): WordPart {
  if (text.peek() === '`') return backquoted(text, isQuoted);
  text.next();
  const at = text.peek();
  if (at === '(' && text.peek(1) === '(') {
    const part = arithmetic(text, isQuoted);
    if (part !== undefined) return part;
  }
  if (at === '(') {
    text.next();
    const script = text.parseList(text);
    if (text.next() !== ')')
      throw new ScriptError('syntax error: end of file unexpected (expecting ")")', true);
    return { kind: 'command', script, isQuoted };
  }
  if (at === '{') return text.nested(() => braced(text, isQuoted));
  if (at !== '' && SPECIAL.includes(at)) {
    return { kind: 'variable', name: text.next(), isQuoted };
  }
  const name = readName(text);
  if (name === '') return { kind: 'text', text: '$', isQuoted };
  return { kind: 'variable', name, isQuoted };
}

function readName(text: Text): string {
  let name = '';
  if (/[0-9]/.test(text.peek())) return name;
  while (text.peek() !== '' && NAME.test(text.peek())) name += text.next();
  return name;
}

function backquoted(text: Text, isQuoted: boolean): WordPart {
  text.next();
  let inner = '';
  for (let at = text.next(); at !== '`'; at = text.next()) {
    if (at === '') throw unfinished('`');
    if (at === '\\' && '`$\\'.includes(text.peek())) inner += text.next();
    else inner += at;
  }
  return { kind: 'command', script: text.parseWhole(inner), isQuoted };
}

/** `$((…))`; undefined, and the text where it was, if it is a subshell in `$(`. */
function arithmetic(text: Text, isQuoted: boolean): WordPart | undefined {
  const start = text.at;
  text.next();
  text.next();
  let depth = 0;
  let inner = '';
  for (;;) {
    const at = text.peek();
    if (at === '') throw new ScriptError('syntax error: missing "))"', true);
    if (at === ')' && depth === 0) break;
    depth += at === '(' ? 1 : at === ')' ? -1 : 0;
    inner += text.next();
  }
  if (text.peek(1) !== ')') {
    text.at = start;
    return undefined;
  }
  text.next();
  text.next();
  return { kind: 'arithmetic', expression: doubleQuoted(text.over(inner), ''), isQuoted };
}

function braced(text: Text, isQuoted: boolean): WordPart {
  text.next();
  if (text.peek() === '#' && text.peek(1) !== '}') {
    text.next();
    const name = SPECIAL.includes(text.peek()) ? text.next() : readName(text);
    if (name === '' || text.next() !== '}') throw new ScriptError('syntax error: bad substitution');
    return { kind: 'variable', name, isQuoted, operator: 'length' };
  }
  let name = readName(text);
  if (name === '' && text.peek() !== '' && SPECIAL.includes(text.peek())) name = text.next();
  if (name === '') throw new ScriptError('syntax error: bad substitution');
  const operator = OPERATORS.find((one) => text.startsWith(one));
  if (operator === undefined) {
    if (text.next() !== '}')
      throw new ScriptError('syntax error: bad substitution', text.peek() === '');
    return { kind: 'variable', name, isQuoted };
  }
  text.at += operator.length;
  const operand = parseWord(text, operator.startsWith('/') ? '}/' : '}');
  let replacement: Word | undefined;
  if (operator.startsWith('/') && text.peek() === '/') {
    text.next();
    replacement = parseWord(text, '}');
  }
  if (text.next() !== '}') throw new ScriptError('syntax error: missing "}"', true);
  return { kind: 'variable', name, isQuoted, operator, operand, replacement };
}
