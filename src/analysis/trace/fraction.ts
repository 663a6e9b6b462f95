/** analysis/trace/fraction — shares that add up: quotients of whole numbers, in lowest terms. */

export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** over/under in lowest terms; under is positive. */
export function fraction(over: bigint | number, under: bigint | number = 1n): Fraction {
  const [a, b] = [BigInt(over), BigInt(under)];
  const by = gcd(a, b) || 1n;
  return { over: a / by, under: b / by };
}

export const ZERO: Fraction = { over: 0n, under: 1n };
export const ONE: Fraction = { over: 1n, under: 1n };

export const plus = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.over * b.under + b.over * a.under, a.under * b.under);

export const times = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.over * b.over, a.under * b.under);

export const isZero = ({ over }: Fraction): boolean => over === 0n;

/** `1/6`, `1`, `0`. */
export const formatFraction = ({ over, under }: Fraction): string =>
  under === 1n ? `${over}` : `${over}/${under}`;

/** As a number between 0 and 1, for percentages. */
export const asNumber = ({ over, under }: Fraction): number => Number(over) / Number(under);
