/**
 * twin/fork — a second twin with the same contents, to ask "what if" of. What was written before
 * the fork is shared; daemons start again from what the store says, as after a restart of
 * everything.
 */
import { invariant } from '../model/invariant.ts';
import { originOf, restoreTwin } from './snapshot.ts';
import type { Twin } from './twin.ts';

/**
 * Forks a twin that is at rest: a call that is under way cannot be in two worlds.
 *
 * @param seed  what the fork draws from; the same seed asks the same question
 */
export async function forkTwin(twin: Twin, seed = twin.clock.seed): Promise<Twin> {
  if (twin.isStarted) {
    const settled = await twin.settle(0);
    invariant(settled.kind === 'settled', 'a twin is forked at rest; settle it first');
  }
  const nowMs = twin.clock.now();
  const origin = { ...originOf(twin), seed, appliedAtMs: nowMs };
  const fork = restoreTwin(twin.store.fork(), origin, { nowMs });
  fork.start();
  return fork;
}
