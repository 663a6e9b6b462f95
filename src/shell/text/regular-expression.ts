/**
 * shell/text/regular-expression — POSIX's basic and extended expressions as JavaScript's: in a
 * basic one `\+`, `\?`, `\|`, `\(`, `\{` are the operators and the bare characters are not.
 */

/** Longer ones are made to keep somebody busy. */
const LENGTH_MAX = 500;
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  print: ' -~',
};

/** undefined: it is none, or one that is not built in. */
export function regularExpression(
  text: string,
  {
    isExtended,
    isFixed = false,
    flags = '',
  }: {
    readonly isExtended: boolean;
    readonly isFixed?: boolean;
    readonly flags?: string;
  },
): RegExp | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  const source = isFixed ? literal(text) : translated(text, isExtended);
  // Repetition of a repetition takes time without end on some texts.
  if (/[*+}]\)(?:[*+]|\{\d*,)/.test(source)) return undefined;
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

export const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function translated(text: string, isExtended: boolean): string {
  let made = '';
  for (let i = 0; i < text.length; i++) {
    const at = text[i]!;
    if (at === '[') {
      const [set, length] = bracket(text.slice(i));
      made += set;
      i += length - 1;
    } else if (at === '\\') {
      const next = text[++i] ?? '\\';
      if ('+?|(){}'.includes(next)) made += isExtended ? `\\${next}` : next;
      else if (next === '<' || next === '>') made += '\\b';
      else made += /[wWsSbBd1-9]/.test(next) ? `\\${next}` : literal(next);
    } else if (!isExtended && '+?|(){}'.includes(at)) made += `\\${at}`;
    else if (at === '*' && (made === '' || made === '^')) made += '\\*';
    else made += at === '/' ? '\\/' : at;
  }
  return made;
}

function bracket(text: string): readonly [string, number] {
  const found = /^\[(\^?)(\]?(?:\[:\w+:\]|[^\]])*)\]/.exec(text);
  if (found === null) return ['\\[', 1];
  const [all, negation, inner = ''] = found;
  const set = inner.replace(/\[:(\w+):\]|[\\[\]]/g, (one, name: string | undefined) =>
    name === undefined ? `\\${one}` : (CLASSES[name] ?? ''),
  );
  return [`[${negation}${set}]`, all.length];
}
