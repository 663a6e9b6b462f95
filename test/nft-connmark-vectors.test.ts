/**
 * Our connmark table against what upstream's own tests take for its rules: the expressions of every
 * rule it recognises are those that ours consist of, and of every rule it does not, are not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nftConnmarkTable } from '../src/controllers/vpc-cni/nft-connmark.ts';
import type { NftRule, NftStatement } from '../src/model/linux/nftables-statement.ts';

const VECTORS = resolve(
  import.meta.dirname,
  '../../shared/vectors/cni/tables/networkutils_nft.json',
);
const isMissing = !existsSync(VECTORS);

/** linux/rtnetlink.h; what an address type is to the kernel. */
const RTN_LOCAL = 2;

interface Case {
  readonly name: string;
  readonly rule: { readonly Exprs: readonly Readonly<Record<string, unknown>>[] };
  readonly expected: boolean | string;
}

const table = nftConnmarkTable({
  family: 4,
  vpcCidrs: ['10.0.0.0/8'],
  excludedSnatCidrs: [],
  externalSnat: false,
  connmark: 0x80,
  connmarkBackend: 'nftables',
  vethPrefix: 'eni',
})!;
const [forHere, fromPods, restore] = table.chain('nat-prerouting')!.rules;
const [exempt, setMark] = table.chain('snat-mark')!.rules;

/** What nft makes of a statement for the kernel: its expressions, with what upstream looks at. */
function expressionsOf(statement: NftStatement): string[] {
  switch (statement.kind) {
    case 'match': {
      const [field] = statement.selector;
      if (field === 'iifname') return ['Meta iifname', 'Cmp'];
      if (field === 'fib daddr type') {
        return ['Fib', statement.values[0]?.[0] === 'local' ? `Cmp ${RTN_LOCAL}` : 'Cmp'];
      }
      return ['Payload', 'Bitwise', 'Cmp'];
    }
    case 'counter':
      return ['Counter'];
    case 'set-mark':
      return ['Ct', 'Bitwise', statement.target === 'ct mark' ? 'Ct store' : 'Meta mark'];
    case 'verdict': {
      const { verdict } = statement;
      return [`Verdict ${verdict.kind}${'chain' in verdict ? ` ${verdict.chain}` : ''}`];
    }
    default:
      return [statement.kind];
  }
}

const ours = (rule: NftRule | undefined): string[] => rule!.statements.flatMap(expressionsOf);

const upstreams = ({ rule }: Case): string[] =>
  rule.Exprs.map(({ $type, Key, Kind, Chain, SourceRegister, Data }) => {
    const name = String($type).replace('expr.', '');
    if (name === 'Meta') return `Meta ${Key}`;
    const number = (Data as { args?: readonly unknown[] } | undefined)?.args?.[0];
    if (name === 'Cmp' && typeof number === 'number') return `Cmp ${number}`;
    if (name === 'Ct') return SourceRegister === true ? 'Ct store' : 'Ct';
    if (name === 'Verdict') return `Verdict ${Kind}${Chain === undefined ? '' : ` ${Chain}`}`;
    return name;
  });

const casesOf = (name: string): readonly Case[] =>
  isMissing ? [] : JSON.parse(readFileSync(VECTORS, 'utf8')).functions[name][0].cases;

describe.skipIf(isMissing)(`upstream's connmark rules${isMissing ? ' (no ../shared)' : ''}`, () => {
  test.each([
    ['TestIsFibLocalReturnRule', forHere],
    ['TestIsJumpRule', fromPods],
    ['TestIsRestoreRule', restore],
    ['TestExtractCIDRFromRule', exempt],
    ['TestIsSetMarkRule', setMark],
  ])('%s knows ours from others', (name, rule) => {
    const cases = casesOf(name);
    expect(cases.length).toBeGreaterThan(1);
    for (const one of cases) {
      const isIt = one.expected !== false && one.expected !== '';
      expect(upstreams(one).join() === ours(rule).join(), one.name).toBe(isIt);
    }
  });

  test('the base chain hangs where upstream wants it', () => {
    expect(table.chain('nat-prerouting')!.base).toEqual({
      type: 'nat',
      hook: 'prerouting',
      priority: -90,
      policy: 'accept',
    });
  });
});
