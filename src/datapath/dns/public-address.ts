/**
 * datapath/dns/public-address — the addresses that stand in for those of public names: stable,
 * from the blocks that are kept for documentation (RFC 5737, RFC 3849), by hash of the name.
 */

import { addressAt, formatIp, parseCidr, sizeOf } from '../../net/index.ts';
import { mixedFnv1a } from '../../sim/fnv.ts';
import { TOP_LEVEL_DOMAINS } from './top-level-domains.data.ts';

const BLOCKS = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'];

/** A host address of one of the blocks, always the same for the same name. */
export function standIn(name: string, blocks: readonly string[] = BLOCKS): string | undefined {
  const cidrs = blocks.map(parseCidr).filter((cidr) => cidr?.family === 4);
  const h = mixedFnv1a(name.toLowerCase());
  const cidr = cidrs[h % Math.max(1, cidrs.length)];
  if (cidr === undefined) return undefined;
  const hosts = Number(sizeOf(cidr)) - 2;
  return formatIp(addressAt(cidr, 1 + (Math.floor(h / 7) % Math.max(1, hosts))));
}

/** One of several blocks for a name; the others have no say in which. */
export function blockFor(name: string, blocks: readonly string[]): string | undefined {
  const weight = (block: string): number => mixedFnv1a(`${name.toLowerCase()} ${block}`);
  return blocks
    .filter((block) => parseCidr(block)?.family === 4)
    .reduce<string | undefined>(
      (best, block) => (best === undefined || weight(block) > weight(best) ? block : best),
      undefined,
    );
}

/** An address of 2001:db8::/32, always the same for the same name. */
export function standInV6(name: string): string {
  const lower = name.toLowerCase();
  const words = [lower, `${lower}#1`]
    .map((text) => mixedFnv1a(text))
    .flatMap((h) => [h >>> 16, h & 0xffff]);
  const tail = words.map((word) => word.toString(16)).join(':');
  return formatIp(BigInt(`0x20010db800000000${padded(tail)}`));
}

const padded = (words: string): string =>
  words
    .split(':')
    .map((word) => word.padStart(4, '0'))
    .join('');

/** Whether a name can be one of the public tree: it ends in a known top level domain. */
export function isPublicName(name: string): boolean {
  const labels = name
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '');
  const top = labels.at(-1);
  if (top === undefined || labels.length < 2) return false;
  return /^[a-z]{2}$/.test(top) || /^xn--/.test(top) || TOP_LEVEL_DOMAINS.has(top);
}
