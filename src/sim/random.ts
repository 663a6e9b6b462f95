/**
 * sim/random — seeded chance. Everything random draws here, so a run is a function of its seed.
 *
 * Streams are split by label: a component that draws once more does not shift what others draw.
 */

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

/** FNV-1a, 32 bits: spreads labels over seeds. */
const hash32 = (text: string, start: number): number => {
  let h = (start ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  return (h ^ (h >>> 13)) >>> 0;
};

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
    split: (label) => seeded(hash32(label, seed >>> 0)),
    text(length, alphabet) {
      let out = '';
      for (let i = 0; i < length; i++) out += alphabet[random.int(alphabet.length)];
      return out;
    },
  };
  return random;
};
