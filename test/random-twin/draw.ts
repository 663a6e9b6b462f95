/** test/random-twin/draw — what a seed draws from: one of several, some of them, a chance. */
import type { Random } from '../../src/sim/random.ts';

/** One of a list that is not empty. */
export const pick = <T>(random: Random, list: readonly T[]): T => list[random.int(list.length)]!;

export const sometimes = (random: Random, probability: number): boolean =>
  random.next() < probability;

/** Between none and `most`, in the order of the list. */
export function some<T>(random: Random, list: readonly T[], most: number): readonly T[] {
  const left = list.map((value, at) => ({ value, at }));
  const taken: { value: T; at: number }[] = [];
  for (let count = random.int(Math.min(most, list.length) + 1); count > 0; count--)
    taken.push(...left.splice(random.int(left.length), 1));
  return taken.sort((a, b) => a.at - b.at).map(({ value }) => value);
}

/** A list of 0 to `most` drawn values. */
export const several = <T>(random: Random, most: number, draw: () => T): readonly T[] =>
  Array.from({ length: random.int(most + 1) }, draw);
