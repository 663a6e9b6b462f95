import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { type NftTable, nftTable } from '../../model/linux/nftables.ts';
import {
  NFT_FIELD_TYPES,
  type NftDatatype,
  type NftField,
} from '../../model/linux/nftables-field.data.ts';
import { NFT_WORDS } from '../../model/linux/nftables-name.data.ts';
import { type NftValue, type NftVerdict, nftSet } from '../../model/linux/nftables-set.ts';
import {
  NFT_ICMP_ERRORS,
  type NftRule,
  type NftStatement,
} from '../../model/linux/nftables-statement.ts';
import { parseNftRuleset } from './nft-parse.ts';
import { formatNftRuleset } from './nft-ruleset.ts';

const parse = (text: string) => parseNftRuleset({ path: 'rules.nft', text });

const name = fc.stringMatching(/^[a-z][a-z0-9_/.-]{0,20}[a-z0-9/]$/);
const text = fc.stringMatching(/^[A-Za-z0-9 @:/,.'-]{1,20}$/);
const u32 = fc.nat({ max: 0xffffffff });
const optional = <K extends string, V>(key: K, value: fc.Arbitrary<V>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }));

const between = <T extends number | bigint>(bound: fc.Arbitrary<T>): fc.Arbitrary<NftValue> =>
  fc.tuple(bound, bound).map(([a, b]) => {
    if (a === b) return a;
    return a < b ? { from: a, to: b } : { from: b, to: a };
  });

function valueOfType(type: NftDatatype): fc.Arbitrary<NftValue> {
  const words = NFT_WORDS[type];
  if (words !== undefined) return fc.constantFrom(...words);
  if (type === 'ipv4_addr') return fc.oneof(u32, between(u32));
  if (type === 'ipv6_addr') {
    const ip = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
    return fc.oneof(ip, between(ip));
  }
  if (type === 'ifname') return fc.constantFrom('eth0', 'eni*', 'lo', 'vlan.eth.1');
  if (type === 'iface_index') return fc.constantFrom('eth0', 'lo');
  const number = fc.nat({
    max: type === 'mark' ? 0xffffffff : type === 'inet_service' ? 65_535 : 255,
  });
  return fc.oneof(number, between(number));
}

const field = fc.constantFrom(...(Object.keys(NFT_FIELD_TYPES) as NftField[]));
const keyOf = (types: readonly NftDatatype[]) => fc.tuple(...types.map(valueOfType));
const verdict: fc.Arbitrary<NftVerdict> = fc.oneof(
  fc.record({ kind: fc.constantFrom('accept', 'drop', 'return', 'continue') }),
  fc.record({ kind: fc.constantFrom('jump', 'goto'), chain: name }),
);
const selector = fc.array(field, { minLength: 1, maxLength: 3 });
const elementOf = (types: readonly NftDatatype[]) =>
  fc
    .tuple(keyOf(types), optional('comment', text))
    .map(([key, comment]) => ({ key, ...comment }) as const);
const mark = fc.constantFrom('meta mark' as const, 'ct mark' as const);
const ports = fc.constantFrom('none' as const, 'random' as const, 'fully-random' as const);
const ip = fc.oneof(u32, fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }));

const statement: fc.Arbitrary<NftStatement> = fc.oneof(
  selector.chain((fields) =>
    fc
      .tuple(
        fc.array(keyOf(fields.map((f) => NFT_FIELD_TYPES[f])), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        optional(
          'mask',
          fields.length === 1 && fields[0]!.endsWith('mark') ? u32 : fc.constant(undefined),
        ),
      )
      .map(([values, negated, mask]) => ({
        kind: 'match' as const,
        selector: fields,
        negated,
        values,
        ...mask,
      })),
  ),
  fc.record({ kind: fc.constant('lookup' as const), selector, negated: fc.boolean(), set: name }),
  fc.record({ kind: fc.constant('verdict' as const), verdict }),
  fc.record({ kind: fc.constant('vmap' as const), selector, map: name }),
  selector.chain((fields) =>
    fc
      .array(fc.tuple(elementOf(fields.map((f) => NFT_FIELD_TYPES[f])), verdict), {
        minLength: 1,
        maxLength: 3,
      })
      .map((list) => ({
        kind: 'vmap-of' as const,
        selector: fields,
        elements: list.map(([element, v]) => ({ ...element, verdict: v })),
      })),
  ),
  fc.record({
    kind: fc.constant('numgen' as const),
    mode: fc.constantFrom('random' as const, 'inc' as const),
    modulus: fc.integer({ min: 1, max: 1000 }),
    verdicts: fc.array(fc.record({ number: fc.nat({ max: 999 }), verdict }), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('reject' as const),
    with: fc.constantFrom('tcp reset' as const, 'port-unreachable' as const),
  }),
  fc.record({
    kind: fc.constant('reject' as const),
    icmp: fc.constantFrom('icmp' as const, 'icmpv6' as const, 'icmpx' as const),
    with: fc.constantFrom(...NFT_ICMP_ERRORS),
  }),
  fc
    .tuple(ip, optional('port', fc.nat({ max: 65_535 })))
    .map(([address, port]) => ({ kind: 'dnat' as const, address, ...port })),
  fc
    .tuple(ip, optional('port', fc.nat({ max: 65_535 })), ports)
    .map(([address, port, choice]) => ({ kind: 'snat' as const, address, ...port, ports: choice })),
  fc.record({ kind: fc.constant('masquerade' as const), ports }),
  fc.record({
    kind: fc.constant('set-mark' as const),
    target: mark,
    value: fc.oneof(
      fc.record({ kind: fc.constant('constant' as const), value: u32 }),
      fc.record({ kind: fc.constant('bits' as const), source: mark, and: u32, xor: u32 }),
    ),
  }),
  fc
    .tuple(
      fc.constantFrom('add' as const, 'update' as const),
      name,
      selector,
      optional('timeoutSeconds', fc.integer({ min: 1, max: 9_999_999 })),
    )
    .map(([operation, set, fields, timeout]) => ({
      kind: 'remember' as const,
      operation,
      set,
      selector: fields,
      ...timeout,
    })),
  fc.record({ kind: fc.constant('counter' as const), packets: u32, bytes: u32 }),
  fc
    .tuple(optional('prefix', text), optional('group', fc.nat({ max: 9 })))
    .map(([prefix, group]) => ({ kind: 'log' as const, ...prefix, ...group })),
  fc.constant({ kind: 'notrack' as const }),
);

const rule: fc.Arbitrary<NftRule> = fc
  .tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), optional('comment', text))
  .map(([statements, comment]) => ({ statements, ...comment }));

const base = fc.record({
  type: fc.constantFrom('nat' as const, 'filter' as const, 'route' as const),
  hook: fc.constantFrom('prerouting', 'input', 'forward', 'output', 'postrouting'),
  priority: fc.integer({ min: -320, max: 320 }),
  policy: fc.constantFrom('accept' as const, 'drop' as const),
});

const datatype = fc.constantFrom(...new Set(Object.values(NFT_FIELD_TYPES)));
const byName = { selector: ({ name: n }: { name: string }) => n, maxLength: 3 };

const head = fc
  .tuple(
    name,
    fc.array(datatype, { minLength: 1, maxLength: 3 }),
    fc.subarray(['constant', 'interval', 'dynamic', 'timeout'] as const),
    optional('size', fc.integer({ min: 1, max: 65_535 })),
    optional('timeoutSeconds', fc.integer({ min: 1, max: 9_999_999 })),
    optional('comment', text),
  )
  .map(([n, type, flags, size, timeout, comment]) => ({
    name: n,
    type,
    flags,
    ...size,
    ...timeout,
    ...comment,
  }));

const set = head.chain((h) =>
  fc.array(elementOf(h.type), { maxLength: 12 }).map((e) => nftSet(h, e)),
);
const map = head.chain((h) =>
  fc.array(fc.tuple(elementOf(h.type), verdict), { maxLength: 7 }).map((list) =>
    nftSet(
      h,
      list.map(([element, v]) => ({ ...element, verdict: v })),
    ),
  ),
);

const table: fc.Arbitrary<NftTable> = fc
  .record({
    family: fc.constantFrom('ip' as const, 'ip6' as const, 'inet' as const),
    name,
    comment: text,
    chains: fc.uniqueArray(
      fc
        .tuple(
          name,
          optional('comment', text),
          optional('base', base),
          fc.array(rule, { maxLength: 4 }),
        )
        .map(([n, comment, hook, rules]) => ({ name: n, ...comment, ...hook, rules })),
      byName,
    ),
    sets: fc.uniqueArray(set, byName),
    maps: fc.uniqueArray(map, byName),
  })
  .map((parts) =>
    nftTable({
      ...parts,
      maps: parts.maps.filter((m) => !parts.sets.some((s) => s.name === m.name)),
    }),
  );

/** A table with its lists, so that two can be compared. */
const plain = (t: NftTable) => ({
  family: t.family,
  name: t.name,
  comment: t.comment,
  chains: [...t.chains()],
  sets: [...t.sets()].map(({ get: _, elements, ...rest }) => ({
    ...rest,
    elements: [...elements()],
  })),
  maps: [...t.maps()].map(({ get: _, elements, ...rest }) => ({
    ...rest,
    elements: [...elements()],
  })),
});

describe('an nft ruleset as text', () => {
  test('what was printed is read back as it was', () => {
    fc.assert(
      fc.property(table, (t) => {
        const printed = formatNftRuleset([t]);
        expect(parse(printed).map(plain)).toEqual([plain(t)]);
        expect(formatNftRuleset(parse(printed))).toBe(printed);
      }),
      { numRuns: 300 },
    );
  });

  test('the commands kube-proxy sends are read like the list nft prints', () => {
    const commands = [
      'add table ip kube-proxy { comment "rules for kube-proxy" ; }',
      'add chain ip kube-proxy masquerading',
      'add chain ip kube-proxy nat-postrouting { type nat hook postrouting priority 100 ; }',
      'add set ip kube-proxy cluster-ips { type ipv4_addr ; comment "Active ClusterIPs" ; }',
      'add map ip kube-proxy nodeports { type inet_proto . inet_service : verdict ; }',
      'add rule ip kube-proxy masquerading mark and 0x00004000 == 0 return',
      'add rule ip kube-proxy masquerading mark set mark xor 0x00004000',
      'add rule ip kube-proxy masquerading masquerade fully-random',
      'add rule ip kube-proxy nat-postrouting jump masquerading',
      'add element ip kube-proxy cluster-ips { 10.100.0.1 }',
      'add element ip kube-proxy nodeports { tcp . 3001 comment "ns2/svc2:p80" : drop }',
    ].join('\n');
    expect(formatNftRuleset(parse(commands))).toBe(`table ip kube-proxy {
	comment "rules for kube-proxy"
	set cluster-ips {
		type ipv4_addr
		comment "Active ClusterIPs"
		elements = { 10.100.0.1 }
	}

	map nodeports {
		type inet_proto . inet_service : verdict
		elements = { tcp . 3001 comment "ns2/svc2:p80" : drop }
	}

	chain masquerading {
		meta mark & 0x00004000 == 0x00000000 return
		meta mark set meta mark ^ 0x00004000
		masquerade fully-random
	}

	chain nat-postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		jump masquerading
	}
}
`);
  });

  test.each([
    [
      'table ip t {\n\tchain c {\n\t\tip daddr 10.0.0.300 drop\n\t}\n}',
      'rules.nft:3:12',
      '10.0.0.300 is no ipv4_addr',
    ],
    [
      'table ip t {\n\tchain c {\n\t\tlimit rate 5/second accept\n',
      'rules.nft:3:3',
      'syntax error, unexpected limit',
    ],
    ['table ip t {\n\tchain c {\n', 'rules.nft:3:1', 'syntax error, unexpected end of file'],
    ['add rule ip t c accept', 'rules.nft:1:13', 'No such table ip t'],
    ['table arp t { }', 'rules.nft:1:7', 'syntax error, unexpected arp'],
    [
      'table ip t {\n chain c { type nat hook output priority dstnat; }',
      'rules.nft:2:42',
      'dstnat is no priority of output',
    ],
    [
      'table ip t {\n set s { type inet_service; elements = { 80, 70000 } }',
      'rules.nft:2:46',
      '70000 is no inet_service',
    ],
    [
      'table ip t {\n chain c { accept comment "x\n',
      'rules.nft:2:27',
      'syntax error, unexpected "',
    ],
  ])('says where a ruleset is wrong: %j', (wrong, where, problem) => {
    try {
      parse(wrong);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({ where, problem });
    }
  });
});
