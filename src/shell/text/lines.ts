/** shell/text/lines — the text of the files a program names, or of its standard input. */
import { resolvePath } from '../files/file-system.ts';
import { type Run, readAll } from '../run.ts';

export interface NamedText {
  /** As it was written; `-` and nothing is standard input. */
  readonly name: string;
  readonly text: string;
}

/** What the kubelet and the kernel make is there; what images bring is not, and that is said. */
const KNOWN = /^\/(etc\/(hosts|hostname|resolv\.conf)|proc|sys|tmp|var\/run\/secrets)/;

/** Texts in order; a file that cannot be read is complained about. */
export async function textsOf(
  run: Run,
  files: readonly string[],
): Promise<{ readonly texts: readonly NamedText[]; readonly isWhole: boolean }> {
  const texts: NamedText[] = [];
  let isWhole = true;
  for (const name of files.length === 0 ? ['-'] : files) {
    if (name === '-' || name === '/dev/stdin') {
      texts.push({ name: '(standard input)', text: await readAll(run) });
      continue;
    }
    const path = resolvePath(run.cwd, name);
    const read = run.files.read(path);
    if (typeof read === 'string') {
      isWhole = false;
      run.err(`${run.name}: ${name}: ${read}\n`);
      if (read.startsWith('No such') && !KNOWN.test(path))
        run.err('ekstwin: the files that an image brings are not simulated\n');
    } else texts.push({ name, text: read.text });
  }
  return { texts, isWhole };
}

/** Lines without their ends. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
