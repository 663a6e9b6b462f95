/**
 * cli/running-answer — what is asked of a running twin from outside: down, status, env, and the
 * user's own kubectl and aws.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InputError } from '../model/input-error.ts';
import { beginningOf, holderOf } from '../up/lock.ts';
import { placesOf } from '../up/places.ts';
import { type RunningState, requireRunning, runningState } from '../up/running-state.ts';
import { exportText, twinVariables, unsetText } from '../up/shell-environment.ts';

/** How long a twin may take to write what it has and stop. */
const DOWN_MAX_MS = 30_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Stops the twin, and waits until its process has ended. */
export async function down(name: string | undefined): Promise<void> {
  const places = placesOf(name);
  const holder = holderOf(places.folder);
  if (holder === undefined) {
    console.log('no twin is running');
    return;
  }
  process.kill(holder.pid, 'SIGTERM');
  const until = performance.now() + DOWN_MAX_MS;
  while (beginningOf(holder.pid) === holder.began) {
    if (performance.now() > until) {
      throw new InputError(
        'ekstwin down',
        `process ${holder.pid} has not stopped in ${DOWN_MAX_MS / 1_000} s`,
        `look at what it says; kill -9 ${holder.pid} loses nothing that was acknowledged`,
      );
    }
    await pause(20);
  }
  console.log(`stopped (process ${holder.pid})`);
}

/** Says what runs. @returns the exit status */
export async function status(name: string | undefined, asJson: boolean): Promise<number> {
  const places = placesOf(name);
  const state = runningState(places);
  if (state === undefined) {
    const isStarting = holderOf(places.folder) !== undefined;
    if (asJson) console.log(JSON.stringify({ name: places.name, running: false }, undefined, 2));
    else console.log(isStarting ? 'a twin is coming up' : 'no twin is running');
    return 1;
  }
  const { token: _, awsSecret: __, ...open } = state;
  if (asJson) console.log(JSON.stringify({ ...open, running: true }, undefined, 2));
  else console.log(statusText(state));
  return 0;
}

const statusText = (state: RunningState): string =>
  [
    `${state.cluster ?? 'a network without a cluster'} in ${state.region} is up since ${state.startedAt} (process ${state.pid}, ${state.speed})`,
    `  Kubernetes   ${state.kubernetesUrl}   (KUBECONFIG=${state.kubeconfig})`,
    `  AWS          ${state.awsUrl}`,
    `  proxy        ${state.proxyUrl}`,
    `  kept in      ${state.data ?? 'memory: it is gone when it stops'}`,
  ].join('\n');

/** Prints what a shell evaluates. */
export function printEnvironment(name: string | undefined, isUnset: boolean): void {
  process.stdout.write(
    isUnset ? unsetText(process.env) : exportText(requireRunning(placesOf(name)), process.env),
  );
}

/** Runs the user's own program on the twin. @returns its exit status, as a shell has it */
export async function runOnTwin(program: string, words: readonly string[]): Promise<number> {
  const state = requireRunning(placesOf());
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const [name, value] of Object.entries(twinVariables(state, process.env))) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  if (!isOnPath(program, process.env.PATH ?? '', state.programs)) {
    throw new InputError(
      program,
      `there is no ${program} on PATH`,
      program === 'aws'
        ? 'install it: https://docs.aws.amazon.com/cli/'
        : 'install it: https://kubernetes.io/docs/tasks/tools/',
    );
  }
  const child = spawn(program, words, { env, stdio: 'inherit' });
  // Ctrl-C goes to both; the program decides what it means.
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal ?? ''] ?? 0)));
  });
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Is there such a program, other than our own shim? */
function isOnPath(program: string, path: string, own: string): boolean {
  return path.split(delimiter).some((folder) => {
    if (folder === own) return false;
    try {
      const file = join(folder || '.', program);
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
