/**
 * test/served-twin — `ekstwin up` in a process and a state folder of its own, for tests and
 * benchmarks: started, asked, killed and started again without touching a user's twins.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 10_000;
/** Enough to see why it did not come up. */
const PRINTED_MAX = 20_000;

export class ServedTwin {
  /** Of this twin alone; whoever needs files beside it puts them here. */
  readonly folder = mkdtempSync(join(tmpdir(), 'ekstwin-served-'));
  readonly #main: string;
  #process: ChildProcess | undefined;
  #printed = '';

  /** @param main  the built command */
  constructor(main: string) {
    this.#main = main;
  }

  get isUp(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** What it printed on both streams, the last of it. */
  get printed(): string {
    return this.#printed;
  }

  /** What every process around it is given. Ports are the system's choice: several may be up. */
  get env(): Record<string, string> {
    return { XDG_STATE_HOME: join(this.folder, 'state') };
  }

  /** `ekstwin up` with these arguments; milliseconds until it said that it is up. */
  async start(args: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    const ports = ['--port', '0', '--aws-port', '0', '--proxy-port', '0'];
    const started = spawn(process.execPath, [this.#main, 'up', ...ports, ...args], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = started;
    this.#printed = '';
    const keep = (text: Buffer): void => {
      this.#printed = (this.#printed + text.toString()).slice(-PRINTED_MAX);
    };
    started.stderr.on('data', keep);
    const readyAt = await this.#firstWord(started, keep);
    return readyAt - startedAt;
  }

  /** Runs `ekstwin …` beside it. */
  ekstwin(...args: readonly string[]): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.#main, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...this.env, NO_COLOR: '1' },
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
  }

  /** What `ekstwin env` exports. */
  variables(): ReadonlyMap<string, string> {
    const { stdout } = this.ekstwin('env');
    const lines = stdout.matchAll(/^export (\w+)='([^'\n]*)'$/gm);
    return new Map([...lines].map(([, name, value]) => [name!, value!]));
  }

  /** Ends it; a SIGTERM that is not obeyed becomes a SIGKILL. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((end) => running.once('exit', end));
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** It prints nothing on standard output before it is up. */
  #firstWord(started: ChildProcess, keep: (text: Buffer) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => (): void => reject(new Error(`${why}:\n${this.#printed}`));
      const timer = setTimeout(fail('ekstwin up did not come up'), READY_MS_MAX);
      started.stdout!.once('data', (text: Buffer) => {
        clearTimeout(timer);
        keep(text);
        started.stdout!.on('data', keep);
        resolve(performance.now());
      });
      started.once('exit', fail('ekstwin up ended'));
    });
  }
}
