/**
 * test/workshop/page-run — one page run against the twin: each command's exit status and what it
 * prints, as the page has it.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { missingFrom } from './expectation.ts';
import { withKnownDifferences } from './known-differences.ts';
import { type CommandOutcome, PageShell } from './page-shell.ts';
import type { Page, PageBlock, PageCommand } from './pages.ts';
import { settingOf, variablesRead, variablesSet } from './variables.ts';
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
const SETTING_MS = 60_000;
/** What a kubectl says of a kustomization that is newer than itself. */
const TOO_NEW =
  /invalid Kustomization|json: unknown field|no matches for kind "(?:Component|Kustomization)"/;

/** What ekstwin says of an AWS service that it has not, and of a program that it does not run. */
const NOT_SERVED = /is not implemented by ekstwin|^ekstwin: container .* prints nothing of its own/;
/** What changes nothing in a cluster. */
const READS =
  /^\s*(?:helm\s+(?:repo|list|ls|search|show|status|version|get|template)|kubectl\s.*\blogs)\b/;

class TooNew extends Error {
  readonly command: string;

  constructor(message: string, command: string) {
    super(message);
    this.command = command;
  }
}

/** One chapter: its pages share a twin and, as a reader's terminal would, a shell. */
export class ChapterRun {
  readonly #twin: WorkshopTwin;
  #shell: PageShell | undefined;
  /** Variables that commands which were run have set. */
  #assigned = new Set<string>();
  /** The first command that changes something and was not run: what follows may differ. */
  #notRun: string | undefined;

  constructor(twin: WorkshopTwin) {
    this.#twin = twin;
  }

  /** Runs a page; a page that prepares an environment begins with a fresh twin. */
  async runPage(page: Page): Promise<PageResult> {
    const texts = page.blocks.flatMap(({ commands }) => commands.map(({ cmd }) => cmd));
    if (!this.#twin.isUp || texts.some((text) => PREPARE.test(text))) {
      this.dispose();
      await this.#twin.fresh();
    }
    if (this.#shell?.isOpen !== true) {
      this.#shell = new PageShell(this.#twin.env, this.#twin.preamble);
      this.#assigned = new Set();
    }
    const run = new PageRun(page.name, this.#shell, this.#twin, {
      assigned: this.#assigned,
      notRun: this.#notRun,
    });
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
      this.#notRun ??= failure.command;
      return { ...run.result(page.name), verdict: 'skipped', reason };
    }
    this.#notRun = run.notRun;
    return run.result(page.name);
  }

  /** Ends the shell; the twin stays. */
  dispose(): void {
    this.#shell?.dispose();
    this.#shell = undefined;
    this.#notRun = undefined;
  }
}

const NO_FLAGS: PageBlock = {
  expectError: false,
  isTested: true,
  waitSeconds: 0,
  timeoutSeconds: 120,
  commands: [],
};

interface ChapterState {
  readonly assigned: Set<string>;
  readonly notRun: string | undefined;
}

class PageRun {
  readonly #page: string;
  readonly #shell: PageShell;
  readonly #twin: WorkshopTwin;
  readonly #assigned: Set<string>;
  /** The first command of the chapter that changes something and was not run. */
  notRun: string | undefined;
  readonly #failures: PageFailure[] = [];
  readonly #skipped: string[] = [];
  #commands = 0;

  constructor(page: string, shell: PageShell, twin: WorkshopTwin, chapter: ChapterState) {
    this.#page = page;
    this.#shell = shell;
    this.#twin = twin;
    this.#assigned = chapter.assigned;
    this.notRun = chapter.notRun;
  }

  /** Runs a command until it ends as the page has it, `waitMs` at most. */
  async step(command: PageCommand, block: PageBlock, waitMs: number): Promise<void> {
    if (!block.isTested) {
      this.#skipped.push(`${command.cmd}: the page says that it is not for machines`);
      return;
    }
    const unset = await this.#unsetVariable(command.cmd);
    if (unset !== undefined) {
      this.#skip(command, `nothing here sets ${unset}`);
      return;
    }
    const until = Date.now() + Math.max(waitMs, PATIENCE_MS);
    for (;;) {
      const outcome = await this.#shell.run(command.cmd, block.timeoutSeconds * 1000);
      if (this.#wasSkipped(command)) return;
      const problem = this.#problemOf(outcome, command, block);
      const lacking = outcome.output.split('\n').find((line) => NOT_SERVED.test(line));
      if (
        problem !== undefined &&
        lacking === undefined &&
        Date.now() < until &&
        outcome.status !== undefined
      ) {
        await new Promise((next) => setTimeout(next, PAUSE_MS));
        continue;
      }
      // Also where a pipe or a variable hides that it failed.
      if (lacking !== undefined) return this.#skip(command, lacking.trim());
      if (problem === undefined) this.#commands++;
      else if (this.notRun !== undefined)
        return this.#skip(
          command,
          `not as the page has it, after this was not run: ${this.notRun}`,
        );
      else {
        this.#commands++;
        this.#failures.push(problem);
      }
      for (const name of variablesSet(command.cmd)) this.#assigned.add(name);
      return;
    }
  }

  #skip({ cmd }: PageCommand, reason: string): void {
    this.#skipped.push(`${cmd}: ${reason}`);
    if (!READS.test(cmd)) this.notRun ??= cmd.split('\n')[0]!;
  }

  /** A variable that the command reads and nobody has set; sets those of the environment. */
  async #unsetVariable(cmd: string): Promise<string | undefined> {
    for (const name of variablesRead(cmd, this.#twin.manifests)) {
      if (this.#assigned.has(name)) continue;
      const { status } = await this.#shell.run(`test -n "\${${name}:-}"`, SETTING_MS);
      if (status === 0) continue;
      const setting = settingOf(name);
      if (setting === undefined) return name;
      await this.#shell.run(setting, SETTING_MS);
    }
    return undefined;
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
    const file = this.#twin.skippedFile;
    if (!existsSync(file)) return false;
    const reason = readFileSync(file, 'utf8').trim();
    rmSync(file);
    this.#skip(command, reason);
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
      if (line !== undefined) throw new TooNew(line.trim(), cmd);
      return failure(`exit status 0, not ${status}`);
    }
    // What helm says of its releases nobody says here: the twin's own component was installed.
    const shown = withKnownDifferences(this.#page, cmd, expected);
    const missing = HELM.test(cmd) ? [] : missingFrom(output, shown);
    return missing.length === 0 ? undefined : failure(missing.join('\n'));
  }
}
