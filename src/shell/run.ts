/**
 * shell/run — one program under way: its words, its streams, its surroundings. Programs are
 * functions of this and of nothing else.
 */
import type { FileSystem } from './files/file-system.ts';
import type { Host } from './host.ts';
import type { Patience } from './patience.ts';

/** Standard input of one program. */
export interface Input {
  readonly isTerminal: boolean;
  /** The next piece; undefined at its end. */
  read(): Promise<string | undefined>;
}

/** Where a program reads and writes. */
export interface Streams {
  readonly input: Input;
  out(text: string): void;
  err(text: string): void;
  /** Standard output is what a person sees, not a file or a pipe. */
  readonly isOutputTerminal: boolean;
}

/** What a shell hands to the programs that it starts. */
export interface Surroundings {
  readonly host: Host;
  readonly files: FileSystem;
  readonly env: ReadonlyMap<string, string>;
  /** The working directory. */
  readonly cwd: string;
  readonly columns: number;
  readonly patience: Patience;
}

export interface Run extends Surroundings, Streams {
  /** As it was called. */
  readonly name: string;
  readonly args: readonly string[];
  /** Whether there is such a program here. */
  knows(name: string): boolean;
  /** Runs another program with some of this one's surroundings changed. */
  start(argv: readonly string[], changed?: Partial<Surroundings & Streams>): Promise<number>;
}

/** Gives the exit status. */
export type Program = (run: Run) => Promise<number> | number;

/** Nothing to read. */
export const NO_INPUT: Input = { isTerminal: false, read: async () => undefined };

/** A text to read. */
export function inputOf(text: string): Input {
  let left: string | undefined = text === '' ? undefined : text;
  return {
    isTerminal: false,
    read: async () => {
      const given = left;
      left = undefined;
      return given;
    },
  };
}

/** All of standard input, whatever it takes. */
export async function readAll({ input, patience }: Pick<Run, 'input' | 'patience'>) {
  let all = '';
  for (;;) {
    const piece = await patience.whileThere(input.read());
    if (piece === undefined) return all;
    all += piece;
  }
}
