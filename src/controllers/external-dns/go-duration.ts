/**
 * controllers/external-dns/go-duration — durations as Go writes them: `1m`, `1h30m`, `1.5s`.
 *
 * Upstream: golang/go src/time/format.go ParseDuration.
 */
const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds; undefined where the text is no duration. A bare number is none, but 0 is. */
export function parseGoDuration(text: string): number | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (rest === '0') return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== rest) return undefined;
  const ms = parts.reduce((sum, [, value, unit]) => sum + Number(value) * UNITS_MS[unit!]!, 0);
  return sign === '-' ? -ms : ms;
}
