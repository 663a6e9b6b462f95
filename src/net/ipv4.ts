/**
 * net/ipv4 — an IPv4 address is an unsigned integer 0..2^32-1.
 *
 * Plain numbers keep the hot path free of allocation. The traps are JavaScript's signed 32-bit
 * operators: anything that goes through `<<`, `|`, `&` or `^` must end in `>>> 0`.
 * The accepted text is what Go's net/netip accepts, because every upstream is written in Go: four
 * decimal fields, no leading zeros, nothing else (golang/go@051bdf3fd12a src/net/netip/netip.go,
 * func parseIPv4).
 */

/** An IPv4 address as an unsigned integer, 0..4294967295. */
export type Ipv4 = number;

/** The highest address, 255.255.255.255. */
export const IPV4_MAX: Ipv4 = 0xffffffff;

const DOT = 0x2e;
const LAST_FIELDS = Array.from({ length: 256 }, (_, field) => String(field));
/** Making texts of numbers is most of the work of writing an address. */
const FIELDS = LAST_FIELDS.map((field) => `${field}.`);
const ZERO = 0x30;

/**
 * Reads a strict dotted quad between two positions of a longer text, without cutting a substring.
 *
 * @param text   any text
 * @param start  index of the first character
 * @param end    index after the last character
 * @returns the address, or -1 when the slice is not one (a number, to stay off the heap)
 */
export function scanIpv4(text: string, start: number, end: number): number {
  if (end - start < 7 || end - start > 15) return -1;
  let ip = 0;
  let field = -1;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (field < 0 || dots === 3) return -1;
      ip = ip * 256 + field;
      field = -1;
      dots++;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || field === 0) return -1;
    field = field < 0 ? digit : field * 10 + digit;
    if (field > 255) return -1;
  }
  return dots === 3 && field >= 0 ? ip * 256 + field : -1;
}

/**
 * Reads `10.0.1.7`.
 *
 * @returns the address, or undefined for anything but four decimal fields without leading zeros
 */
export function parseIpv4(text: string): Ipv4 | undefined {
  const ip = scanIpv4(text, 0, text.length);
  return ip < 0 ? undefined : ip;
}

/** Writes `10.0.1.7`. The inverse of {@link parseIpv4}. */
export function formatIpv4(ip: Ipv4): string {
  const first = FIELDS[ip >>> 24]! + FIELDS[(ip >>> 16) & 255]!;
  return first + FIELDS[(ip >>> 8) & 255]! + LAST_FIELDS[ip & 255]!;
}
