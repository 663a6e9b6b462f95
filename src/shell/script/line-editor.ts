/**
 * shell/script/line-editor — lines from a person at a terminal in raw mode: what is typed is
 * echoed, backspace and Ctrl-U rub out, the arrows bring back earlier lines, Ctrl-C and Ctrl-D end.
 */
import { Interrupted } from '../patience.ts';
import type { Input, Run } from '../run.ts';

export interface Line {
  readonly text: string;
  /** Ctrl-C. */
  readonly isInterrupted: boolean;
}

const LINE_MAX = 100_000;
const HISTORY_MAX = 200;
const ESC = '\x1b';
const ESCAPE = new RegExp(`^${ESC}(\\[[0-9;]*[A-Za-z~]|O[A-Z]|.)`);

/** Also the standard input of what runs meanwhile: lines, echoed. */
export class LineEditor implements Input {
  readonly isTerminal = true;
  readonly #run: Run;
  readonly #history: string[] = [];
  #typed = '';
  #isEnded = false;

  constructor(run: Run) {
    this.#run = run;
  }

  async read(): Promise<string | undefined> {
    const line = await this.line('');
    if (line?.isInterrupted === true) throw new Interrupted();
    return line === undefined ? undefined : `${line.text}\n`;
  }

  /** undefined: the input has ended, or Ctrl-D on an empty line. */
  async line(prompt: string): Promise<Line | undefined> {
    const { out } = this.#run;
    out(prompt);
    let text = '';
    let recalled = this.#history.length;
    const show = (next: string): void => {
      out(`\r\x1b[K${prompt}${next}`);
      text = next;
    };
    for (;;) {
      const key = await this.#key();
      if (key === undefined || (key === '\x04' && text === '')) return undefined;
      if (key === '\x03') {
        out('^C\n');
        return { text: '', isInterrupted: true };
      }
      if (key === '\r' || key === '\n') {
        out('\n');
        if (text.trim() !== '' && prompt !== '') this.#history.push(text);
        if (this.#history.length > HISTORY_MAX) this.#history.shift();
        return { text, isInterrupted: false };
      }
      if (key === '\x7f' || key === '\b') {
        if (text !== '') show([...text].slice(0, -1).join(''));
      } else if (key === '\x15') show('');
      else if (key === '\x17') show(text.replace(/\S*\s*$/, ''));
      else if (key === '\x1b[A' || key === '\x1b[B') {
        recalled += key === '\x1b[A' ? -1 : 1;
        recalled = Math.max(0, Math.min(this.#history.length, recalled));
        show(this.#history[recalled] ?? '');
      } else if (key >= ' ' && text.length < LINE_MAX) {
        out(key);
        text += key;
      }
    }
  }

  async #key(): Promise<string | undefined> {
    if (this.#typed === '') {
      if (this.#isEnded) return undefined;
      const piece = await this.#run.patience.whileThere(this.#run.input.read());
      if (piece === undefined) {
        this.#isEnded = true;
        return undefined;
      }
      this.#typed = piece.replaceAll('\r\n', '\n');
      if (this.#typed === '') return '';
    }
    const sequence = ESCAPE.exec(this.#typed)?.[0];
    const key = sequence ?? [...this.#typed.slice(0, 2)][0] ?? '';
    this.#typed = this.#typed.slice(key.length);
    return key;
  }
}
