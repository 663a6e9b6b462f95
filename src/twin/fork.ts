/**
 * twin/fork — a second twin with the same contents, to ask "what if" of. What was written before
 * the fork is shared; daemons start again from what the store says, as after a restart of
 * everything.
 */
import { createCloud } from '../cloud/cloud.ts';
import { invariant } from '../model/invariant.ts';
import { Simulation } from '../sim/simulation.ts';
import { assemble } from './build.ts';
import type { Twin } from './twin.ts';

/**
 * Forks a twin that is at rest: a call that is under way cannot be in two worlds.
 *
 * @param seed  what the fork draws from; the same seed asks the same question
 */
export async function forkTwin(twin: Twin, seed = twin.clock.seed): Promise<Twin> {
  const settled = await twin.settle(0);
  invariant(settled.kind === 'settled', 'a twin is forked at rest; settle it first');
  const clock = new Simulation(seed, twin.clock.now());
  const store = twin.store.fork();
  const { region, accountId, availabilityZones } = twin.cloud;
  const cloud = createCloud({
    clock,
    store,
    random: clock.random.split('cloud'),
    region,
    accountId,
    availabilityZones,
    addressChoice: 'random',
  });
  const fork = assemble({ clock, store, cloud }, { seed, timeline: true });
  fork.appliedAtMs = clock.now();
  fork.notes.push(...twin.notes);
  fork.start();
  return fork;
}
