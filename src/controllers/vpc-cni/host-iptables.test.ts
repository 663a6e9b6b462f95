import { describe, expect, test } from 'vitest';
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type { IptablesTableName } from '../../model/linux/netfilter.ts';
import { type HostSettings, setUpHostIptables } from './host-iptables.ts';
import { IptablesState } from './iptables-state.ts';
import { cleanUpStaleChains } from './stale-rules.ts';

const SETTINGS: HostSettings = {
  family: 4,
  primaryAddress: '10.0.3.10',
  primaryLink: 'eth0',
  vpcCidrs: ['10.0.0.0/16', '100.64.0.0/16'],
  excludedSnatCidrs: [],
  externalSnat: false,
  randomizeSnat: 'prng',
  nodePortSupport: true,
  connmark: 0x80,
  connmarkBackend: 'iptables',
  vethPrefix: 'eni',
  egress: { ipv4: false, ipv6: false },
};

const setUp = (more: Partial<HostSettings> = {}, ipv4 = new IptablesState()) => {
  const ipv6 = new IptablesState();
  setUpHostIptables({ ...SETTINGS, ...more }, ipv4, ipv6);
  const rules = (table: IptablesTableName, chain: string, state = ipv4): readonly string[] =>
    (state.chain(table, chain) ?? []).map((rule) => iptablesRuleText(rule));
  return { ipv4, ipv6, rules };
};

describe('the rules ipamd keeps on a node', () => {
  test('what leaves the VPC gets the node’s primary address; the VPC’s blocks are left alone', () => {
    const { rules } = setUp();
    expect(rules('nat', 'POSTROUTING')).toEqual([
      '-m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0',
    ]);
    // Each block is inserted at the head, so the last one of the list is looked at first.
    expect(rules('nat', 'AWS-SNAT-CHAIN-0')).toEqual([
      '-d 100.64.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
      '-d 10.0.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
      '! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL ' +
        '-j SNAT --to-source 10.0.3.10 --random-fully',
    ]);
  });

  test('new connections of pods out of the VPC are marked, so that they leave by the primary ENI', () => {
    const { rules } = setUp();
    expect(rules('nat', 'PREROUTING')).toEqual([
      '-i eni+ -m comment --comment "AWS, outbound connections" -j AWS-CONNMARK-CHAIN-0',
      '-m comment --comment "AWS, CONNMARK" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80',
    ]);
    expect(rules('nat', 'AWS-CONNMARK-CHAIN-0').at(-1)).toBe(
      '-m comment --comment "AWS, CONNMARK" -j CONNMARK --set-xmark 0x80/0x80',
    );
    expect(rules('mangle', 'PREROUTING')).toEqual([
      '-i eth0 -m comment --comment "AWS, primary ENI" -m addrtype --dst-type LOCAL ' +
        '--limit-iface-in -j CONNMARK --set-xmark 0x80/0x80',
      '-i eni+ -m comment --comment "AWS, primary ENI" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80',
      '-i vlan+ -m comment --comment "AWS, primary ENI" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80',
    ]);
  });

  test('EXCLUDE_SNAT_CIDRS go before the VPC’s blocks; 0.0.0.0/0 excludes everything', () => {
    const { rules } = setUp({ excludedSnatCidrs: ['10.9.0.0/16', '0.0.0.0/0'] });
    expect(rules('nat', 'AWS-SNAT-CHAIN-0').slice(0, 2)).toEqual([
      '-m comment --comment "AWS SNAT CHAIN EXCLUSION" -j RETURN',
      '-d 10.9.0.0/16 -m comment --comment "AWS SNAT CHAIN EXCLUSION" -j RETURN',
    ]);
  });

  test('EXTERNALSNAT takes SNAT and the marks of outbound connections away, not NodePort’s', () => {
    const first = setUp();
    const { rules } = setUp({ externalSnat: true }, first.ipv4);
    expect(rules('nat', 'POSTROUTING')).toEqual([]);
    expect(rules('nat', 'AWS-SNAT-CHAIN-0')).toEqual([]);
    expect(rules('nat', 'PREROUTING')).toEqual([]);
    expect(first.ipv4.chain('nat', 'AWS-CONNMARK-CHAIN-0')).toBeUndefined();
    expect(rules('mangle', 'PREROUTING')).toHaveLength(3);
  });

  test('without NodePort support only the marks that SNAT needs are restored', () => {
    expect(setUp({ nodePortSupport: false }).rules('mangle', 'PREROUTING')).toEqual([
      '-i eni+ -m comment --comment "AWS, primary ENI" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80',
    ]);
    expect(
      setUp({ nodePortSupport: false, externalSnat: true }).rules('mangle', 'PREROUTING'),
    ).toEqual([]);
  });

  test('RANDOMIZESNAT chooses how source ports are drawn', () => {
    const last = (randomizeSnat: HostSettings['randomizeSnat']): string =>
      setUp({ randomizeSnat }).rules('nat', 'AWS-SNAT-CHAIN-0').at(-1)!;
    expect(last('hashrandom')).toMatch(/10\.0\.3\.10 --random$/);
    expect(last('none')).toMatch(/10\.0\.3\.10$/);
  });

  test('a second start changes nothing; a block that left the VPC loses its rules', () => {
    const first = setUp();
    const before = first.rules('nat', 'AWS-SNAT-CHAIN-0');
    setUp({}, first.ipv4);
    expect(first.rules('nat', 'AWS-SNAT-CHAIN-0')).toEqual(before);
    setUp({ vpcCidrs: ['10.0.0.0/16'] }, first.ipv4);
    expect(first.rules('nat', 'AWS-SNAT-CHAIN-0')).toHaveLength(2);
    expect(first.rules('nat', 'AWS-CONNMARK-CHAIN-0')).toHaveLength(2);
  });

  test('an IPv6 cluster has no SNAT, and refuses new connections to its pods’ IPv4 egress', () => {
    const { rules, ipv4 } = setUp({ family: 6, egress: { ipv4: true, ipv6: false } });
    expect(ipv4.chainNames('nat')).toEqual([]);
    expect(rules('filter', 'FORWARD')).toEqual([
      '-d 169.254.172.0/22 -m conntrack --ctstate NEW -m comment --comment ' +
        '"Block Node Local Pod access via IPv4" -j REJECT --reject-with icmp-port-unreachable',
    ]);
  });

  test('an IPv4 cluster with IPv6 egress refuses new connections to its range', () => {
    const { rules, ipv6 } = setUp({ egress: { ipv4: false, ipv6: true } });
    expect(rules('filter', 'FORWARD', ipv6)[0]).toMatch(/^-d fd00::ac:0\/118 .* -j REJECT/);
  });

  test('chains of releases that numbered them are deleted', () => {
    const state = new IptablesState();
    for (const chain of ['AWS-SNAT-CHAIN-1', 'AWS-SNAT-CHAIN-2', 'AWS-CONNMARK-CHAIN-1'])
      state.newChain('nat', chain);
    setUp({}, state);
    cleanUpStaleChains(state);
    expect(state.chainNames('nat').filter((name) => name.startsWith('AWS-'))).toEqual([
      'AWS-SNAT-CHAIN-0',
      'AWS-CONNMARK-CHAIN-0',
    ]);
  });
});
