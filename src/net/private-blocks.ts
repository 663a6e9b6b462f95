/** net/private-blocks — blocks of which no address is anybody's on the internet. */
import { type Cidr, type Cidr4, parseCidr, parseCidr4 } from './cidr.ts';

/** 10/8, 172.16/12, 192.168/16. */
export const RFC1918: readonly Cidr4[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(
  (text) => parseCidr4(text)!,
);

/** RFC 1918, RFC 6598 (shared address space) and RFC 4193 (unique local IPv6). */
export const PRIVATE_BLOCKS: readonly Cidr[] = [
  ...RFC1918,
  ...['100.64.0.0/10', 'fc00::/7'].map((text) => parseCidr(text)!),
];
