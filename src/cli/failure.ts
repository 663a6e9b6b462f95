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
  const refused = refusedByDisk(failure);
  if (refused !== undefined) return reportFailure(refused);
  const text = failure instanceof Error ? failure.message : String(failure);
  console.error(`ekstwin: ${text}\n  This is a bug in ekstwin. EKSTWIN_DEBUG=1 shows where.`);
  if (process.env.EKSTWIN_DEBUG === '1') console.error(failure);
  return FAILED;
}

/** What the operating system says of a path, and what to do about it. */
const DISK_ANSWERS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  EACCES: ['permission denied', 'check who may read or write it'],
  EPERM: ['the operation is not permitted', 'check who may read or write it'],
  ENOENT: ['no such file or folder', 'check the path'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'check the path'],
  EISDIR: ['is a folder', 'name a file'],
  EROFS: ['the file system is read-only', 'name a folder that can be written to'],
  ENAMETOOLONG: ['the name is too long', 'name it shorter'],
  ELOOP: ['symbolic links go round in a circle', 'name what they should point to'],
  ENOSPC: ['the disk is full', 'make room, or name a folder on another disk'],
  ERR_STRING_TOO_LONG: ['the file is too large to be one text', 'split it into several files'],
  ERR_FS_FILE_TOO_LARGE: ['the file is too large', 'split it into several files'],
};

/** What the operating system refused, told as a mistake in the path; undefined if it is no such. */
function refusedByDisk(failure: unknown): InputError | undefined {
  const { code, path } = (failure ?? {}) as NodeJS.ErrnoException;
  const answer = code === undefined ? undefined : DISK_ANSWERS[code];
  return answer && new InputError(path ?? 'a file', ...answer);
}
