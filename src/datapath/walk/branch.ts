/**
 * datapath/walk/branch — one way of a flow, there and back: the walk of the packet, whether it is
 * taken, the walk of the answer, and what that makes the sender see.
 */
import type { Chance } from '../chance.ts';
import { Exchange } from './exchange.ts';
import type { Branch, Flow } from './flow.ts';
import type { World } from './world.ts';

/** Walks a flow once, as `chance` leads it. `withReturn` false: the answer is not looked at. */
export function walkBranch(world: World, flow: Flow, chance: Chance, withReturn: boolean): Branch {
  const exchange = new Exchange(world, chance, withReturn);
  const { verdict, receiver, arrived, http, notes } = exchange.open(flow);
  const back = exchange.back.hops();
  const { disposition, text, code, remedy } = verdict;
  // Field by field: with a spread each would be an object of another layout.
  return {
    probability: chance.probability,
    choices: choicesOf(chance),
    disposition,
    text,
    code,
    remedy,
    forward: exchange.there.hops(),
    sent: flow.packet,
    receiver,
    arrived: receiver === undefined ? undefined : arrived,
    return: back.length === 0 ? undefined : back,
    http,
    notes,
  };
}

function choicesOf(chance: Chance): readonly string[] {
  return chance.taken.flatMap(({ options, taken }) =>
    options.length > 1 ? [options[taken]!.label] : [],
  );
}
