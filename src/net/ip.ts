/** net/ip — an address of either family; the JavaScript type tells which (number: 4, bigint: 6). */
import { formatIpv4, type Ipv4, parseIpv4 } from './ipv4.ts';
import { formatIpv6, type Ipv6, parseIpv6 } from './ipv6.ts';

/** An address of either family. */
export type Ip = Ipv4 | Ipv6;

/** Which Internet Protocol. */
export type IpFamily = 4 | 6;

/** Reads an address of either family; undefined when the text is neither. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Writes the one canonical text of an address. */
export function formatIp(ip: Ip): string {
  return typeof ip === 'number' ? formatIpv4(ip) : formatIpv6(ip);
}

/** The family of an address. */
export function familyOf(ip: Ip): IpFamily {
  return typeof ip === 'number' ? 4 : 6;
}

/** Rewrites `2001:DB8:0::1` as `2001:db8::1`; undefined when the text is no address. */
export function canonicalIpText(text: string): string | undefined {
  const ip = parseIp(text);
  return ip === undefined ? undefined : formatIp(ip);
}
