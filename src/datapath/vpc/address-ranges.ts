/** datapath/vpc/address-ranges — blocks of addresses that AWS's network treats specially. */

import type { Vpc } from '../../model/ec2/vpc.ts';
import {
  addressAt,
  type Cidr4,
  cidr4,
  contains,
  type Ip,
  parseCidr4,
  parseIp,
  RFC1918,
} from '../../net/index.ts';

const block = (text: string): Cidr4 => parseCidr4(text) ?? cidr4(0, 32);

const RFC6598 = block('100.64.0.0/10');
const LINK_LOCAL_4 = block('169.254.0.0/16');

/** 10/8, 172.16/12, 192.168/16. */
export const isRfc1918 = (ip: Ip): boolean => RFC1918.some((it) => contains(it, ip));

/** 100.64/10, shared address space. */
export const isRfc6598 = (ip: Ip): boolean => contains(RFC6598, ip);

/** Addresses that no router carries: 169.254/16, fe80::/10, and fd00:ec2::/32 (EC2's own). */
export function isLinkLocal(ip: Ip): boolean {
  if (typeof ip === 'number') return contains(LINK_LOCAL_4, ip);
  return ip >> 118n === 0x3fan || ip >> 96n === 0xfd000ec2n;
}

/**
 * Services every instance finds at a fixed address.
 * Source: EC2 User Guide, "Use IMDS" and "Amazon Time Sync"; VPC User Guide, "Amazon DNS".
 */
const FIXED: ReadonlyMap<Ip | undefined, string> = new Map([
  [parseIp('169.254.169.254'), 'imds'],
  [parseIp('fd00:ec2::254'), 'imds'],
  [parseIp('169.254.169.253'), 'resolver'],
  [parseIp('fd00:ec2::253'), 'resolver'],
  [parseIp('169.254.169.123'), 'time-sync'],
  [parseIp('fd00:ec2::123'), 'time-sync'],
]);

const secondAddresses = new WeakMap<Vpc, readonly (Ip | undefined)[]>();

/** `10.0.0.2` of 10.0.0.0/16, of each IPv4 block. */
function resolverAddresses(vpc: Vpc): readonly (Ip | undefined)[] {
  const held = secondAddresses.get(vpc);
  if (held !== undefined) return held;
  const blocks = vpc.cidrBlocks.map(({ cidrBlock }) => parseCidr4(cidrBlock));
  const made = blocks.map((it) => (it === undefined ? undefined : addressAt(it, 2)));
  secondAddresses.set(vpc, made);
  return made;
}

/** The service at a fixed address of a VPC; undefined where the address is an ordinary one. */
export function fixedService(vpc: Vpc | undefined, ip: Ip): string | undefined {
  const service = FIXED.get(ip);
  if (service !== undefined) return service;
  return vpc !== undefined && resolverAddresses(vpc).includes(ip) ? 'resolver' : undefined;
}
