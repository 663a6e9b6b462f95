/**
 * datapath/every-path — runs a walk once for every way its chances may fall, in the order of paths:
 * the first option of the first choice first.
 */
import { Chance } from './chance.ts';

export interface Branch<Result> {
  readonly path: readonly number[];
  readonly probability: number;
  readonly result: Result;
}

/**
 * Every branch of a walk; options of probability 0 are left out.
 *
 * @param run    must do the same for the same chance
 * @param limit  walks at most; what is beyond is not walked
 */
export function everyPath<Result>(
  run: (chance: Chance) => Result,
  limit = Number.POSITIVE_INFINITY,
): readonly Branch<Result>[] {
  const branches: Branch<Result>[] = [];
  const open: (readonly number[])[] = [[]];
  while (open.length > 0 && branches.length < limit) {
    const asked = open.pop()!;
    const chance = new Chance(asked);
    const result = run(chance);
    const path = chance.taken.map(({ taken }) => taken);
    branches.push({ path, probability: chance.probability, result });
    // The later choices turn first, so that branches come in the order of their paths.
    for (let at = asked.length; at < path.length; at++) {
      const { options, taken } = chance.taken[at]!;
      const others = options.flatMap((option, i) =>
        i > taken && option.probability > 0 ? [[...path.slice(0, at), i]] : [],
      );
      open.push(...others.reverse());
    }
  }
  return branches;
}
