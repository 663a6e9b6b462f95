import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cidrTextContainsCidr, cidrTextsOverlap } from '../../net/index.ts';
import { ipv4Blocks, ipv4BlocksOfIpv6, ipv6Block } from './subnet-layout.ts';

describe('which block each subnet of an eksctl VPC gets', () => {
  test('three zones of a /16 are six /19, public ones first', () => {
    expect(ipv4Blocks('192.168.0.0/16', 3)).toEqual([
      '192.168.0.0/19',
      '192.168.32.0/19',
      '192.168.64.0/19',
      '192.168.96.0/19',
      '192.168.128.0/19',
      '192.168.160.0/19',
    ]);
  });

  test('five zones are ten /20, and a /20 VPC with three zones has /23', () => {
    expect(ipv4Blocks('192.168.0.0/16', 5)!.slice(4, 7)).toEqual([
      '192.168.64.0/20',
      '192.168.80.0/20',
      '192.168.96.0/20',
    ]);
    expect(ipv4Blocks('10.0.0.0/20', 3)).toEqual([
      '10.0.0.0/23',
      '10.0.2.0/23',
      '10.0.4.0/23',
      '10.0.6.0/23',
      '10.0.8.0/23',
      '10.0.10.0/23',
    ]);
    expect(ipv4Blocks('10.0.0.0/24', 4)![7]).toBe('10.0.0.224/27');
    expect(ipv4Blocks('10.0.0.0/24', 8)![15]).toBe('10.0.0.240/28');
  });

  test('an IPv6 cluster with four zones gets /20, not /19 as an IPv4 one', () => {
    expect(ipv4BlocksOfIpv6('192.168.0.0/16', 3)![5]).toBe('192.168.160.0/19');
    expect(ipv4BlocksOfIpv6('192.168.0.0/16', 4)![7]).toBe('192.168.112.0/20');
    expect(ipv4BlocksOfIpv6('192.168.0.0/16', 8)![0]).toBe('192.168.0.0/21');
    expect(ipv6Block('2600:1f14:abc:de00::/56', 5)).toBe('2600:1f14:abc:de05::/64');
  });

  test('blocks never overlap and never leave the VPC', () => {
    const sizes = fc.tuple(fc.integer({ min: 16, max: 24 }), fc.integer({ min: 2, max: 8 }));
    fc.assert(
      fc.property(sizes, fc.boolean(), ([bits, zones], isV6) => {
        const vpc = `10.64.0.0/${bits}`;
        const blocks = (isV6 ? ipv4BlocksOfIpv6 : ipv4Blocks)(vpc, zones);
        if (blocks === undefined) return;
        expect(blocks).toHaveLength(2 * zones);
        for (const [i, block] of blocks.entries()) {
          expect(cidrTextContainsCidr(vpc, block)).toBe(true);
          for (const other of blocks.slice(i + 1)) {
            expect(cidrTextsOverlap(block, other)).toBe(false);
          }
        }
      }),
    );
  });
});
