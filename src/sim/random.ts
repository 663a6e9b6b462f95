/**
 * sim/random — seeded chance. Everything random draws here, so a run is a function of its seed.
 *
 * Streams are split by label: a component that draws once more does not shift what others draw.
 */
import { mixedFnv1a } from './fnv.ts';

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). `below` ≥ 1. */
  int(below: number): number;
  /** An independent stream, a function of this stream's seed and the label only. */
  split(label: string): Random;
  /** `length` characters drawn from `alphabet`. */
  text(length: number, alphabet: string): string;
}

/** mulberry32: 32 bits of state, enough to choose addresses, names and faults. */
export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
    int: (below) => Math.floor(random.next() * below),
    split: (label) => seeded(mixedFnv1a(label, seed >>> 0)),
    text(length, alphabet) {
      let out = '';
      for (let i = 0; i < length; i++) out += alphabet[random.int(alphabet.length)];
      return out;
    },
  };
  return random;
};
