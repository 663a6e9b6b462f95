/**
 * shell/script/pattern — the patterns of `case`, of `${VAR#…}` and of file names: `*`, `?`, `[…]`.
 */

/** More work than any pattern that somebody wrote takes. */
const STEPS_MAX = 100_000;

/** A pattern as characters; those of quoted parts stand for themselves. */
export type Pattern = readonly { readonly character: string; readonly isLiteral: boolean }[];

export const patternOf = (text: string, isLiteral = false): Pattern =>
  [...text].map((character) => ({ character, isLiteral }));

export const isPlain = (pattern: Pattern): boolean =>
  !pattern.some(({ character, isLiteral }) => !isLiteral && '*?['.includes(character));

/** Whether a whole text is of the pattern. */
export function matches(pattern: Pattern, text: string): boolean {
  const characters = [...text];
  let [at, next] = [0, 0];
  let star: { readonly next: number; at: number } | undefined;
  for (let steps = 0; at < characters.length; steps++) {
    if (steps > STEPS_MAX) return false;
    const one = pattern[next];
    if (one !== undefined && !one.isLiteral && one.character === '*') {
      star = { next: ++next, at };
      continue;
    }
    const length = one === undefined ? 0 : matchOne(pattern, next, characters[at]!);
    if (length > 0) {
      next += length;
      at++;
    } else if (star === undefined) return false;
    else {
      next = star.next;
      at = ++star.at;
    }
  }
  while (pattern[next]?.isLiteral === false && pattern[next]?.character === '*') next++;
  return next === pattern.length;
}

/** How many characters of the pattern this one takes; 0: it does not match. */
function matchOne(pattern: Pattern, at: number, character: string): number {
  const { character: wanted, isLiteral } = pattern[at]!;
  if (isLiteral) return wanted === character ? 1 : 0;
  if (wanted === '?') return 1;
  if (wanted !== '[') return wanted === character ? 1 : 0;
  const end = pattern.findIndex((it, i) => i > at + 1 && !it.isLiteral && it.character === ']');
  if (end < 0) return character === '[' ? 1 : 0;
  const set = pattern.slice(at + 1, end).map((it) => it.character);
  const isNegated = set[0] === '!' || set[0] === '^';
  const of = isNegated ? set.slice(1) : set;
  let isIn = false;
  for (let i = 0; i < of.length; i++) {
    if (of[i + 1] === '-' && of[i + 2] !== undefined) {
      isIn ||= of[i]! <= character && character <= of[i + 2]!;
      i += 2;
    } else isIn ||= of[i] === character;
  }
  return isIn === isNegated ? 0 : end - at + 1;
}
