/**
 * test/wire/steps — what people type at a twin that `ekstwin up` serves, in order, and what it has
 * to print: a table of lines of bash becomes one test a line.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { EKSTWIN } from '../ekstwin-command.ts';
import { type Ran, ServedTwin } from '../served-twin.ts';
import type { Tool } from './tools.ts';

export interface Step {
  /** A line of bash; what earlier steps kept are its variables. */
  readonly run: string;
  /** On either stream; absent: anything. */
  readonly prints?: RegExp;
  /** The exit status; 0 unless said. */
  readonly status?: number;
  /** Refused by AWS: what aws then exits with is its generation's. */
  readonly isRefused?: true;
  /** Asked again until it prints so: what controllers do takes a moment. */
  readonly polls?: true;
  /** Versions of the tool from which there is such a command: `1.24`. */
  readonly since?: number;
  /** What older ones do instead. */
  readonly older?: { readonly prints: RegExp; readonly status: number };
  /** Keeps standard output for later steps, as the variable of this name. */
  readonly keep?: string;
  /** Run by every tool there is, where others' tables are run by the first only. */
  readonly isEvery?: true;
}

const POLL_MS = 250;
const POLLS = 60;
const LASTS_AT_MOST_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** What aws exits with when the service refuses: the first generation and the second. */
const REFUSED = { first: 255, second: 254 } as const;

/** A twin that is up, and a shell set up by `eval "$(ekstwin env)"`, with a home of its own. */
export class ServedShell {
  readonly served = new ServedTwin(EKSTWIN);
  readonly #home = join(this.served.folder, 'home');
  #env: Record<string, string | undefined> = {};
  readonly #kept: Record<string, string> = {};

  async start(args: readonly string[], files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.#home, name)), { recursive: true });
      writeFileSync(join(this.#home, name), text);
    }
    await this.served.start(args.map((arg) => (arg in files ? join(this.#home, arg) : arg)));
    const settings = { AWS_PAGER: '', AWS_MAX_ATTEMPTS: '1', COLUMNS: '200', LC_ALL: 'C.UTF-8' };
    // kubectl leaves the drafts of edits that were refused in TMPDIR.
    const homes = { HOME: this.#home, TMPDIR: this.#home };
    const own = { ...process.env, ...this.served.env, ...settings, ...homes };
    this.#env = { ...own, AWS_PROFILE: undefined, NO_COLOR: '1' };
    const ekstwin = `'${process.execPath}' '${EKSTWIN}'`;
    const { stdout } = await this.run(`eval "$(${ekstwin} env)" && env -0`);
    const set = stdout.split('\0').map((line) => [line.split('=', 1)[0]!, line] as const);
    this.#env = Object.fromEntries(set.map(([name, line]) => [name, line.slice(name.length + 1)]));
  }

  /** Runs a line of bash; the tool is what its name finds on PATH. */
  run(line: string, tool?: Tool): Promise<Ran> {
    const [shim, ...rest] = (this.#env.PATH ?? '').split(':');
    const path = tool === undefined ? [shim, ...rest] : [shim, dirname(tool.path), ...rest];
    const env = { ...this.#env, PATH: path.join(':'), ...this.#kept };
    const options = { timeout: LASTS_AT_MOST_MS, maxBuffer: OUTPUT_BYTES_MAX };
    return new Promise((resolve) => {
      const child = execFile(
        'bash',
        ['-c', line],
        { ...options, env, cwd: this.#home },
        (error, stdout, stderr) => {
          const code = (error as { code?: unknown } | null)?.code;
          const failed = typeof code === 'number' ? code : -1;
          resolve({ status: error === null ? 0 : failed, stdout, stderr });
        },
      );
      child.stdin?.end();
    });
  }

  keep(name: string, value: string): void {
    this.#kept[name] = value;
  }

  dispose(): Promise<void> {
    return this.served.dispose();
  }
}

const isNewer = (version: string, since: number): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || minor >= Number(String(since).split('.')[1]);
};

/** The step as this version runs it; undefined: not at all. */
function stepFor(version: string, step: Step): Step | undefined {
  if (step.since === undefined || isNewer(version, step.since)) return step;
  return step.older && { ...step, ...step.older };
}

/** A test for every step that the tool knows. */
export function testSteps(steps: readonly Step[], tool: Tool, shell: () => ServedShell): void {
  const refused = tool.version.startsWith('1.') ? REFUSED.first : REFUSED.second;
  const known = steps.flatMap((step) => stepFor(tool.version, step) ?? []);
  // Not test.each: it cuts titles, and the line is what tells a step from the next.
  for (const { run, prints = /(?:)/, status = 0, polls, keep, isRefused } of known) {
    test(run, { timeout: 2 * LASTS_AT_MOST_MS }, async () => {
      const wanted = isRefused === true ? refused : status;
      const ask = (): Promise<Ran> => shell().run(run, tool);
      const isRight = (it: Ran): boolean =>
        it.status === wanted && prints.test(`${it.stdout}${it.stderr}`);
      let ran = await ask();
      for (let i = 0; polls === true && i < POLLS && !isRight(ran); i++) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        ran = await ask();
      }
      const { stdout, stderr } = ran;
      expect(`${stdout}${stderr}`).toMatch(prints);
      expect(ran.status, `${stdout}${stderr}`).toBe(wanted);
      if (keep !== undefined) shell().keep(keep, stdout.trim());
    });
  }
}
