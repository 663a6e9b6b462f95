/**
 * test/ekstwin-command — runs `ekstwin …` lines as a user would: the built command in a process of
 * its own. Builds dist/ first when the source is newer, so that no test runs yesterday's code.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const BUILT = join(ROOT, 'dist', 'cli', 'main.js');
/** EKSTWIN_BIN tests another build, such as an installed package. */
export const EKSTWIN = process.env.EKSTWIN_BIN ?? BUILT;
/** Made by whoever builds: two test files may want to at once. */
const LOCK = join(ROOT, 'node_modules', '.ekstwin-build');
const BUILD_SECONDS_MAX = 120;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface Outcome {
  readonly status: number;
  /** Standard output, then `[stderr]` and standard error if there was any. */
  readonly text: string;
}

const newest = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .reduce((at, file) => Math.max(at, statSync(join(folder, file)).mtimeMs), 0);

const isStale = (): boolean =>
  !existsSync(BUILT) || statSync(BUILT).mtimeMs < newest(join(ROOT, 'src'));

const pauseMs = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** Builds dist/ unless it is newer than src/; waits while another process does. */
export function ensureBuilt(): void {
  if (EKSTWIN !== BUILT) return;
  for (let waitedSeconds = 0; waitedSeconds < BUILD_SECONDS_MAX; waitedSeconds += 0.5) {
    try {
      mkdirSync(LOCK);
    } catch {
      pauseMs(500);
      continue;
    }
    try {
      if (isStale()) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT });
    } finally {
      rmdirSync(LOCK);
    }
    return;
  }
  throw new Error(`${LOCK} is held for ${BUILD_SECONDS_MAX} s; remove it if no build is running`);
}

/** The words of a command line; quotes keep spaces together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

const outcomes = new Map<string, Outcome>();

/** Runs one line in a folder; the same line again is answered from the first time. */
export function run(line: string, folder: string): Outcome {
  const key = `${folder} ${line}`;
  const known = outcomes.get(key);
  if (known !== undefined) return known;
  const outcome = runNow(line, folder);
  outcomes.set(key, outcome);
  return outcome;
}

function runNow(line: string, folder: string): Outcome {
  const [program, ...words] = wordsOf(line);
  if (program !== 'ekstwin') throw new Error(`"${line}" does not start with ekstwin`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [EKSTWIN, ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { status: status ?? -1, text: stderr === '' ? stdout : `${stdout}[stderr]\n${stderr}` };
}
