/** shell/script/leave — the state of a shell, and what leaves a part of a script before its end. */
import type { Command } from './syntax.ts';

export interface ShellState {
  readonly name: string;
  variables: Map<string, string>;
  exported: Set<string>;
  functions: Map<string, Command>;
  /** `e`, `u`, `x`, `pipefail`. */
  options: Set<string>;
  positional: readonly string[];
  cwd: string;
  status: number;
  /** Of the last `$(…)` of a command. */
  captured: number;
}

/** `break`, `continue`, `return`, `exit` on their way out. */
export class Leave extends Error {
  readonly how: 'break' | 'continue' | 'return' | 'exit';
  readonly status: number;
  levels: number;

  constructor(how: Leave['how'], status: number, levels = 1) {
    super(how);
    this.how = how;
    this.status = status;
    this.levels = levels;
  }
}
