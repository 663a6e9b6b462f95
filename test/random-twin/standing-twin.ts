/**
 * test/random-twin/standing-twin — twins that stand still: a store, and what its packets go
 * through. Bases come up by the real controllers; the rest are variations of their forks.
 */

import type { TwinStore } from '../../src/model/kinds.ts';
import { seeded } from '../../src/sim/random.ts';
import { buildTwin } from '../../src/twin/build.ts';
import type { Datapath } from '../../src/twin/datapath.ts';
import { Twin } from '../../src/twin/twin.ts';
import { clusterFiles } from './cluster.ts';
import { surround } from './surroundings.ts';
import { vary } from './variation.ts';

/** Base number `index`: its cluster at rest, with everything around it. */
export async function baseTwin(index: number): Promise<Twin> {
  const random = seeded(index).split('base');
  const twin = await buildTwin(clusterFiles(random, index), { seed: index, timeline: false });
  await twin.settle();
  twin.stop();
  surround(twin.store, random);
  return twin;
}

/** The same twin over another store; no controller runs. */
const over = (twin: Twin, store: TwinStore): Twin =>
  new Twin({
    clock: twin.clock,
    store,
    cloud: twin.cloud,
    kubernetes: twin.kubernetes,
    timeline: false,
  });

/** A fork with nothing remembered: no cache of the original is in it. */
export const freshDatapath = (twin: Twin, store = twin.store.fork()): Datapath =>
  over(twin, store).datapath;

/** Variation number `seed` of a base. */
export function variation(base: Twin, seed: number): Twin {
  const store = base.store.fork();
  vary(store, seeded(seed).split('variation'));
  return over(base, store);
}
