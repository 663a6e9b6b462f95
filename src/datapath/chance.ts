/**
 * datapath/chance — the places where one packet may go several ways: kube-proxy's statistic match,
 * a name with several addresses. A walk asks `choose`; run again with another path it goes another
 * way, so every branch is found by walking, and the same path always gives the same walk.
 */

export interface Choice {
  readonly label: string;
  /** Of the options still open at this place; they sum to 1. */
  readonly probability: number;
}

export interface ChoicePoint {
  readonly options: readonly Choice[];
  readonly taken: number;
}

/** `33.3 %`, `100 %`: a probability for a person. */
export const formatProbability = (probability: number): string =>
  `${Math.round(probability * 1000) / 10} %`;

/** Walks follow `path` at the first choices, then take the first option. */
export class Chance {
  readonly #path: readonly number[];
  readonly taken: ChoicePoint[] = [];

  constructor(path: readonly number[] = []) {
    this.#path = path;
  }

  /** The index of the option taken; options of probability 0 are never taken unless asked for. */
  choose(options: readonly Choice[]): number {
    const asked = this.#path[this.taken.length];
    const possible = options.findIndex((option) => option.probability > 0);
    const index = asked ?? Math.max(possible, 0);
    this.taken.push({ options, taken: index });
    return index;
  }

  /** Product of the probabilities of what was taken. */
  get probability(): number {
    return this.taken.reduce(
      (product, { options, taken }) => product * options[taken]!.probability,
      1,
    );
  }
}
