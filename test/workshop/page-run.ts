/**
 * test/workshop/page-run — one page run against the twin: each command's exit status and what it
 * prints, as the page has it.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { missingFrom } from './expectation.ts';
import { withKnownDifferences } from './known-differences.ts';
import { type CommandOutcome, PageShell } from './page-shell.ts';
import type { Page, PageBlock, PageCommand } from './pages.ts';
import type { WorkshopTwin } from './workshop-twin.ts';

export interface PageFailure {
  readonly command: string;
  readonly expected: string;
  readonly found: string;
}

export interface PageResult {
  readonly page: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  /** Why all of the page was left out. */
  readonly reason?: string;
  readonly failures: readonly PageFailure[];
  /** Commands that were run. */
  readonly commands: number;
  /** Commands that were not, each with the reason. */
  readonly skipped: readonly string[];
}

const HELM = /^\s*helm\b/;
const PREPARE = /^\s*prepare-environment\b/;
/** How long an outcome may take where the page names no time: a twin's controllers need some. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 500;
/** What a kubectl says of a kustomization that is newer than itself. */
const TOO_NEW =
  /invalid Kustomization|json: unknown field|no matches for kind "(?:Component|Kustomization)"/;

class TooNew extends Error {}

/** Runs a page; a page that prepares an environment begins with a fresh twin. */
export async function runPage(page: Page, twin: WorkshopTwin): Promise<PageResult> {
  const texts = page.blocks.flatMap(({ commands }) => commands.map(({ cmd }) => cmd));
  if (!twin.isUp || texts.some((text) => PREPARE.test(text))) await twin.fresh();
  const shell = new PageShell(twin.env, twin.preamble([...page.setup, ...texts]));
  const run = new PageRun(page.name, shell, twin.skippedFile);
  try {
    for (const command of page.setup) await run.step({ cmd: command, output: '' }, NO_FLAGS, 0);
    let waitMs = 0;
    for (const block of page.blocks) {
      waitMs = Math.max(block.waitSeconds * 1000, waitMs);
      for (const command of block.commands) await run.step(command, block, waitMs);
      waitMs = block.waitSeconds * 1000;
    }
  } catch (failure) {
    if (!(failure instanceof TooNew)) throw failure;
    const reason = `the installed kubectl cannot read a kustomization: ${failure.message}`;
    return { ...run.result(page.name), verdict: 'skipped', reason };
  } finally {
    shell.dispose();
  }
  return run.result(page.name);
}

const NO_FLAGS: PageBlock = {
  expectError: false,
  isTested: true,
  waitSeconds: 0,
  timeoutSeconds: 120,
  commands: [],
};

class PageRun {
  readonly #page: string;
  readonly #shell: PageShell;
  readonly #skippedFile: string;
  readonly #failures: PageFailure[] = [];
  readonly #skipped: string[] = [];
  #commands = 0;

  constructor(page: string, shell: PageShell, skippedFile: string) {
    this.#page = page;
    this.#shell = shell;
    this.#skippedFile = skippedFile;
  }

  /** Runs a command until it ends as the page has it, `waitMs` at most. */
  async step(command: PageCommand, block: PageBlock, waitMs: number): Promise<void> {
    if (!block.isTested) {
      this.#skipped.push(`${command.cmd}: the page says that it is not for machines`);
      return;
    }
    const until = Date.now() + Math.max(waitMs, PATIENCE_MS);
    for (;;) {
      const outcome = await this.#shell.run(command.cmd, block.timeoutSeconds * 1000);
      if (this.#wasSkipped(command)) return;
      const problem = this.#problemOf(outcome, command, block);
      if (problem !== undefined && Date.now() < until && outcome.status !== undefined) {
        await new Promise((next) => setTimeout(next, PAUSE_MS));
        continue;
      }
      this.#commands++;
      if (problem !== undefined) this.#failures.push(problem);
      return;
    }
  }

  result(page: string): PageResult {
    const verdict =
      this.#failures.length > 0 ? 'failed' : this.#commands > 0 ? 'passed' : 'skipped';
    const { length } = this.#skipped;
    const reason = verdict === 'skipped' && length > 0 ? this.#skipped[0]! : 'nothing to run';
    const result = { page, verdict, failures: this.#failures, commands: this.#commands } as const;
    return {
      ...result,
      skipped: this.#skipped,
      ...(verdict === 'skipped' ? { reason } : {}),
    };
  }

  #wasSkipped(command: PageCommand): boolean {
    if (!existsSync(this.#skippedFile)) return false;
    const reason = readFileSync(this.#skippedFile, 'utf8').trim();
    rmSync(this.#skippedFile);
    this.#skipped.push(`${command.cmd}: ${reason}`);
    return true;
  }

  #problemOf(
    { status, output }: CommandOutcome,
    { cmd, output: expected }: PageCommand,
    { expectError, timeoutSeconds }: PageBlock,
  ): PageFailure | undefined {
    const failure = (text: string): PageFailure => ({
      command: cmd,
      expected: text,
      found: output,
    });
    if (status === undefined) return failure(`an end within ${timeoutSeconds} s`);
    if (status !== 0 && !expectError) {
      const line = output.split('\n').find((it) => TOO_NEW.test(it));
      if (line !== undefined) throw new TooNew(line.trim());
      return failure(`exit status 0, not ${status}`);
    }
    // What helm says of its releases nobody says here: the twin's own component was installed.
    const shown = withKnownDifferences(this.#page, cmd, expected);
    const missing = HELM.test(cmd) ? [] : missingFrom(output, shown);
    return missing.length === 0 ? undefined : failure(missing.join('\n'));
  }
}
