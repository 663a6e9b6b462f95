/**
 * net/cidr — blocks of addresses: `10.0.0.0/16`, `2001:db8::/56`.
 *
 * A block keeps the address as it was written, so `10.0.1.7/24` can be reported as such; every
 * question below looks at the leading `bits` only, so host bits never change an answer except in
 * {@link isCanonical} and {@link formatCidr}. Use {@link canonicalCidr} before using one as a key.
 * IPv4 blocks are numbers, IPv6 blocks bigints; `family` tells which.
 */
import { invariant } from './invariant.ts';
import { type Ip, parseIp } from './ip.ts';
import { formatIpv4, type Ipv4, scanIpv4 } from './ipv4.ts';
import { formatIpv6, type Ipv6, parseIpv6 } from './ipv6.ts';

/** An IPv4 block; `bits` is the prefix length, 0..32. */
export interface Cidr4 {
  readonly family: 4;
  /** The address as written; the block's lowest address when the block is canonical. */
  readonly first: Ipv4;
  readonly bits: number;
}

/** An IPv6 block; `bits` is the prefix length, 0..128. */
export interface Cidr6 {
  readonly family: 6;
  /** The address as written; the block's lowest address when the block is canonical. */
  readonly first: Ipv6;
  readonly bits: number;
}

/** A block of either family. */
export type Cidr = Cidr4 | Cidr6;

/** Builds an IPv4 block. */
export function cidr4(first: Ipv4, bits: number): Cidr4 {
  return { family: 4, first, bits };
}

/** Builds an IPv6 block. */
export function cidr6(first: Ipv6, bits: number): Cidr6 {
  return { family: 6, first, bits };
}

/** The block holding exactly one address: a /32 or a /128. */
export function hostCidr(ip: Ip): Cidr {
  return typeof ip === 'number' ? cidr4(ip, 32) : cidr6(ip, 128);
}

/** Reads a prefix length from `start` to the end; -1 for signs, leading zeros, > max. */
function scanBits(text: string, start: number, max: number): number {
  const length = text.length - start;
  if (length < 1 || length > 3) return -1;
  let bits = 0;
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    bits = bits * 10 + digit;
  }
  if (length > 1 && text.charCodeAt(start) === 0x30) return -1;
  return bits > max ? -1 : bits;
}

/** Reads `10.0.1.0/24`; host bits are kept (see {@link isCanonical}). */
export function parseCidr4(text: string): Cidr4 | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const first = scanIpv4(text, 0, slash);
  const bits = scanBits(text, slash + 1, 32);
  return first < 0 || bits < 0 ? undefined : { family: 4, first, bits };
}

/** Reads `2001:db8::/56`; host bits are kept (see {@link isCanonical}). */
export function parseCidr6(text: string): Cidr6 | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const first = parseIpv6(text.slice(0, slash));
  const bits = scanBits(text, slash + 1, 128);
  return first === undefined || bits < 0 ? undefined : { family: 6, first, bits };
}

/** Reads a block of either family; undefined when the text is neither, or has no `/bits`. */
export function parseCidr(text: string): Cidr | undefined {
  return text.includes(':') ? parseCidr6(text) : parseCidr4(text);
}

/** Like {@link parseCidr}, and undefined too when host bits are set: `10.0.1.7/24`. */
export function parseCanonicalCidr(text: string): Cidr | undefined {
  const cidr = parseCidr(text);
  return cidr !== undefined && isCanonical(cidr) ? cidr : undefined;
}

/** Reads a block, or an address standing for the block that holds only it. */
export function parseCidrOrIp(text: string): Cidr | undefined {
  if (text.includes('/')) return parseCidr(text);
  const ip = parseIp(text);
  return ip === undefined ? undefined : hostCidr(ip);
}

/** Writes `10.0.1.0/24`, host bits included as they were read. */
export function formatCidr(cidr: Cidr): string {
  return cidr.family === 4
    ? `${formatIpv4(cidr.first)}/${cidr.bits}`
    : `${formatIpv6(cidr.first)}/${cidr.bits}`;
}

/** How many addresses: 2^(32-bits) as a number, 2^(128-bits) as a bigint. */
export function sizeOf(cidr: Cidr4): number;
export function sizeOf(cidr: Cidr6): bigint;
export function sizeOf(cidr: Cidr): number | bigint;
export function sizeOf(cidr: Cidr): number | bigint {
  return cidr.family === 4 ? 2 ** (32 - cidr.bits) : 1n << BigInt(128 - cidr.bits);
}

/** The lowest address of the block: its written address with the host bits cleared. */
export function firstAddress(cidr: Cidr4): Ipv4;
export function firstAddress(cidr: Cidr6): Ipv6;
export function firstAddress(cidr: Cidr): Ip;
export function firstAddress(cidr: Cidr): Ip {
  if (cidr.family === 4) return mask4(cidr.first, cidr.bits);
  const hostBits = BigInt(128 - cidr.bits);
  return (cidr.first >> hostBits) << hostBits;
}

/** The highest address of the block: in IPv4 its broadcast address. */
export function lastAddress(cidr: Cidr4): Ipv4;
export function lastAddress(cidr: Cidr6): Ipv6;
export function lastAddress(cidr: Cidr): Ip;
export function lastAddress(cidr: Cidr): Ip {
  return cidr.family === 4
    ? firstAddress(cidr) + (sizeOf(cidr) - 1)
    : firstAddress(cidr) + (sizeOf(cidr) - 1n);
}

/** Clears all but the leading `bits` of an IPv4 address. */
export function mask4(ip: Ipv4, bits: number): Ipv4 {
  // JavaScript shifts by (count mod 32), so a /0 needs its own answer.
  return bits === 0 ? 0 : (ip & (0xffffffff << (32 - bits))) >>> 0;
}

/** True when no host bit is set. */
export function isCanonical(cidr: Cidr): boolean {
  return firstAddress(cidr) === cidr.first;
}

/** The same block with its host bits cleared; the same object when none is set. */
export function canonicalCidr(cidr: Cidr4): Cidr4;
export function canonicalCidr(cidr: Cidr6): Cidr6;
export function canonicalCidr(cidr: Cidr): Cidr;
export function canonicalCidr(cidr: Cidr): Cidr {
  if (isCanonical(cidr)) return cidr;
  return cidr.family === 4
    ? cidr4(firstAddress(cidr), cidr.bits)
    : cidr6(firstAddress(cidr), cidr.bits);
}

/** The block of `bits` length an address lies in. */
export function cidrOf(ip: Ipv4, bits: number): Cidr4;
export function cidrOf(ip: Ipv6, bits: number): Cidr6;
export function cidrOf(ip: Ip, bits: number): Cidr;
export function cidrOf(ip: Ip, bits: number): Cidr {
  return canonicalCidr(typeof ip === 'number' ? cidr4(ip, bits) : cidr6(ip, bits));
}

/** True when the IPv4 addresses agree in their leading `bits`. */
function agree4(a: Ipv4, b: Ipv4, bits: number): boolean {
  return bits === 0 || (a ^ b) >>> (32 - bits) === 0;
}

/** True when the IPv6 addresses agree in their leading `bits`. */
function agree6(a: Ipv6, b: Ipv6, bits: number): boolean {
  return (a ^ b) >> BigInt(128 - bits) === 0n;
}

/** True when the address lies in the block; an address of the other family never does. */
export function contains(cidr: Cidr, ip: Ip): boolean {
  if (cidr.family === 4) return typeof ip === 'number' && agree4(cidr.first, ip, cidr.bits);
  return typeof ip === 'bigint' && agree6(cidr.first, ip, cidr.bits);
}

/** True when every address of `inner` lies in `outer`; equal blocks contain each other. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return inner.bits >= outer.bits && contains(outer, inner.first);
}

/** True when the blocks share an address: two blocks overlap only by nesting. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.bits <= b.bits ? contains(a, b.first) : contains(b, a.first);
}

/** True when both are the same block, whatever their host bits. */
export function sameCidr(a: Cidr, b: Cidr): boolean {
  return a.bits === b.bits && contains(a, b.first);
}

/**
 * The address `offset` places above the block's lowest.
 *
 * @param offset  0..size-1; a number for IPv4, a number or bigint for IPv6
 * @throws RangeError when the offset lies outside the block
 */
export function addressAt(cidr: Cidr4, offset: number): Ipv4;
export function addressAt(cidr: Cidr6, offset: number | bigint): Ipv6;
export function addressAt(cidr: Cidr, offset: number): Ip;
export function addressAt(cidr: Cidr, offset: number | bigint): Ip {
  const inside = offset >= 0 && offset < sizeOf(cidr);
  invariant(inside, `offset ${offset} outside ${formatCidr(cidr)}`);
  return cidr.family === 4
    ? firstAddress(cidr) + Number(offset)
    : firstAddress(cidr) + BigInt(offset);
}

/**
 * The block's consecutive sub-blocks of prefix length `newBits`, lowest first, made as they are
 * asked for: a /56 has 256 /64s, but a /64 has 2^64 /128s.
 *
 * @param newBits  the sub-blocks' own prefix length (not the number of added bits)
 * @throws RangeError when `newBits` is shorter than the block or longer than an address
 */
export function subnets(cidr: Cidr4, newBits: number): IterableIterator<Cidr4>;
export function subnets(cidr: Cidr6, newBits: number): IterableIterator<Cidr6>;
export function subnets(cidr: Cidr, newBits: number): IterableIterator<Cidr>;
export function subnets(cidr: Cidr, newBits: number): IterableIterator<Cidr> {
  const inRange = newBits >= cidr.bits && newBits <= (cidr.family === 4 ? 32 : 128);
  invariant(inRange, `${formatCidr(cidr)} has no sub-blocks of /${newBits}`);
  return cidr.family === 4 ? subnets4(cidr, newBits) : subnets6(cidr, newBits);
}

function* subnets4(cidr: Cidr4, newBits: number): IterableIterator<Cidr4> {
  const step = 2 ** (32 - newBits);
  const last = lastAddress(cidr);
  for (let first = firstAddress(cidr); first <= last; first += step) yield cidr4(first, newBits);
}

function* subnets6(cidr: Cidr6, newBits: number): IterableIterator<Cidr6> {
  const step = 1n << BigInt(128 - newBits);
  const last = lastAddress(cidr);
  for (let first = firstAddress(cidr); first <= last; first += step) yield cidr6(first, newBits);
}

/** Orders blocks: IPv4 before IPv6, then by lowest address, then the wider block first. */
export function compareCidr(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  const x = firstAddress(a);
  const y = firstAddress(b);
  if (x !== y) return x < y ? -1 : 1;
  return a.bits - b.bits;
}
