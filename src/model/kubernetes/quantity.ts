/**
 * model/kubernetes/quantity — resource quantities: `100m`, `170Mi`, `2`, `1e3`.
 *
 * Upstream: kubernetes/apimachinery pkg/api/resource/quantity.go. An amount is kept in milli-units
 * (thousandths), a double: exact to 2^53 milli, so up to 8 Ti of bytes; beyond that it rounds, far
 * above anything a scheduler decision turns on.
 */
import type { Quantity } from './core.ts';

/** Thousandths of the unit: `100m` is 100, `1` is 1000, `1Ki` is 1,024,000. */
export type MilliUnits = number;

const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** quantity.go:138 splitRE, and the suffixes it accepts. */
const FORM = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** quantity.go:144 ErrFormatWrong, the regular expression its text quotes. */
export const QUANTITY_FORMAT_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Texts repeat by the hundred thousand (every pod's requests), so what they mean is kept. */
const known = new Map<string, MilliUnits>();
const KNOWN_MAX = 4_096;

/**
 * Reads a quantity.
 *
 * @returns milli-units, rounded up to a whole milli as upstream's MilliValue does; undefined when
 *   the text is no quantity
 */
export function parseQuantity(quantity: Quantity): MilliUnits | undefined {
  if (typeof quantity === 'number')
    return Number.isFinite(quantity) ? ceilMilli(quantity) : undefined;
  const before = known.get(quantity);
  if (before !== undefined) return before;
  const milli = parseText(quantity);
  if (milli !== undefined && known.size < KNOWN_MAX) known.set(quantity, milli);
  return milli;
}

function parseText(text: string): MilliUnits | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign, digits, exponent, suffix = ''] = match;
  const amount = Number(`${digits}${exponent ?? ''}`) * SUFFIX[suffix]!;
  if (!Number.isFinite(amount)) return undefined;
  return sign === '-' ? -ceilMilli(amount) : ceilMilli(amount);
}

/** Upstream rounds up what a milli cannot hold; a double's own dust (0.1 * 1000) is not that. */
function ceilMilli(amount: number): MilliUnits {
  const milli = amount * 1000;
  const near = Math.round(milli);
  return Math.abs(milli - near) < 1e-6 * Math.max(1, Math.abs(milli)) ? near : Math.ceil(milli);
}

/** Milli-units of a quantity that admission has let pass; absent or unreadable is 0. */
export const milliOf = (quantity: Quantity | undefined): MilliUnits =>
  quantity === undefined ? 0 : (parseQuantity(quantity) ?? 0);

/** Whole units, rounded up: bytes, pods, ENIs. */
export const unitsOf = (quantity: Quantity | undefined): number =>
  Math.ceil(milliOf(quantity) / 1000);

const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;
const DECIMAL = ['E', 'P', 'T', 'G', 'M', 'k'] as const;

/**
 * Writes milli-units in canonical form: the largest suffix that leaves a whole number.
 *
 * @param format  `BinarySI` for memory (`170Mi`), `DecimalSI` for everything else (`100m`, `2k`)
 */
export function formatQuantity(
  milli: MilliUnits,
  format: 'DecimalSI' | 'BinarySI' = 'DecimalSI',
): string {
  if (milli % 1000 !== 0) return `${milli}m`;
  const units = milli / 1000;
  if (units === 0) return '0';
  // quantity.go:445: below 1024 a binary quantity is written as a decimal one.
  const binary = format === 'BinarySI' && Math.abs(units) >= 1024;
  for (const suffix of binary ? BINARY : DECIMAL) {
    const size = SUFFIX[suffix]!;
    if (Math.abs(units) >= size && units % size === 0) return `${units / size}${suffix}`;
  }
  return String(units);
}

/** Negative when `a` is less, 0 when equal, positive when more. */
export const compareQuantities = (a: Quantity, b: Quantity): number => milliOf(a) - milliOf(b);
