/** up/running-state — what a running twin writes down for every other command to find it by. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../model/input-error.ts';
import { holderOf } from './lock.ts';
import { readIfThere, writeOwnFile } from './own-file.ts';
import type { Places } from './places.ts';

export interface RunningState {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly cluster: string | undefined;
  readonly region: string;
  readonly speed: string;
  readonly kubernetesUrl: string;
  readonly awsUrl: string;
  readonly proxyUrl: string;
  readonly kubeconfig: string;
  /** The folder with the `aws` shim. */
  readonly programs: string;
  /** Where changes are kept; undefined = in memory. */
  readonly data: string | undefined;
  readonly token: string;
  readonly awsAccessKeyId: string;
  readonly awsSecret: string;
}

export function writeState(places: Places, state: RunningState): void {
  writeOwnFile(places.state, `${JSON.stringify(state, undefined, 2)}\n`);
}

export function removeState(places: Places): void {
  rmSync(places.state, { force: true });
}

/** The twin that runs under this name; undefined when none does, or when it is not ready yet. */
export function runningState(places: Places): RunningState | undefined {
  const holder = holderOf(places.folder);
  const text = holder && readIfThere(places.state);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as RunningState;
  // What a twin that was killed has left is not what its successor says when it is ready.
  return state.pid === holder?.pid ? state : undefined;
}

/** The twin that runs. @throws InputError when none does */
export function requireRunning(places: Places): RunningState {
  const state = runningState(places);
  if (state !== undefined) return state;
  throw new InputError(
    places.name === 'default' ? 'the command line' : `--name ${places.name}`,
    'no twin is running',
    isKept(places)
      ? `go on with what is kept: ${upAgain(places)}`
      : 'start one: ekstwin up -f PATH',
  );
}

/** Whether the twin's own folder holds one that could go on. */
const isKept = ({ data }: Places): boolean => existsSync(join(data, 'secrets.json'));

const upAgain = ({ name }: Places): string =>
  `ekstwin up${name === 'default' ? '' : ` --name ${name}`}`;
