/**
 * net/ipv6 — an IPv6 address is a bigint 0n..2n**128n-1n.
 *
 * Text in: RFC 4291 §2.2 (`::`, embedded dotted quad), no zone, otherwise as Go's
 * net/netip reads it (golang/go@051bdf3fd12a src/net/netip/netip.go, func parseIPv6).
 * Text out: RFC 5952, with `::ffff:a.b.c.d` for IPv4-mapped addresses (§5), as netip writes it.
 */
import { formatIpv4, scanIpv4 } from './ipv4.ts';

/** An IPv6 address as an unsigned 128-bit integer. */
export type Ipv6 = bigint;

/** The highest address, ffff:…:ffff. */
export const IPV6_MAX: Ipv6 = (1n << 128n) - 1n;

const COLON = 0x3a;
const MAPPED_HIGH = 0xffffn;

/** The value of one hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/** Reads one group of 1–4 hex digits from `start`; returns value * 8 + digits read, or -1. */
function scanGroup(text: string, start: number, end: number): number {
  let value = 0;
  let i = start;
  for (; i < end; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) break;
    if (i - start === 4) return -1;
    value = value * 16 + digit;
  }
  return i === start ? -1 : value * 8 + (i - start);
}

/** Joins groups around the `::` at group index `gap` (-1: none); undefined if too many or few. */
function joinGroups(groups: readonly number[], gap: number): Ipv6 | undefined {
  const missing = 8 - groups.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const all =
    gap < 0
      ? groups
      : [...groups.slice(0, gap), ...new Array<number>(missing).fill(0), ...groups.slice(gap)];
  let ip = 0n;
  for (let i = 0; i < 8; i += 2) {
    ip = (ip << 32n) | BigInt((all[i] ?? 0) * 65536 + (all[i + 1] ?? 0));
  }
  return ip;
}

/**
 * Reads `2001:db8::1`, `::ffff:10.0.0.1`, upper or lower case.
 *
 * @returns the address, or undefined for anything else, a zone (`fe80::1%eth0`) included
 */
export function parseIpv6(text: string): Ipv6 | undefined {
  const end = text.length;
  if (end < 2 || end > 45) return undefined;
  const groups: number[] = [];
  let gap = -1;
  let i = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return undefined;
    gap = 0;
    i = 2;
  }
  while (i < end) {
    const scanned = scanGroup(text, i, end);
    if (scanned < 0 || groups.length === 8) return undefined;
    const next = i + (scanned % 8);
    if (next < end && text.charCodeAt(next) !== COLON) {
      // Not hexadecimal and not a colon: only a dotted quad may end the text here.
      const tail = scanIpv4(text, i, end);
      if (tail < 0 || groups.length > 6) return undefined;
      groups.push(Math.floor(tail / 65536), tail % 65536);
      return joinGroups(groups, gap);
    }
    groups.push(Math.floor(scanned / 8));
    if (next === end) return joinGroups(groups, gap);
    i = next + 1;
    if (i === end) return undefined; // a single trailing colon
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      i++;
    }
  }
  return joinGroups(groups, gap);
}

/** The eight 16-bit groups, highest first. */
function groupsOf(ip: Ipv6): number[] {
  const groups: number[] = [];
  for (let shift = 96n; shift >= 0n; shift -= 32n) {
    const word = Number((ip >> shift) & 0xffffffffn);
    groups.push(word >>> 16, word & 0xffff);
  }
  return groups;
}

/** Writes the RFC 5952 form: lower case, longest run of two or more zero groups as `::`. */
export function formatIpv6(ip: Ipv6): string {
  if (ip >> 32n === MAPPED_HIGH) return `::ffff:${formatIpv4(Number(ip & 0xffffffffn))}`;
  const groups = groupsOf(ip);
  let gapStart = -1;
  let gapLength = 1; // a run must beat one group: RFC 5952 §4.2.2
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === 0) j++;
    if (j - i > gapLength) {
      gapStart = i;
      gapLength = j - i;
    }
    if (j > i) i = j;
  }
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':');
  if (gapStart < 0) return hex(groups);
  return `${hex(groups.slice(0, gapStart))}::${hex(groups.slice(gapStart + gapLength))}`;
}
