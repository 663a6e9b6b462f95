import { describe, expect, test } from 'vitest';
import { formatNftRule } from '../../model/linux/nftables-text.ts';
import { type NftConnmarkSettings, nftConnmarkTable } from './nft-connmark.ts';

const SETTINGS: NftConnmarkSettings = {
  family: 4,
  vpcCidrs: ['10.0.0.0/16', '100.64.0.0/16'],
  excludedSnatCidrs: ['192.168.0.0/24'],
  externalSnat: false,
  connmark: 0x80,
  connmarkBackend: 'nftables',
  vethPrefix: 'eni',
};

const rulesOf = (chain: string, settings = SETTINGS) =>
  nftConnmarkTable(settings)?.chain(chain)?.rules.map(formatNftRule);

describe('the VPC CNI on a node whose iptables is nf_tables', () => {
  test('marks what pods send out of the VPC, and puts the mark back on later packets', () => {
    expect(rulesOf('nat-prerouting')).toEqual([
      'fib daddr type local return',
      'iifname "eni*" counter packets 0 bytes 0 jump snat-mark',
      'counter packets 0 bytes 0 meta mark set ct mark & 0x00000080',
    ]);
    expect(rulesOf('snat-mark')).toEqual([
      'counter packets 0 bytes 0 ip daddr 192.168.0.0/24 return',
      'counter packets 0 bytes 0 ip daddr 100.64.0.0/16 return',
      'counter packets 0 bytes 0 ip daddr 10.0.0.0/16 return',
      'counter packets 0 bytes 0 ct mark set ct mark | 0x00000080',
    ]);
  });

  test.each([
    ['EXTERNALSNAT', { externalSnat: true }],
    ['an IPv6 cluster', { family: 6 as const }],
    ['legacy iptables', { connmarkBackend: 'iptables' as const }],
    ['nothing to exempt', { vpcCidrs: [], excludedSnatCidrs: [] }],
  ])('keeps no such table with %s', (_why, change) => {
    expect(nftConnmarkTable({ ...SETTINGS, ...change })).toBeUndefined();
  });
});
