/**
 * model/eks/cel-token — the words of a CEL expression.
 *
 * Upstream: google/cel-go v0.29.2 parser/gen/CEL.g4, lexer rules. Strings in one pair of quotes,
 * with their escapes; triple-quoted, raw and byte strings are refused by name.
 */

import { type CelResult, type CelValue, celError, celInt } from './cel-value.ts';

export type CelToken =
  | { readonly kind: 'value'; readonly text: string; readonly value: CelValue }
  /** An int literal, kept as text because its sign decides whether it fits. */
  | { readonly kind: 'int'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' };

/** The tokens, closed by one `end`, or why the text is not made of CEL's words. */
export type CelTokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly CelToken[] }
  | { readonly kind: 'refused'; readonly problem: string };

const BLANK = /(?:[ \t\r\n\f]+|\/\/[^\n]*)+/y;
const DOUBLE = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const WHOLE = /(?:0x[0-9a-fA-F]+|\d+)([uU]?)/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING = /"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'/y;
const SYMBOL = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:(),.[\]{}]/y;
const OTHER_STRING = /"""|'''|[rRbB]{1,2}["']/y;

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Groups: simple, two, four and eight hex digits, octal; none of them: not an escape of CEL. */
const ESCAPE =
  /\\(?:([abfnrtv"'\\?`])|[xX]([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2})|)/g;

/** The text between the quotes with escapes resolved; undefined when one is not CEL's. */
const resolveEscapes = (body: string): string | undefined => {
  let refused = false;
  const text = body.replace(ESCAPE, (_all, simple, hex2, hex4, hex8, octal) => {
    if (simple !== undefined) return SIMPLE_ESCAPES[simple] ?? simple;
    const hex = hex2 ?? hex4 ?? hex8;
    const codePoint = hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16);
    if (!(codePoint <= 0x10ffff)) {
      refused = true;
      return '';
    }
    return String.fromCodePoint(codePoint);
  });
  return refused ? undefined : text;
};

const TRUE_FALSE_NULL: ReadonlyMap<string, CelValue> = new Map<string, CelValue>([
  ['true', { type: 'bool', value: true }],
  ['false', { type: 'bool', value: false }],
  ['null', { type: 'null', value: null }],
]);

const UINT_LIMIT = 2n ** 64n;

/** The int a literal writes, with its sign; the overflow error when it does not fit. */
export const intLiteral = (text: string, negative: boolean): CelResult => {
  const magnitude = BigInt(text);
  const value = celInt(negative ? -magnitude : magnitude);
  return value.type === 'error' ? celError('invalid int literal') : value;
};

const uintToken = (text: string): CelToken | string => {
  const value = BigInt(text.slice(0, -1));
  if (value >= UINT_LIMIT) return 'invalid uint literal';
  return { kind: 'value', text, value: { type: 'uint', value } };
};

const stringToken = (text: string): CelToken | string => {
  const value = resolveEscapes(text.slice(1, -1));
  if (value === undefined) return `string ${text} has an escape CEL does not have`;
  return { kind: 'value', text, value: { type: 'string', value } };
};

const nameToken = (text: string): CelToken => {
  const value = TRUE_FALSE_NULL.get(text);
  return value === undefined ? { kind: 'name', text } : { kind: 'value', text, value };
};

/** Splits an expression into tokens. */
export const tokenizeCel = (source: string): CelTokens => {
  const tokens: CelToken[] = [];
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) position += text.length;
    return text;
  };
  const next = (): CelToken | string => {
    const other = take(OTHER_STRING);
    if (other !== undefined)
      return `ekstwin does not evaluate CEL strings that begin with ${other}`;
    const double = take(DOUBLE);
    if (double !== undefined) {
      return { kind: 'value', text: double, value: { type: 'double', value: Number(double) } };
    }
    const whole = take(WHOLE);
    if (whole !== undefined)
      return /[uU]$/.test(whole) ? uintToken(whole) : { kind: 'int', text: whole };
    const name = take(NAME);
    if (name !== undefined) return nameToken(name);
    const string = take(STRING);
    if (string !== undefined) return stringToken(string);
    const symbol = take(SYMBOL);
    if (symbol !== undefined) return { kind: 'symbol', text: symbol };
    return `Syntax error: token recognition error at: '${source.slice(position, position + 10)}'`;
  };
  for (;;) {
    take(BLANK);
    if (position >= source.length) break;
    const token = next();
    if (typeof token === 'string') return { kind: 'refused', problem: token };
    tokens.push(token);
  }
  tokens.push({ kind: 'end', text: '' });
  return { kind: 'tokens', tokens };
};
