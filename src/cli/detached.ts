/** cli/detached — `ekstwin up --detach`: the same command in the background, until it is ready. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Places } from '../up/places.ts';
import { runningState } from '../up/running-state.ts';

/** How long a large cluster may take to come up. */
const READY_MAX_MS = 10 * 60_000;

/** Starts this very command line without --detach, and prints what it says. */
export async function detached(places: Places): Promise<void> {
  const [program, ...words] = process.argv.slice(1);
  const args = words.filter((it) => it !== '--detach' && it !== '-d');
  const log = openSync(places.log, 'w', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, program!, ...args], {
    detached: true,
    stdio: ['inherit', log, log],
  });
  closeSync(log);
  let ended: number | undefined;
  child.once('exit', (status) => {
    ended = status ?? 1;
  });
  const until = performance.now() + READY_MAX_MS;
  while (ended === undefined && performance.now() < until) {
    if (runningState(places)?.pid === child.pid) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  // What it says comes right after it is found.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const said = readFileSync(places.log, 'utf8').replace(
    'Ctrl-C stops it.',
    'ekstwin down stops it.',
  );
  if (ended !== undefined) process.stderr.write(said);
  else process.stdout.write(said);
  child.unref();
  process.exitCode = ended ?? 0;
}
