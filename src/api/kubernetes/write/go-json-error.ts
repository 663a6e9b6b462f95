/**
 * api/kubernetes/write/go-json-error — what Go's decoder says of a text that is not JSON. kubectl
 * prints it as it comes.
 *
 * Upstream: golang/go src/encoding/json/scanner.go.
 */

const QUOTED: Readonly<Record<string, string>> = { "'": "'\\''", '"': `'"'` };

const charText = (character: string): string =>
  QUOTED[character] ??
  (character < ' ' ? `'${JSON.stringify(character).slice(1, -1)}'` : `'${character}'`);

const END = 'unexpected end of JSON input';

/** A reader that stops at the first character Go would stop at. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The complaint, or undefined for JSON. */
  scan(): string | undefined {
    const wrong = this.#value();
    if (wrong !== undefined) return wrong;
    this.#skipSpace();
    return this.#at < this.#text.length ? this.#invalid('after top-level value') : undefined;
  }

  #invalid(context: string): string {
    const character = this.#text[this.#at];
    return character === undefined ? END : `invalid character ${charText(character)} ${context}`;
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #value(): string | undefined {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === '{') return this.#members('}', 'object key:value pair');
    if (character === '[') return this.#members(']', 'array element');
    if (character === '"') return this.#string();
    if (character === 't') return this.#word('true');
    if (character === 'f') return this.#word('false');
    if (character === 'n') return this.#word('null');
    return this.#number();
  }

  #members(close: '}' | ']', what: string): string | undefined {
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return undefined;
    }
    for (;;) {
      const wrong = close === '}' ? this.#pair() : this.#value();
      if (wrong !== undefined) return wrong;
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== ',' && next !== close) return this.#invalid(`after ${what}`);
      this.#at++;
      if (next === close) return undefined;
    }
  }

  #pair(): string | undefined {
    this.#skipSpace();
    if (this.#text[this.#at] !== '"')
      return this.#invalid('looking for beginning of object key string');
    const wrong = this.#string();
    if (wrong !== undefined) return wrong;
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') return this.#invalid('after object key');
    this.#at++;
    return this.#value();
  }

  #string(): string | undefined {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (character === '"') {
        this.#at++;
        return undefined;
      }
      if (character < ' ') return this.#invalid('in string literal');
      if (character !== '\\') continue;
      this.#at++;
      const escaped = this.#text[this.#at];
      if (escaped === 'u') {
        for (let i = 0; i < 4; i++) {
          this.#at++;
          if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
            return this.#invalid('in \\u hexadecimal character escape');
        }
      } else if (!/["\\/bfnrt]/.test(escaped ?? '')) return this.#invalid('in string escape code');
    }
    return END;
  }

  #word(word: string): string | undefined {
    for (const [i, expected] of [...word].entries()) {
      if (this.#text[this.#at] === expected) this.#at++;
      else if (i > 0) return this.#invalid(`in literal ${word} (expecting '${expected}')`);
    }
    return undefined;
  }

  #number(): string | undefined {
    const rest = this.#text.slice(this.#at);
    const found = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest);
    if (found !== null) {
      this.#at += found[0].length;
      return undefined;
    }
    if (rest.startsWith('-')) {
      this.#at++;
      return this.#invalid('in numeric literal');
    }
    return this.#invalid('looking for beginning of value');
  }
}

/** What Go says of a text that JSON.parse refuses. */
export const goJsonError = (text: string): string => new Scanner(text).scan() ?? END;
