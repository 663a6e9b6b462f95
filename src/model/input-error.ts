/** model/input-error — a user's mistake, told so that the user can mend it. */

/** Where in the user's input: `file:line:column`, a flag, a resource. */
export type Where = string;

/**
 * One mistake in what the user gave.
 *
 * `problem` says what is wrong, in the words upstream uses where upstream has words for it; `hint`
 * says what to write instead. The CLI prints the three on three lines and exits 2.
 */
export class InputError extends Error {
  readonly where: Where;
  readonly problem: string;
  readonly hint: string;

  constructor(where: Where, problem: string, hint: string) {
    super(`${where}: ${problem}\n  hint: ${hint}`);
    this.name = 'InputError';
    this.where = where;
    this.problem = problem;
    this.hint = hint;
  }
}

/** Something the user should know that stops nothing: declared-not-simulated, kept-as-is. */
export interface Note {
  readonly where: Where;
  readonly text: string;
}
