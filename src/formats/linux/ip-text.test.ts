import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { ipAddrText, parseIpAddr } from './ip-addr.ts';
import { ipNeighText, parseIpNeigh } from './ip-neigh.ts';
import { ipRouteText, parseIpRoutes } from './ip-route.ts';
import { ipRuleText, parseIpRules } from './ip-rule.ts';
import { anyIpRules, anyRoutes, namespace } from './linux-text.fixture.ts';

describe('iproute2 text', () => {
  test('policy rules read back are the rules that were printed', () => {
    fc.assert(
      fc.property(anyIpRules, (rules) => {
        expect(parseIpRules(ipRuleText(namespace({ rules })), 'rules')).toEqual(rules);
      }),
    );
  });

  test('routes of all tables read back are the routes that were printed', () => {
    const sorted = (routes: readonly { destination: string; table: number }[]) =>
      routes.map((route) => JSON.stringify(route, Object.keys(route).sort())).sort();
    fc.assert(
      fc.property(anyRoutes, (routes) => {
        const read = parseIpRoutes(ipRouteText(namespace({ routes }), 'all'), 'routes');
        expect(sorted(read)).toEqual(sorted(routes));
      }),
    );
  });

  test('a strict IPv6 node asks its ICMPv6 rule with ipproto', () => {
    const text = '0:\tfrom fe80:ec2::1 ipproto ipv6-icmp lookup local\n';
    const rules = parseIpRules(text, 'rules');
    expect(rules[0]?.match).toEqual({ kind: 'from', value: 'fe80:ec2::1', protocol: 58 });
    expect(ipRuleText(namespace({ rules }), 6)).toBe(text);
    expect(ipRuleText(namespace({ rules }), 4)).toBe('');
  });

  test('the local table is made from the addresses of the links', () => {
    const links = [
      { name: 'eth0', kind: 'ena', macAddress: '02:01', mtu: 9001, addresses: ['10.0.3.10/24'] },
    ] as const;
    expect(ipRouteText(namespace({ links }), 255)).toBe(
      'local 10.0.3.10 dev eth0 proto kernel scope host src 10.0.3.10\n' +
        'broadcast 10.0.3.255 dev eth0 proto kernel scope link src 10.0.3.10\n',
    );
  });

  test('neighbours and links read back are those that were printed', () => {
    const neighbours = [
      { address: '169.254.1.1', device: 'eth0', macAddress: '02:00', state: 'PERMANENT' as const },
    ];
    expect(parseIpNeigh(ipNeighText(namespace({ neighbours })), 'neigh')).toEqual(neighbours);
    const links = [
      { name: 'lo', kind: 'loopback', macAddress: '00:00', mtu: 65536, addresses: ['127.0.0.1/8'] },
      { name: 'eth0', kind: 'ena', macAddress: '02:01', mtu: 9001, addresses: ['10.0.3.10/24'] },
      { name: 'eniabc', kind: 'veth', macAddress: '02:02', mtu: 9001, addresses: [] },
    ] as const;
    expect(parseIpAddr(ipAddrText(namespace({ links })), 'addr')).toEqual(links);
  });

  test('a rule that asks two things is refused with its place', () => {
    const read = () => parseIpRules('9:\tfrom 10.0.0.1 to 10.0.0.2 lookup main\n', 'rules');
    expect(read).toThrow(InputError);
    expect(read).toThrow('rules:1:30');
  });
});
