/**
 * controllers/load-balancer/annotations/go-literals — numbers, booleans and texts as Go reads and
 * prints them, because the controller's errors are Go's.
 *
 * Upstream: Go's strconv (ParseBool, ParseInt, Quote) and fmt (%v).
 */
import { BuildError } from '../build-error.ts';

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);
const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** In double quotes, with escapes where a character cannot be printed. */
export const quoted = (text: string): string =>
  `"${text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped.
    /[\x00-\x1f"\\\x7f]/g,
    (it) => ESCAPES[it] ?? `\\x${it.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )}"`;

/** @throws BuildError  `strconv.ParseBool: parsing "yes": invalid syntax` */
export function parseBool(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new BuildError(`strconv.ParseBool: parsing ${quoted(text)}: invalid syntax`);
}

/**
 * A decimal number.
 *
 * @throws BuildError  `strconv.ParseInt: parsing "1e3": invalid syntax`, or `value out of range`
 */
export function parseInteger(text: string, bits: 32 | 64): number {
  const wrong = (what: string): BuildError =>
    new BuildError(`strconv.ParseInt: parsing ${quoted(text)}: ${what}`);
  if (!/^[+-]?[0-9]+$/.test(text)) throw wrong('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  const limit = 1n << BigInt(bits - 1);
  if (value >= limit || value < -limit) throw wrong('value out of range');
  return Number(value);
}

/** A list as `%v` prints it: `[a b]`. */
export const listText = (list: readonly (number | string)[]): string => `[${list.join(' ')}]`;

/** A map as `%v` prints it, by key: `map[a:1 b:2]`. */
export const mapText = (map: Readonly<Record<string, string>>): string =>
  `map[${Object.keys(map)
    .sort()
    .map((key) => `${key}:${map[key]}`)
    .join(' ')}]`;

/** A number where the text is one of 32 bits, else the text (`intstr.Parse`). */
export function parseIntOrString(text: string): number | string {
  if (!/^[+-]?[0-9]+$/.test(text)) return text;
  const value = Number(text);
  return value < 2 ** 31 && value >= -(2 ** 31) ? value : text;
}
