/** net/word-bits — counting and finding bits in one 32-bit word, signed or unsigned. */

/** How many bits of the word are set (Warren, Hacker's Delight, §5-1). */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How many of the word's two 16-bit halves have no bit set: 0, 1 or 2. */
export function emptyHalves(word: number): number {
  return ((word & 0xffff) === 0 ? 1 : 0) + (word >>> 16 === 0 ? 1 : 0);
}

/** The position 0..31 of the n-th set bit, lowest first; the word must have more than n. */
export function nthSetBit(word: number, n: number): number {
  let rest = word;
  for (let i = 0; i < n; i++) rest &= rest - 1;
  return 31 - Math.clz32(rest & -rest);
}
