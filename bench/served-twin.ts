/**
 * bench/served-twin — `ekstwin up` in a process of its own, and where it is reached: read from what
 * it gives its users (`ekstwin env`, the kubeconfig), as they would.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Target } from './http-load.ts';

const EKSTWIN = resolve('dist/cli/main.js');
const READY_MS_MAX = 120_000;

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

export class ServedTwin {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ekstwin-bench-'));
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  kubernetes!: Target;
  aws!: Target;

  /** @param args  of `ekstwin up`, `-f` among them; the data folder is kept between starts */
  constructor(args: readonly string[]) {
    this.#args = args;
  }

  /** Milliseconds until both APIs answered. */
  async start(): Promise<number> {
    const startedAt = performance.now();
    const data = join(this.#folder, 'data');
    const started = spawn(process.execPath, [EKSTWIN, 'up', ...this.#args, '--data', data], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = started;
    const readyAt = await untilReady(started);
    const variables = this.#variables();
    const config = parse(readFileSync(variables.get('KUBECONFIG')!, 'utf8')) as Kubeconfig;
    const { cluster } = config.clusters[0]!;
    const authority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
    this.kubernetes = {
      url: new URL(cluster.server),
      certificateAuthority: authority,
      headers: { authorization: `Bearer ${config.users[0]!.user.token}` },
    };
    this.aws = { url: new URL(variables.get('AWS_ENDPOINT_URL')!), headers: AWS_HEADERS };
    return readyAt - startedAt;
  }

  /** Megabytes the process holds now. */
  memoryMb(): number {
    const status = readFileSync(`/proc/${this.#process!.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((end) => running.once('exit', end));
    running.kill(signal);
    await ended;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, XDG_STATE_HOME: join(this.#folder, 'state') };
  }

  #variables(): Map<string, string> {
    const text = execFileSync(process.execPath, [EKSTWIN, 'env'], {
      env: this.#env,
      encoding: 'utf8',
    });
    return new Map(
      [...text.matchAll(/^export (\w+)='?([^'\n]*)'?;?$/gm)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    );
  }
}

/** What an SDK signs with; on loopback nobody checks. */
const AWS_HEADERS = {
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  authorization:
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-west-2/ec2/aws4_request, ' +
    'SignedHeaders=host;x-amz-date, ' +
    'Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024',
  'x-amz-date': '20260101T000000Z',
} as const;

/** The moment at which it says that it is up; it prints nothing on standard output before. */
function untilReady(started: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const timer = setTimeout(() => reject(new Error(`not up: ${printed}`)), READY_MS_MAX);
    started.stderr!.on('data', (text: Buffer) => {
      printed += text.toString();
    });
    started.stdout!.once('data', () => {
      clearTimeout(timer);
      resolve(performance.now());
    });
    started.once('exit', () => reject(new Error(`it ended: ${printed}`)));
  });
}
