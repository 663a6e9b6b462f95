/**
 * datapath/walk/branches — every way one flow may go. A walk is repeated with another choice at
 * each place of chance, so no way is reasoned about that was not walked.
 */
import { Chance } from '../chance.ts';
import { walkBranch } from './branch.ts';
import type { Branch, Flow } from './flow.ts';
import type { World } from './world.ts';

export interface BranchOptions {
  /** Walk the answer too; default true. */
  readonly withReturn?: boolean | undefined;
  /** Ways walked at most; default 64. */
  readonly limit?: number | undefined;
}

const LIMIT = 64;

/** The ways in the order of their choices; their probabilities sum to 1 unless the limit cut in. */
export function walkBranches(world: World, flow: Flow, options: BranchOptions = {}): Branch[] {
  const branches: Branch[] = [];
  const limit = options.limit ?? LIMIT;
  const paths: (readonly number[])[] = [[]];
  for (let path = paths.pop(); path !== undefined && branches.length < limit; path = paths.pop()) {
    const chance = new Chance(path);
    branches.push(walkBranch(world, flow, chance, options.withReturn ?? true));
    paths.push(...otherPaths(chance, path.length));
  }
  return branches;
}

/** Paths that leave this walk at a choice it made by itself; the nearest is walked first. */
function otherPaths(chance: Chance, given: number): (readonly number[])[] {
  const taken = chance.taken.map((point) => point.taken);
  const paths: (readonly number[])[] = [];
  for (let at = given; at < chance.taken.length; at++) {
    const { options } = chance.taken[at]!;
    for (let option = options.length - 1; option >= 0; option--) {
      if (option === taken[at] || options[option]!.probability <= 0) continue;
      paths.push([...taken.slice(0, at), option]);
    }
  }
  return paths;
}
