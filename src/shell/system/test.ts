/** shell/system/test — `test` and `[`: strings, numbers, files. */
import { resolvePath } from '../files/file-system.ts';
import type { Run } from '../run.ts';

class Wrong extends Error {}

const UNARY = ['-n', '-z', '-e', '-f', '-d', '-r', '-w', '-x', '-s', '-L', '-h', '-t'];
const DEPTH_MAX = 100;

/** 0 true, 1 false, 2 it is no expression. */
export function test(run: Run): number {
  const words = [...run.args];
  if (run.name === '[' && words.pop() !== ']') {
    run.err('[: missing ]\n');
    return 2;
  }
  try {
    const reader = new Reader(run, words);
    return words.length === 0 ? 1 : Number(!reader.whole());
  } catch (wrong) {
    if (!(wrong instanceof Wrong)) throw wrong;
    run.err(`${run.name}: ${wrong.message}\n`);
    return 2;
  }
}

class Reader {
  readonly #run: Run;
  readonly #words: readonly string[];
  #at = 0;

  constructor(run: Run, words: readonly string[]) {
    this.#run = run;
    this.#words = words;
  }

  whole(): boolean {
    const value = this.#either(0);
    if (this.#at < this.#words.length)
      throw new Wrong(`${this.#words[this.#at]}: unexpected operator`);
    return value;
  }

  #either(depth: number): boolean {
    if (depth > DEPTH_MAX) throw new Wrong('nested too deeply');
    let value = this.#both(depth);
    while (this.#words[this.#at] === '-o') {
      this.#at++;
      value = this.#both(depth) || value;
    }
    return value;
  }

  #both(depth: number): boolean {
    let value = this.#one(depth);
    while (this.#words[this.#at] === '-a') {
      this.#at++;
      value = this.#one(depth) && value;
    }
    return value;
  }

  #one(depth: number): boolean {
    const [word, next, last] = this.#words.slice(this.#at, this.#at + 3);
    if (word === undefined) throw new Wrong('argument expected');
    if (next !== undefined && last !== undefined && isBinary(next)) {
      this.#at += 3;
      return compared(word, next, last);
    }
    if (word === '!' && next !== undefined) {
      this.#at++;
      if (depth > DEPTH_MAX) throw new Wrong('nested too deeply');
      return !this.#one(depth + 1);
    }
    if (word === '(' && next !== undefined) {
      this.#at++;
      const value = this.#either(depth + 1);
      if (this.#words[this.#at++] !== ')') throw new Wrong('closing paren expected');
      return value;
    }
    if (UNARY.includes(word) && next !== undefined) {
      this.#at += 2;
      return this.#unary(word, next);
    }
    this.#at++;
    return word !== '';
  }

  #unary(operator: string, text: string): boolean {
    const { files, cwd, isOutputTerminal } = this.#run;
    if (operator === '-n') return text !== '';
    if (operator === '-z') return text === '';
    if (operator === '-t') return isOutputTerminal;
    const path = resolvePath(cwd, text);
    if (operator === '-d') return files.isFolder(path);
    if (operator === '-f') return files.exists(path) && !files.isFolder(path);
    if (operator === '-L' || operator === '-h') return false;
    if (operator !== '-s') return files.exists(path);
    const read = files.read(path);
    return typeof read !== 'string' && read.text !== '';
  }
}

const isBinary = (word: string): boolean => /^(=|==|!=|<|>|-(eq|ne|lt|le|gt|ge))$/.test(word);

function compared(a: string, operator: string, b: string): boolean {
  if (operator === '=' || operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  const [x, y] = [a, b].map((text) => {
    if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Wrong(`Illegal number: ${text}`);
    return Number(text);
  }) as [number, number];
  switch (operator) {
    case '-eq':
      return x === y;
    case '-ne':
      return x !== y;
    case '-lt':
      return x < y;
    case '-le':
      return x <= y;
    case '-gt':
      return x > y;
    default:
      return x >= y;
  }
}
