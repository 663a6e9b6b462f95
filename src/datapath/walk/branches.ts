/**
 * datapath/walk/branches — every way one flow may go. A walk is repeated with another choice at
 * each place of chance, so no way is reasoned about that was not walked.
 */
import { everyPath } from '../every-path.ts';
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
export function walkBranches(
  world: World,
  flow: Flow,
  { withReturn = true, limit = LIMIT }: BranchOptions = {},
): Branch[] {
  return everyPath((chance) => walkBranch(world, flow, chance, withReturn), limit).map(
    ({ result }) => result,
  );
}
