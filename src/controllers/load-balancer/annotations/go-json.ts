/**
 * controllers/load-balancer/annotations/go-json — JSON read as Go's encoding/json scans it, with its
 * errors: `invalid character '}' looking for beginning of object key string`.
 *
 * Upstream: Go's encoding/json scanner.go.
 */
import { BuildError } from '../build-error.ts';
import { quoted } from './go-literals.ts';

export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** As written: whether it fits is decided by what it is read into. */
  | { readonly kind: 'number'; readonly literal: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonNode])[] };

/** @throws BuildError  with Go's text of the first character that cannot stand where it stands */
export function parseGoJson(text: string): JsonNode {
  const scanner = new Scanner(text);
  const node = scanner.value();
  scanner.end();
  return node;
}

/** Go scans bytes: of a longer character it names the first byte. */
function firstByte(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x80) return character;
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6));
  return String.fromCharCode(code < 0x10000 ? 0xe0 | (code >> 12) : 0xf0 | (code >> 18));
}

function characterText(character: string): string {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  return `'${quoted(firstByte(character)).slice(1, -1)}'`;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): JsonNode {
    this.#blank();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return { kind: 'string', value: this.#string() };
    if (first === 't') return this.#literal('true', { kind: 'bool', value: true });
    if (first === 'f') return this.#literal('false', { kind: 'bool', value: false });
    if (first === 'n') return this.#literal('null', { kind: 'null' });
    if (first === '-' || (first !== undefined && /[0-9]/.test(first))) return this.#number();
    throw this.#unexpected('looking for beginning of value');
  }

  end(): void {
    this.#blank();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
  }

  #blank(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #unexpected(where: string): BuildError {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new BuildError('unexpected end of JSON input');
    return new BuildError(
      `invalid character ${characterText(String.fromCodePoint(code))} ${where}`,
    );
  }

  /** Takes `character`, or says what else stood `where`. */
  #take(character: string, where: string): void {
    if (this.#text[this.#at] !== character) throw this.#unexpected(where);
    this.#at++;
  }

  #object(): JsonNode {
    const entries: (readonly [string, JsonNode])[] = [];
    this.#at++;
    this.#blank();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return { kind: 'object', entries };
    }
    for (;;) {
      this.#blank();
      if (this.#text[this.#at] !== '"') {
        throw this.#unexpected('looking for beginning of object key string');
      }
      const key = this.#string();
      this.#blank();
      this.#take(':', 'after object key');
      entries.push([key, this.value()]);
      this.#blank();
      if (this.#text[this.#at] === '}') break;
      this.#take(',', 'after object key:value pair');
    }
    this.#at++;
    return { kind: 'object', entries };
  }

  #array(): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    this.#blank();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return { kind: 'array', items };
    }
    for (;;) {
      items.push(this.value());
      this.#blank();
      if (this.#text[this.#at] === ']') break;
      this.#take(',', 'after array element');
    }
    this.#at++;
    return { kind: 'array', items };
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#unexpected('in string literal');
      if (character === '"') break;
      if (character < ' ') throw this.#unexpected('in string literal');
      this.#at++;
      if (character === '\\') this.#escape();
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #escape(): void {
    const kind = this.#text[this.#at];
    if (kind === undefined || !/["\\/bfnrtu]/.test(kind)) {
      throw this.#unexpected('in string escape code');
    }
    this.#at++;
    if (kind !== 'u') return;
    for (let i = 0; i < 4; i++) {
      if (!/[0-9A-Fa-f]/.test(this.#text[this.#at] ?? '')) {
        throw this.#unexpected('in \\u hexadecimal character escape');
      }
      this.#at++;
    }
  }

  #literal(word: string, node: JsonNode): JsonNode {
    for (let i = 0; i < word.length; i++) {
      const expected = word[i]!;
      this.#take(expected, `in literal ${word} (expecting '${expected}')`);
    }
    return node;
  }

  #digits(where: string): void {
    if (!/[0-9]/.test(this.#text[this.#at] ?? '')) throw this.#unexpected(where);
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #number(): JsonNode {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
    return { kind: 'number', literal: this.#text.slice(start, this.#at) };
  }
}
