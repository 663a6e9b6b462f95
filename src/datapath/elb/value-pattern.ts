/**
 * datapath/elb/value-pattern — what a value of a rule's condition matches: text with `*` (any
 * characters, or none) and `?` (exactly one), or a regular expression.
 *
 * Source: Application Load Balancers, "Condition types for listener rules".
 */

export type Matcher = (text: string) => boolean;

const SPECIAL = /[.+^${}()|[\]\\/-]/g;

/** Text with wildcards. `isCaseless`: hosts, header values and query strings; not paths. */
export function wildcardMatcher(pattern: string, isCaseless: boolean): Matcher {
  if (!/[*?]/.test(pattern)) {
    if (!isCaseless) return (text) => text === pattern;
    const wanted = pattern.toLowerCase();
    return (text) => text.toLowerCase() === wanted;
  }
  const source = pattern
    .replace(SPECIAL, '\\$&')
    .replace(/\*+/g, '[\\s\\S]*')
    .replaceAll('?', '[\\s\\S]');
  const expression = new RegExp(`^${source}$`, isCaseless ? 'i' : '');
  return (text) => expression.test(text);
}

/**
 * A regular expression, found anywhere unless it is anchored; undefined: it is none that can be
 * read here. AWS's dialect has no look-around, which JavaScript's reads as it is.
 */
export function regexMatcher(pattern: string, isCaseless: boolean): Matcher | undefined {
  try {
    const expression = new RegExp(pattern, isCaseless ? 'i' : '');
    return (text) => expression.test(text);
  } catch {
    return undefined;
  }
}
