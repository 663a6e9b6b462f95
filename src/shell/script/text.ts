/** shell/script/text — a script being read, character by character. */
import { type List, ScriptError } from './syntax.ts';

/** More than any script somebody wrote; a deeper one is made to break the reader. */
const DEPTH_MAX = 60;

export type ReadList = (text: Text) => List;

export class Text {
  readonly source: string;
  readonly #read: ReadList;
  readonly #depth: number;
  #inside = 0;
  at = 0;
  /** Here-documents whose bodies begin on the next line. */
  readonly awaited: ((body: () => string | undefined) => void)[] = [];

  constructor(source: string, read: ReadList, depth = 0) {
    if (depth > DEPTH_MAX) throw new ScriptError('syntax error: nested too deeply');
    this.source = source;
    this.#read = read;
    this.#depth = depth;
  }

  /** Reads a part inside a part. @throws ScriptError where that goes too deep */
  nested<Part>(read: () => Part): Part {
    if (++this.#inside > DEPTH_MAX) throw new ScriptError('syntax error: nested too deeply');
    const part = read();
    this.#inside--;
    return part;
  }

  /** Empty at the end. */
  peek(ahead = 0): string {
    return this.source[this.at + ahead] ?? '';
  }

  next(): string {
    return this.source[this.at++] ?? '';
  }

  startsWith(words: string): boolean {
    return this.source.startsWith(words, this.at);
  }

  /** The list that begins here, one level deeper. */
  parseList(text: Text): List {
    const inner = new Text(this.source, this.#read, this.#depth + 1);
    inner.at = text.at;
    const list = this.#read(inner);
    text.at = inner.at;
    return list;
  }

  /** A script that is a part of another one, as text. */
  parseWhole(source: string): List {
    const inner = this.over(source);
    const list = this.#read(inner);
    if (inner.peek() !== '') throw new ScriptError(`syntax error: "${inner.peek()}" unexpected`);
    return list;
  }

  over(source: string): Text {
    return new Text(source, this.#read, this.#depth + 1);
  }
}
