/** cli/failure — how a failure is told: three lines for a user's mistake, one for our bug. */
import { CommanderError } from 'commander';
import colors from 'picocolors';
import { InputError } from '../model/input-error.ts';

/** Colour only where a person looks: stderr is a terminal, and NO_COLOR is not set. */
const paint = colors.createColors(process.stderr.isTTY === true && !process.env.NO_COLOR);

/** Exit statuses, as `--help` promises them. */
const WRONG_INPUT = 2;
const FAILED = 1;

/** Prints what happened on stderr and returns the exit status. */
export function reportFailure(failure: unknown): number {
  if (failure instanceof CommanderError) {
    // Commander has printed it. Help and version are not failures.
    return failure.exitCode === 0 ? 0 : WRONG_INPUT;
  }
  if (failure instanceof InputError) {
    const { red, bold, cyan } = paint;
    console.error(
      `${bold(`ekstwin: ${failure.where}`)}\n  ${red(failure.problem)}\n  ${cyan('hint:')} ${failure.hint}`,
    );
    return WRONG_INPUT;
  }
  if ((failure as NodeJS.ErrnoException)?.code === 'EPIPE') return 0;
  const text = failure instanceof Error ? failure.message : String(failure);
  console.error(`ekstwin: ${text}\n  This is a bug in ekstwin. EKSTWIN_DEBUG=1 shows where.`);
  if (process.env.EKSTWIN_DEBUG === '1') console.error(failure);
  return FAILED;
}
