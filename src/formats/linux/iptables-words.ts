/**
 * formats/linux/iptables-words — a line of iptables-save split into words, as iptables-restore
 * does: by spaces, with double quotes and backslashes, each with its place.
 */
import { InputError } from '../../model/input-error.ts';

export interface Word {
  readonly text: string;
  /** `file:line:column`. */
  readonly where: string;
}

/** The words of one line. */
export function wordsOf(line: string, file: string, lineNumber: number): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (line[at] === ' ' || line[at] === '\t') {
      at++;
      continue;
    }
    const where = `${file}:${lineNumber}:${at + 1}`;
    let text = '';
    let isQuoted = false;
    for (; at < line.length; at++) {
      const letter = line[at]!;
      if (letter === '\\' && isQuoted && at + 1 < line.length) text += line[++at];
      else if (letter === '"') isQuoted = !isQuoted;
      else if (!isQuoted && (letter === ' ' || letter === '\t')) break;
      else text += letter;
    }
    if (isQuoted) throw new InputError(where, 'a quote that is not closed', 'end the text with "');
    words.push({ text, where });
  }
  return words;
}

/** Reads words one after the other. */
export class WordReader {
  readonly #words: readonly Word[];
  readonly #end: string;
  #at = 0;

  constructor(words: readonly Word[], end: string) {
    this.#words = words;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }

  /** The next word, or one after it, not taken. */
  peek(ahead = 0): string | undefined {
    return this.#words[this.#at + ahead]?.text;
  }

  /** Takes the next word if it is this one. */
  takeIf(text: string): boolean {
    if (this.peek() !== text) return false;
    this.#at++;
    return true;
  }

  /** Takes the next word; `what` names it where there is none. */
  take(what: string): Word {
    const word = this.#words[this.#at];
    if (word === undefined) {
      throw new InputError(this.#end, `${what} is missing`, `write ${what} here`);
    }
    this.#at++;
    return word;
  }
}

/** A mistake at a word. */
export const mistake = ({ where }: Word, problem: string, hint: string): InputError =>
  new InputError(where, problem, hint);
