/**
 * formats/linux/nft-tokens — nft's text as words, strings and signs, each with its place, and a
 * reader that goes along them and says where something is wrong.
 */
import { InputError } from '../../model/input-error.ts';
import { LineTable, type SourceFile } from '../source.ts';

export interface NftToken {
  /** `end` also stands for a line's end, which ends a statement. */
  readonly kind: 'word' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly offset: number;
}

/** Blanks and comments; then what a token may be. */
const TOKEN = new RegExp(
  [
    /[ \t\r]+|\\\n|#[^\n]*/,
    /(?<end>\n|;)/,
    /"(?<string>[^"\n]*)"/,
    /(?<sign>!=|==|<<|>>|<=|>=|[{}(),=&|^!<>+])/,
    /(?<word>[^\s;"{}(),=&|^!<>+#]+)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'y',
);

/** `80:` of `80: accept` is two; `fd00::` and a lone `:` are one. */
function splitColon(text: string): readonly string[] {
  return text.length > 1 && text.endsWith(':') && !text.endsWith('::')
    ? [text.slice(0, -1), ':']
    : [text];
}

function tokensOf(source: SourceFile, places: LineTable): NftToken[] {
  const tokens: NftToken[] = [];
  for (let offset = 0; offset < source.text.length; ) {
    TOKEN.lastIndex = offset;
    const found = TOKEN.exec(source.text);
    if (found === null) {
      throw new InputError(
        `${source.path}:${places.at(offset)}`,
        `syntax error, unexpected ${source.text[offset]}`,
        'a string ends with " on its own line',
      );
    }
    const { end, string, sign, word } = found.groups!;
    if (end !== undefined) tokens.push({ kind: 'end', text: end, offset });
    else if (string !== undefined) tokens.push({ kind: 'string', text: string, offset });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, offset });
    else if (word !== undefined) {
      let at = offset;
      for (const text of splitColon(word)) {
        tokens.push({ kind: 'word', text, offset: at });
        at += text.length;
      }
    }
    offset = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', offset: source.text.length });
  return tokens;
}

/** Goes along the tokens of one file. */
export class NftReader {
  readonly #source: SourceFile;
  readonly #places: LineTable;
  readonly #tokens: readonly NftToken[];
  #at = 0;

  constructor(source: SourceFile) {
    this.#source = source;
    this.#places = new LineTable(source.text);
    this.#tokens = tokensOf(source, this.#places);
  }

  peek(ahead = 0): NftToken {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  next(): NftToken {
    const token = this.peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  get isOver(): boolean {
    return this.#at === this.#tokens.length - 1;
  }

  /** Whether these words come next; strings in quotes are no words. */
  sees(...texts: readonly string[]): boolean {
    return texts.every((text, i) => {
      const token = this.peek(i);
      return token.kind !== 'string' && token.text === text;
    });
  }

  /** Takes these words if they come next. */
  takes(...texts: readonly string[]): boolean {
    if (!this.sees(...texts)) return false;
    for (const _ of texts) this.next();
    return true;
  }

  /** Takes these words or refuses. */
  wants(...texts: readonly string[]): void {
    for (const text of texts) if (!this.takes(text)) this.refuse(`write ${text}`);
  }

  /** Takes a word: a name, an address, a number. */
  word(what: string): string {
    if (this.peek().kind !== 'word') this.refuse(`write ${what}`);
    return this.next().text;
  }

  /** Takes a string in quotes. */
  string(what: string): string {
    if (this.peek().kind !== 'string') this.refuse(`write ${what} in double quotes`);
    return this.next().text;
  }

  /** Takes a whole number, decimal or `0x…`, of at most 32 bits. */
  number(what: string): number {
    const token = this.peek();
    const number = /^(0x[0-9a-f]{1,8}|\d{1,15})$/i.test(token.text) ? Number(token.text) : NaN;
    if (token.kind !== 'word' || !(number <= 0xffffffff)) this.refuse(`write ${what}, a number`);
    this.next();
    return number;
  }

  skipEnds(): void {
    while (this.peek().kind === 'end' && !this.isOver) this.#at++;
  }

  /** The token that comes next cannot stand there. */
  refuse(hint: string, token: NftToken = this.peek()): never {
    const seen =
      token.kind !== 'end'
        ? token.kind === 'string'
          ? 'string'
          : token.text
        : token.text === ''
          ? 'end of file'
          : token.text === ';'
            ? 'semicolon'
            : 'newline';
    this.wrong(`syntax error, unexpected ${seen}`, hint, token);
  }

  wrong(problem: string, hint: string, token: NftToken = this.peek()): never {
    const where = `${this.#source.path}:${this.#places.at(token.offset)}`;
    throw new InputError(where, problem, hint);
  }
}
