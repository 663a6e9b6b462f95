/**
 * datapath/dns/go-pattern — a regular expression of a Corefile as JavaScript may run it. Go's
 * never takes longer than the text is long (RE2); one whose repeats stand in repeats could run for
 * ever here, and is not run.
 *
 * Upstream: golang/go@go1.23 src/regexp/syntax/doc.go.
 */

export type GoPattern =
  | { readonly kind: 'pattern'; readonly expression: RegExp }
  /** Go refuses it, and so CoreDNS does not start. */
  | { readonly kind: 'invalid' }
  /** Go takes it; what it matches is not known here. */
  | { readonly kind: 'not-simulated' };

const INVALID: GoPattern = { kind: 'invalid' };
const NOT_SIMULATED: GoPattern = { kind: 'not-simulated' };

/** Look-around and back references, which Go does not have. */
const NOT_OF_GO = /\(\?(?:=|!|<=|<!)|\\[1-9]/;
/** A repeat of a group that repeats or chooses inside. */
const NESTED_REPEAT = /(?:[*+}]\??|\|[^()]*)\)+[*+{]/;
/** Flags for the whole pattern that JavaScript has too. */
const LEADING_FLAGS = /^\(\?([ims]+)\)/;
/** Flags further in or turned off, classes by name, `\Q…\E`, `\C`. */
const ONLY_GO = /\(\?[a-zA-Z-]+[):]|\[\[:|\\[pPQC]/;

/** Reads a pattern as Go does. */
export function goPattern(text: string): GoPattern {
  const flags = LEADING_FLAGS.exec(text)?.[1] ?? '';
  const rest = text.replace(LEADING_FLAGS, '').replaceAll('(?P<', '(?<');
  const plain = rest.replaceAll('\\A', '^').replaceAll('\\z', '$');
  if (NOT_OF_GO.test(plain)) return INVALID;
  if (ONLY_GO.test(plain)) return NOT_SIMULATED;
  try {
    const expression = new RegExp(plain, [...new Set(flags)].join(''));
    return NESTED_REPEAT.test(plain) ? NOT_SIMULATED : { kind: 'pattern', expression };
  } catch {
    return INVALID;
  }
}
