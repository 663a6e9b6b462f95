/**
 * twin/bare-run — an exported cluster whose control plane no document describes: nothing is
 * launched or scheduled, but what follows from the exported pods alone is kept: the endpoints of
 * Services and what network policies resolve to.
 */
import { endpointSliceController } from '../controllers/endpoint-slice/endpoint-slice.ts';
import { networkPolicyController } from '../controllers/network-policy/network-policy.ts';
import type { Kinds } from '../model/kinds.ts';
import { ControllerRun } from '../sim/controller.ts';
import type { Twin } from './twin.ts';

/** Starts them; the answer stops them. */
export function bareRun({ clock, store, kubernetes }: Twin): { stop(): void } {
  const random = clock.random.split('controllers');
  const runs: ControllerRun<Kinds>[] = [
    new ControllerRun(clock, store, endpointSliceController(clock, random, store, kubernetes)),
    new ControllerRun(clock, store, networkPolicyController(store, kubernetes)),
  ];
  return {
    stop: () => {
      for (const run of runs) run.stop();
    },
  };
}
