/**
 * test/workshop/page-shell — one bash for the pages of a chapter: variables that a command sets are there
 * for the next one, as for a reader who types them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface CommandOutcome {
  /** Undefined when it did not end in time, or took the shell with it. */
  readonly status: number | undefined;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

export class PageShell {
  readonly #bash: ChildProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), 'ekstwin-page-'));
  #ended: ((status: number | undefined) => void) | undefined;

  /** @param preamble  what the shell reads first */
  constructor(env: Readonly<Record<string, string>>, preamble: string) {
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: this.#folder,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const statuses = this.#bash.stdio[3] as Readable;
    statuses.setEncoding('utf8');
    statuses.on('data', (text: string) => this.#end(Number(text)));
    this.#bash.on('exit', () => this.#end(undefined));
    const stdin = this.#stdin;
    stdin.on('error', () => this.#end(undefined));
    const file = join(this.#folder, 'preamble');
    writeFileSync(file, preamble);
    stdin.write(`. '${file}'\n`);
  }

  /** Runs a command of the page; standard input is empty. */
  async run(command: string, timeoutMs: number): Promise<CommandOutcome> {
    const file = join(this.#folder, 'command');
    const output = join(this.#folder, 'output');
    writeFileSync(file, `${command}\n`);
    writeFileSync(output, '');
    const status = await new Promise<number | undefined>((resolve) => {
      const timer = setTimeout(() => {
        this.close();
        resolve(undefined);
      }, timeoutMs);
      this.#ended = (it) => {
        clearTimeout(timer);
        resolve(it);
      };
      if (this.#bash.exitCode !== null) this.#end(undefined);
      else this.#stdin.write(`. '${file}' >'${output}' 2>&1 3>&- </dev/null; echo $? >&3\n`);
    });
    return { status, output: readFileSync(output, 'utf8') };
  }

  get isOpen(): boolean {
    return this.#bash.exitCode === null && this.#bash.signalCode === null;
  }

  /** Ends the shell and what it started. */
  close(): void {
    if (this.#bash.exitCode !== null || this.#bash.pid === undefined) return;
    try {
      process.kill(-this.#bash.pid, 'SIGKILL');
    } catch {
      // It ended in this moment.
    }
  }

  /** Removes what the page left behind. */
  dispose(): void {
    this.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #stdin(): Writable {
    return this.#bash.stdin!;
  }

  #end(status: number | undefined): void {
    const ended = this.#ended;
    this.#ended = undefined;
    ended?.(status);
  }
}
