import { describe, expect, test } from 'vitest';
import { type NftChain, type NftTable, nftTable } from '../../model/linux/nftables.ts';
import { nftSet } from '../../model/linux/nftables-set.ts';
import type { NftRule, NftStatement } from '../../model/linux/nftables-statement.ts';
import { type Ip, type Packet, PROTOCOL_TCP, parseIp } from '../../net/index.ts';
import { Chance } from '../chance.ts';
import { Recorder } from '../recorder.ts';
import { Connection } from './conntrack.ts';
import { NO_MARK } from './decision.ts';
import type { HookContext } from './hook-context.ts';
import { nftBaseChains } from './nftables.ts';

const ip = (text: string): Ip => parseIp(text)!;

const packet = (destination: string, source = '10.0.3.50'): Packet => ({
  protocol: PROTOCOL_TCP,
  source: ip(source),
  destination: ip(destination),
  sourcePort: 40_000,
  destinationPort: 80,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: 60,
  dontFragment: true,
});

function contextOf(one: Packet, path: readonly number[] = [], recent = new Map()): HookContext {
  return {
    host: {
      label: 'node a',
      addressType: (at) => (at === ip('10.0.3.10') ? 'LOCAL' : 'UNICAST'),
      recent,
    },
    hook: 'prerouting',
    packet: one,
    inLink: 'eni1234',
    outLink: undefined,
    mark: NO_MARK,
    markRead: 0,
    connection: new Connection(one),
    state: 'NEW',
    recorder: new Recorder(),
    chance: new Chance(path),
  };
}

const rule = (...statements: readonly NftStatement[]): NftRule => ({ statements });
const goTo = (kind: 'jump' | 'goto', chain: string): NftStatement => ({
  kind: 'verdict',
  verdict: { kind, chain },
});
const is = (kind: 'accept' | 'drop' | 'return'): NftStatement => ({
  kind: 'verdict',
  verdict: { kind },
});
const to = (address: string): NftStatement => ({
  kind: 'match',
  selector: ['ip daddr'],
  negated: false,
  values: [[ip(address)]],
});
const dnat = (address: string): NftStatement => ({
  kind: 'dnat',
  address: ip(address),
  port: 8080,
});
const mark = (and: number, xor: number): NftStatement => ({
  kind: 'set-mark',
  target: 'meta mark',
  value: { kind: 'bits', source: 'meta mark', and: and >>> 0, xor },
});
const marked = (mask: number): NftStatement => ({
  kind: 'match',
  selector: ['meta mark'],
  mask,
  negated: true,
  values: [[0]],
});

function tableOf(
  rules: readonly NftRule[],
  chains: readonly NftChain[] = [],
  policy: 'accept' | 'drop' = 'accept',
  extra: Partial<Parameters<typeof nftTable>[0]> = {},
): NftTable {
  const base = { type: 'nat', hook: 'prerouting', priority: -100, policy } as const;
  return nftTable({
    family: 'ip',
    name: 'test',
    chains: [{ name: 'first', base, rules }, ...chains],
    ...extra,
  });
}

const run = (table: NftTable, context: HookContext) => nftBaseChains(table)[0]!.run(context);
const cited = (answer: ReturnType<typeof run>) =>
  'by' in answer ? answer.by.decisive.map((element) => element.rule) : [];

describe('an nftables chain on a hook', () => {
  test('a jump comes back to the next rule, a goto to the one after the last jump', () => {
    const inner: NftChain[] = [
      { name: 'jumped', rules: [rule(goTo('goto', 'ended')), rule(is('accept'))] },
      { name: 'ended', rules: [rule(is('return'))] },
    ];
    const after = tableOf([rule(goTo('jump', 'jumped')), rule(is('drop'))], inner);
    expect(run(after, contextOf(packet('10.0.4.1'))).kind).toBe('drop');
    const gone = tableOf([rule(goTo('goto', 'ended')), rule(is('drop'))], inner);
    expect(run(gone, contextOf(packet('10.0.4.1')))).toEqual({ kind: 'accept' });
  });

  test('chains that go in a circle end', () => {
    const circle: NftChain[] = [{ name: 'round', rules: [rule(goTo('jump', 'round'))] }];
    const table = tableOf([rule(goTo('jump', 'round'))], circle, 'drop');
    expect(run(table, contextOf(packet('10.0.4.1'))).kind).toBe('drop');
  });

  test('a policy of drop is cited by its words', () => {
    const table = tableOf([rule(to('10.0.4.2'), is('accept'))], [], 'drop');
    expect(cited(run(table, contextOf(packet('10.0.4.1'))))).toEqual([
      'ip test first { policy drop; }',
    ]);
    expect(run(table, contextOf(packet('10.0.4.2')))).toEqual({ kind: 'accept', isByRule: true });
  });

  test('a table of family ip does not see IPv6 packets', () => {
    const table = tableOf([rule(is('drop'))]);
    expect(run(table, contextOf(packet('2001:db8::2', '2001:db8::1'))).kind).toBe('accept');
  });

  test('a verdict map sends a packet by its address, protocol and port, and is cited', () => {
    const element = {
      key: [ip('10.100.0.1'), PROTOCOL_TCP, 80],
      verdict: { kind: 'goto', chain: 'there' },
    } as const;
    const head = {
      name: 'ips',
      type: ['ipv4_addr', 'inet_proto', 'inet_service'],
    } as const;
    const vmap: NftStatement = {
      kind: 'vmap',
      selector: ['ip daddr', 'meta l4proto', 'th dport'],
      map: 'ips',
    };
    const table = tableOf(
      [rule(vmap)],
      [{ name: 'there', rules: [rule(dnat('10.0.4.50'))] }],
      'accept',
      {
        maps: [nftSet(head, [element])],
      },
    );
    const answer = run(table, contextOf(packet('10.100.0.1')));
    expect(answer).toMatchObject({ kind: 'dnat', address: ip('10.0.4.50'), port: 8080 });
    expect(cited(answer)).toEqual([
      'ip test first ip daddr . meta l4proto . th dport vmap @ips',
      'ip test ips { 10.100.0.1 . tcp . 80 : goto there }',
      'ip test there dnat to 10.0.4.50:8080',
    ]);
    expect(run(table, contextOf(packet('10.100.0.2')))).toEqual({ kind: 'accept' });
  });

  test('numgen draws each endpoint with equal chance, and names it by its address', () => {
    const verdicts = ['a', 'b', 'c'].map((chain, number) => ({
      number,
      verdict: { kind: 'goto', chain } as const,
    }));
    const ends = ['a', 'b', 'c'].map((name, i) => ({ name, rules: [rule(dnat(`10.0.4.${i}`))] }));
    const table = tableOf([rule({ kind: 'numgen', mode: 'random', modulus: 3, verdicts })], ends);
    const context = contextOf(packet('10.100.0.1'), [2]);
    expect(run(table, context)).toMatchObject({ kind: 'dnat', address: ip('10.0.4.2') });
    expect(context.chance.probability).toBeCloseTo(1 / 3);
    expect(context.chance.taken[0]!.options.map(({ label }) => label)).toEqual([
      '10.0.4.0:8080',
      '10.0.4.1:8080',
      '10.0.4.2:8080',
    ]);
    expect(context.recorder.hops()[0]!.steps).toHaveLength(1);
  });

  test('what set a mark is cited by the rule that acts on it, what cleared it is not', () => {
    const table = tableOf([
      rule(to('10.0.4.1'), mark(~0x4000, 0x4000)),
      rule(marked(0x4000), is('drop')),
    ]);
    expect(cited(run(table, contextOf(packet('10.0.4.1'))))).toEqual([
      'ip test first ip daddr 10.0.4.1 meta mark set meta mark | 0x00004000',
      'ip test first meta mark & 0x00004000 != 0x00000000 drop',
    ]);
    expect(run(table, contextOf(packet('10.0.4.2')))).toEqual({ kind: 'accept' });
  });

  test('a source that was noted in an affinity set goes where it went before', () => {
    const remember: NftStatement = {
      kind: 'remember',
      operation: 'update',
      set: 'affinity',
      selector: ['ip saddr'],
    };
    const seen: NftStatement = {
      kind: 'lookup',
      selector: ['ip saddr'],
      negated: false,
      set: 'affinity',
    };
    const head = { name: 'affinity', type: ['ipv4_addr'], flags: ['dynamic', 'timeout'] } as const;
    const table = tableOf(
      [rule(seen, dnat('10.0.4.1')), rule(remember, dnat('10.0.4.2'))],
      [],
      'accept',
      {
        sets: [nftSet(head, [])],
      },
    );
    const recent = new Map();
    const first = run(table, contextOf(packet('10.100.0.1'), [], recent));
    const second = run(table, contextOf(packet('10.100.0.1'), [], recent));
    const other = run(table, contextOf(packet('10.100.0.1', '10.0.3.51'), [], recent));
    expect([first, second, other]).toMatchObject([
      { address: ip('10.0.4.2') },
      { address: ip('10.0.4.1') },
      { address: ip('10.0.4.2') },
    ]);
  });
});
