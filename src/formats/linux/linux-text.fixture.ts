/** formats/linux/linux-text.fixture — any iptables, rules and routes that the text can hold. */

import fc from 'fast-check';
import type { IpRoute, IpRule } from '../../model/linux/cni.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import type {
  Iptables,
  IptablesMatch,
  IptablesRule,
  IptablesTable,
  IptablesTableName,
  IptablesTarget,
} from '../../model/linux/netfilter.ts';
import { cidr4, formatCidr, formatIpv4, mask4 } from '../../net/index.ts';

const address = fc.integer({ min: 0x0a000000, max: 0x0affffff });
const block = fc
  .tuple(address, fc.integer({ min: 8, max: 32 }))
  .map(([ip, bits]) => cidr4(mask4(ip, bits), bits));
const negated = fc.boolean();
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
/** Comments with everything that must be quoted. */
const comment = fc.stringMatching(/^[ -~]{1,40}$/).filter((text) => text.trim() === text);
const mark = fc.integer({ min: 0, max: 0xffffffff });
const range = fc
  .tuple(fc.integer({ min: 1, max: 60000 }), fc.integer({ min: 0, max: 5000 }))
  .map(([from, more]) => ({ from, to: from + more }));

const header: fc.Arbitrary<readonly IptablesMatch[]> = fc
  .tuple(
    fc.option(fc.record({ kind: fc.constant('source' as const), cidr: block, negated })),
    fc.option(fc.record({ kind: fc.constant('destination' as const), cidr: block, negated })),
    fc.option(fc.record({ kind: fc.constant('in-interface' as const), name: word, negated })),
    fc.record({
      kind: fc.constant('protocol' as const),
      protocol: fc.constantFrom(6, 17),
      negated: fc.constant(false),
    }),
  )
  .map((matches) => matches.filter((match) => match !== null));

const extension: fc.Arbitrary<readonly IptablesMatch[]> = fc
  .tuple(
    fc.option(fc.record({ kind: fc.constant('comment' as const), text: comment })),
    fc.option(
      fc.record({
        kind: fc.constant('address-type' as const),
        side: fc.constantFrom('source' as const, 'destination' as const),
        type: fc.constantFrom('LOCAL' as const, 'UNICAST' as const),
        negated,
      }),
    ),
    fc.option(
      range.chain((ports) =>
        fc.record({
          kind: fc.constant('destination-port' as const),
          from: fc.constant(ports.from),
          to: fc.constant(ports.to),
          negated,
        }),
      ),
    ),
    fc.option(
      fc.record({
        kind: fc.constant('conntrack' as const),
        // In the order in which the tool prints them.
        states: fc.constantFrom(
          ['INVALID'] as const,
          ['NEW'] as const,
          ['RELATED', 'ESTABLISHED'] as const,
        ),
        negated,
      }),
    ),
    fc.option(
      fc.record({
        kind: fc.constantFrom('mark' as const, 'connmark' as const),
        value: mark,
        mask: mark,
        negated,
      }),
    ),
    fc.option(
      fc.record({
        kind: fc.constant('recent' as const),
        action: fc.constant('rcheck' as const),
        name: word,
        seconds: fc.integer({ min: 1, max: 86400 }),
        reap: fc.boolean(),
      }),
    ),
    fc.option(
      fc.constantFrom('0.50000000000', '0.25000000000').map((text) => ({
        kind: 'statistic' as const,
        probability: Number(text),
        text,
      })),
    ),
  )
  .map((matches) => matches.filter((match) => match !== null));

const plain: fc.Arbitrary<IptablesTarget> = fc.oneof(
  fc.constantFrom<IptablesTarget>(
    { kind: 'accept' },
    { kind: 'drop' },
    { kind: 'return' },
    { kind: 'jump', chain: 'KUBE-B' },
    { kind: 'goto', chain: 'KUBE-B' },
    { kind: 'nflog', group: 5, prefix: 'x y' },
    { kind: 'log', prefix: 'dropped: ' },
  ),
  fc.record({ kind: fc.constant('connmark-save' as const), mask: mark }),
);
const nat: fc.Arbitrary<IptablesTarget> = fc.oneof(
  fc.record({
    kind: fc.constant('dnat' as const),
    address,
    port: fc.integer({ min: 1, max: 65535 }),
  }),
  fc.constant<IptablesTarget>({ kind: 'return' }),
);
const filter: fc.Arbitrary<IptablesTarget> = fc.oneof(
  plain,
  fc.constant<IptablesTarget>({ kind: 'reject', with: 'icmp-port-unreachable' }),
);
const mangle: fc.Arbitrary<IptablesTarget> = fc.oneof(
  plain,
  fc.record({ kind: fc.constant('mark' as const), value: mark, mask: mark }),
  fc.record({ kind: fc.constant('connmark-set' as const), value: mark, mask: mark }),
  fc.record({ kind: fc.constant('connmark-restore' as const), mask: mark }),
);

const rulesOf = (target: fc.Arbitrary<IptablesTarget>): fc.Arbitrary<readonly IptablesRule[]> =>
  fc.array(
    fc
      .tuple(header, extension, target)
      .map(([before, after, end]) => ({ matches: [...before, ...after], target: end })),
    { maxLength: 6 },
  );

function tableOf(
  name: IptablesTableName,
  builtIn: string,
  rules: readonly IptablesRule[],
): IptablesTable {
  const chains = [
    { name: builtIn, policy: 'ACCEPT' as const, rules },
    { name: 'KUBE-A', rules },
    { name: 'KUBE-B', rules: [] },
  ];
  return { name, chain: (chain) => chains.find((one) => one.name === chain), chains: () => chains };
}

/** Tables of IPv4 as iptables-save could have printed them. */
export const anyTables: fc.Arbitrary<Iptables> = fc
  .tuple(rulesOf(nat), rulesOf(filter), rulesOf(mangle))
  .map(([first, second, third]) => ({
    mangle: tableOf('mangle', 'PREROUTING', third),
    filter: tableOf('filter', 'INPUT', second),
    nat: tableOf('nat', 'PREROUTING', first),
  }));

/** What two tables that say the same have in common. */
export const plainTables = (tables: Iptables) =>
  Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, [...(table?.chains() ?? [])]]),
  );

const ip = address.map(formatIpv4);

export const anyIpRules: fc.Arbitrary<readonly IpRule[]> = fc
  .uniqueArray(
    fc.record({
      priority: fc.integer({ min: 1, max: 32000 }),
      match: fc.oneof(
        fc.record({ kind: fc.constantFrom('from' as const, 'to' as const), value: ip }),
        fc.record({ kind: fc.constant('iif' as const), value: word }),
        fc.constant({ kind: 'fwmark' as const, value: '0x80/0x80' }),
        fc.constant({ kind: 'all' as const }),
        fc.record({ kind: fc.constant('from' as const), value: ip, protocol: fc.constant(17) }),
      ),
      table: fc.constantFrom(2, 101, 253, 254, 255),
    }),
    { selector: ({ priority }) => priority },
  )
  .map((rules) => rules.toSorted((a, b) => a.priority - b.priority));

export const anyRoutes: fc.Arbitrary<readonly IpRoute[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({
      destination: block.map(formatCidr),
      device: fc.constant('eth0'),
      scope: fc.constant('link' as const),
      table: fc.constantFrom(2, 101, 254),
    }),
    fc.record({
      destination: fc.constant('default'),
      via: fc.constant('10.0.3.1'),
      device: fc.constant('eth0'),
      table: fc.constantFrom(2, 101, 254),
      protocol: fc.constantFrom('dhcp', 'static'),
    }),
    fc.record({
      destination: block.map(formatCidr),
      device: fc.constant('lo'),
      type: fc.constantFrom('blackhole' as const, 'unreachable' as const),
      table: fc.constantFrom(2, 254),
    }),
  ),
  { selector: ({ destination, table }) => `${destination} ${table}`, maxLength: 12 },
);

/** A node's namespace with nothing in it but what is given. */
export const namespace = (more: Partial<NetworkNamespace>): NetworkNamespace => ({
  id: 'node/n1',
  links: [],
  neighbours: [],
  rules: [],
  routes: [],
  sysctls: {},
  iptables: { ipv4: {}, ipv6: {} },
  nftables: [],
  sockets: [],
  areSocketsKnown: true,
  ...more,
});
