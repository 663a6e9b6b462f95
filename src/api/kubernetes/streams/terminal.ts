/**
 * api/kubernetes/streams/terminal — what a kernel's terminal does between a keyboard and a program:
 * echo, editing of the line, Ctrl-C and Ctrl-D, and carriage returns in what is printed.
 *
 * Follows termios(3) as containers get it: ICANON, ECHO, ECHOE, ISIG, ICRNL, ONLCR. There are no
 * escape sequences in it: keys that send them (arrows) are left out.
 */

/** What the terminal does with what is typed. */
export interface TerminalEnds {
  /** Shows text to the user. */
  show(text: string): void;
  /** Gives the program a line, with its line feed; or what there was of it at Ctrl-D. */
  give(text: string): void;
  /** Ctrl-D on an empty line. */
  endOfInput(): void;
  interrupt(): void;
}

const INTERRUPT = '\x03';
const END_OF_INPUT = '\x04';
const KILL_LINE = '\x15';
const ERASE_WORD = '\x17';
const ESCAPE = '\x1b';

const isErase = (key: string): boolean => key === '\x7f' || key === '\b';

/** What is printed reaches the screen with carriage returns. */
export const onScreen = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n');

export class Terminal {
  readonly #ends: TerminalEnds;
  #line: string[] = [];
  /** Inside an escape sequence: how far. */
  #escape: 'none' | 'begun' | 'bracket' = 'none';

  constructor(ends: TerminalEnds) {
    this.#ends = ends;
  }

  /** Takes what was typed. */
  type(text: string): void {
    for (const key of text) if (!this.#isOfEscape(key)) this.#key(key);
  }

  #key(key: string): void {
    if (key === '\r' || key === '\n') {
      this.#ends.show('\r\n');
      this.#ends.give(`${this.#taken()}\n`);
    } else if (key === END_OF_INPUT) {
      if (this.#line.length === 0) this.#ends.endOfInput();
      else this.#ends.give(this.#taken());
    } else if (key === INTERRUPT) {
      this.#line = [];
      this.#ends.show('^C\r\n');
      this.#ends.interrupt();
    } else if (isErase(key)) this.#erase(1);
    else if (key === KILL_LINE) this.#erase(this.#line.length);
    else if (key === ERASE_WORD) this.#erase(this.#lastWord());
    else if (key >= ' ' || key === '\t') {
      this.#line.push(key);
      this.#ends.show(key);
    }
  }

  #taken(): string {
    const line = this.#line.join('');
    this.#line = [];
    return line;
  }

  #erase(count: number): void {
    const erased = Math.min(count, this.#line.length);
    this.#line.length -= erased;
    this.#ends.show('\b \b'.repeat(erased));
  }

  #lastWord(): number {
    return /\S*\s*$/.exec(this.#line.join(''))?.[0].length ?? 0;
  }

  #isOfEscape(key: string): boolean {
    if (this.#escape === 'none') {
      if (key !== ESCAPE) return false;
      this.#escape = 'begun';
    } else if (this.#escape === 'begun') this.#escape = /[[O]/.test(key) ? 'bracket' : 'none';
    else if (/[@-~]/.test(key)) this.#escape = 'none';
    return true;
  }
}
