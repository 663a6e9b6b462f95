/**
 * datapath/linux/nftables — runs a base chain of nft for one packet at a hook, as the kernel does
 * (net/netfilter/nf_tables_core.c nft_do_chain): rules in order, jumps at most 16 deep, the
 * policy at the end. What it found out it answers; rewriting is done by whoever runs the hooks.
 *
 * Reads only the table. `numgen random` is one choice of equal chances; `inc` is too, because
 * nobody knows how many packets came before.
 */
import type { NftChain, NftTable } from '../../model/linux/nftables.ts';
import { type NftScalar, type NftVerdict, nftValueHolds } from '../../model/linux/nftables-set.ts';
import type {
  NftMarkValue,
  NftReject,
  NftRule,
  NftStatement,
} from '../../model/linux/nftables-statement.ts';
import type { Element } from '../trace.ts';
import { type Mark, NO_MARK } from './decision.ts';
import {
  ACCEPT,
  ACCEPT_BY_RULE,
  type BaseChain,
  type HookAnswer,
  type HookContext,
} from './hook-context.ts';
import { chooseVerdict } from './nftables-choice.ts';
import { decisionOf, RuleTrail, setElement } from './nftables-evidence.ts';
import { nftFieldValue, nftKeyOf } from './nftables-field.ts';

/** NFT_JUMP_STACK_SIZE; the kernel refuses rulesets that go deeper or in a circle. */
const MAX_DEPTH = 16;
const ALL_BITS = 0xffffffff;

/** An answer that does not say yet which rules led to it. */
type Ending =
  | Exclude<NftVerdict, { kind: 'continue' }>
  | { readonly kind: 'reject'; readonly with: string }
  | (NftStatement & { readonly kind: 'dnat' | 'snat' | 'masquerade' });

type Outcome = 'passed' | 'not-matched' | Ending;

/** A rule that decided something, and how the packet came to it. */
interface Decided {
  readonly ending: Ending;
  readonly on: RuleTrail;
}

/** As `iptables -j REJECT --reject-with` names it. */
function rejectName(statement: NftReject, isVersion4: boolean): string {
  if (statement.with === 'tcp reset') return 'tcp-reset';
  return `${isVersion4 ? 'icmp' : 'icmp6'}-${statement.with}`;
}

/** One packet's way through one base chain. */
class ChainRun {
  readonly #table: NftTable;
  readonly #context: HookContext;
  #isUntracked = false;
  /** What put the bits there that a test of a mark has seen. */
  #markedBy: readonly Element[] = [];

  constructor(table: NftTable, context: HookContext) {
    this.#table = table;
    this.#context = context;
  }

  run(chain: NftChain): HookAnswer {
    this.#context.markRead = 0;
    const decided = this.#runChain(chain, 0, undefined);
    if (decided !== undefined && decided.kind !== 'accept') return decided;
    if (decided === undefined && chain.base?.policy === 'drop') {
      const { family, name } = this.#table;
      const policy: Element = {
        kind: 'nftables-rule',
        object: this.#context.host.label,
        rule: `${family} ${name} ${chain.name} { policy drop; }`,
      };
      return { kind: 'drop', by: decisionOf(this.#table, chain.name, { decisive: [policy] }) };
    }
    return this.#isUntracked ? { kind: 'untracked' } : (decided ?? ACCEPT);
  }

  /** undefined: no rule decided, or one returned. */
  #runChain(chain: NftChain, depth: number, from: RuleTrail | undefined): HookAnswer | undefined {
    for (const rule of chain.rules) {
      const decided = this.#runRule(rule, chain, from);
      if (decided === undefined) continue;
      const { ending } = decided;
      if (ending.kind === 'return') return undefined;
      if (ending.kind !== 'jump' && ending.kind !== 'goto') return this.#answer(decided, chain);
      const target = depth < MAX_DEPTH ? this.#table.chain(ending.chain) : undefined;
      const inner =
        target === undefined ? undefined : this.#runChain(target, depth + 1, decided.on);
      if (inner !== undefined || ending.kind === 'goto') return inner;
    }
    return undefined;
  }

  #answer({ ending, on }: Decided, chain: NftChain): HookAnswer {
    if (ending.kind === 'accept') return ACCEPT_BY_RULE;
    const trail = on.cite();
    const decisive = [...this.#markedBy, ...trail.decisive];
    const by = decisionOf(this.#table, chain.name, { ...trail, decisive });
    switch (ending.kind) {
      case 'drop':
        return { kind: 'drop', by };
      case 'reject':
        return { kind: 'reject', with: ending.with, by };
      case 'dnat':
        return { kind: 'dnat', address: ending.address, port: ending.port, by };
      case 'snat':
        return { kind: 'snat', address: ending.address, random: randomOf(ending.ports), by };
      case 'masquerade':
        return { kind: 'masquerade', random: randomOf(ending.ports), by };
      default:
        return ACCEPT_BY_RULE;
    }
  }

  #runRule(rule: NftRule, chain: NftChain, from: RuleTrail | undefined): Decided | undefined {
    const on = new RuleTrail(this.#context.host.label, this.#table, chain.name, rule, from);
    for (const statement of rule.statements) {
      const outcome = this.#runStatement(statement, chain.name, on);
      if (outcome === 'not-matched') return undefined;
      if (outcome !== 'passed') return { ending: outcome, on };
    }
    return undefined;
  }

  #runStatement(statement: NftStatement, chain: string, on: RuleTrail): Outcome {
    switch (statement.kind) {
      case 'match':
        return this.#matches(statement) ? 'passed' : 'not-matched';
      case 'lookup':
        return this.#isInSet(statement, on) ? 'passed' : 'not-matched';
      case 'vmap':
        return ending(this.#verdictInMap(statement, on));
      case 'vmap-of':
        return ending(this.#verdictWritten(statement));
      case 'numgen':
        return ending(chooseVerdict(this.#table, chain, statement, this.#context, on));
      case 'verdict':
        return ending(statement.verdict);
      case 'set-mark':
        this.#setMark(statement.target, statement.value, on);
        return 'passed';
      case 'remember':
        this.#remember(statement);
        return 'passed';
      case 'notrack':
        this.#isUntracked = true;
        return 'passed';
      case 'counter':
      case 'log':
        return 'passed';
      case 'reject': {
        const isVersion4 = typeof this.#context.packet.source === 'number';
        return { kind: 'reject', with: rejectName(statement, isVersion4) };
      }
      default:
        return statement;
    }
  }

  #matches({ selector, mask, negated, values }: NftStatement & { kind: 'match' }): boolean {
    if (selector[0] === 'ct status') {
      const holds = nftFieldValue('ct status', this.#context) as readonly NftScalar[];
      return values.some(([value]) => holds.includes(value as string)) !== negated;
    }
    const key = nftKeyOf(selector, this.#context);
    if (key === undefined) return false;
    if (selector[0] === 'meta mark' || selector[0] === 'ct mark') this.#look(selector[0], mask);
    const seen = mask === undefined ? key : [(Number(key[0]) & mask) >>> 0];
    const isOne = values.some((value) => value.every((part, i) => nftValueHolds(part, seen[i]!)));
    return isOne !== negated;
  }

  #isInSet(
    { selector, set: name, negated }: NftStatement & { kind: 'lookup' },
    on: RuleTrail,
  ): boolean {
    const key = nftKeyOf(selector, this.#context);
    const set = this.#table.set(name);
    if (key === undefined || set === undefined) return false;
    const element = set.get(key);
    if (element !== undefined) {
      on.find({ decisive: [setElement(this.#context.host.label, this.#table, set, element)] });
    }
    return (element !== undefined || this.#isRemembered(name, key)) !== negated;
  }

  #verdictInMap(
    { selector, map: name }: NftStatement & { kind: 'vmap' },
    on: RuleTrail,
  ): NftVerdict | undefined {
    const key = nftKeyOf(selector, this.#context);
    const map = this.#table.map(name);
    const element = key === undefined ? undefined : map?.get(key);
    if (map === undefined || element === undefined) return undefined;
    on.find({
      decisive: [setElement(this.#context.host.label, this.#table, map, element)],
      found: { map: name, comment: element.comment },
    });
    return element.verdict;
  }

  #verdictWritten({
    selector,
    elements,
  }: NftStatement & { kind: 'vmap-of' }): NftVerdict | undefined {
    const key = nftKeyOf(selector, this.#context);
    return key === undefined
      ? undefined
      : elements.find((it) => it.key.every((part, i) => nftValueHolds(part, key[i]!)))?.verdict;
  }

  #mark(of: 'meta mark' | 'ct mark'): Mark {
    return of === 'meta mark' ? this.#context.mark : (this.#context.connection?.mark ?? NO_MARK);
  }

  /** A test of a mark rests on what put there the bits that it sees. */
  #look(of: 'meta mark' | 'ct mark', mask = ALL_BITS): void {
    const { value, setBy } = this.#mark(of);
    if (of === 'meta mark') this.#context.markRead |= mask;
    if ((value & mask) === 0) return;
    this.#markedBy = [...this.#markedBy, ...setBy.filter((it) => !this.#markedBy.includes(it))];
  }

  #setMark(target: 'meta mark' | 'ct mark', value: NftMarkValue, on: RuleTrail): void {
    const old = this.#mark(target);
    const source = value.kind === 'constant' ? NO_MARK : this.#mark(value.source);
    const number =
      value.kind === 'constant' ? value.value : ((source.value & value.and) ^ value.xor) >>> 0;
    if (number === old.value) return;
    // A rule that only clears bits is not why the packet is marked.
    const isCleared = (number & ~old.value) === 0;
    const setBy = isCleared ? old.setBy : [...source.setBy, ...on.cite().decisive];
    const mark: Mark = { value: number, setBy: number === 0 ? [] : setBy };
    const { connection } = this.#context;
    if (target === 'meta mark') this.#context.mark = mark;
    else if (connection !== undefined) connection.mark = mark;
  }

  #listName = (set: string): string => `${this.#table.family} ${this.#table.name} ${set}`;

  /** Only single addresses are remembered: that is what kube-proxy's affinity sets hold. */
  #remember({ set, selector }: NftStatement & { kind: 'remember' }): void {
    const [value, ...more] = nftKeyOf(selector, this.#context) ?? [];
    if (value === undefined || typeof value === 'string' || more.length > 0) return;
    const name = this.#listName(set);
    const known = this.#context.host.recent.get(name);
    if (known === undefined) this.#context.host.recent.set(name, new Set([value]));
    else known.add(value);
  }

  #isRemembered(set: string, [value]: readonly NftScalar[]): boolean {
    if (value === undefined || typeof value === 'string') return false;
    return this.#context.host.recent.get(this.#listName(set))?.has(value) ?? false;
  }
}

const randomOf = (ports: 'none' | 'random' | 'fully-random') =>
  ports === 'fully-random' ? 'random-fully' : ports;

/** No entry in a map, and `continue`, go on to the next rule. */
const ending = (verdict: NftVerdict | undefined): Outcome =>
  verdict === undefined || verdict.kind === 'continue' ? 'not-matched' : (verdict as Ending);

/** Whether a table sees packets of this family at all. */
const sees = ({ family }: NftTable, isVersion4: boolean): boolean =>
  family === 'inet' || (family === 'ip') === isVersion4;

const chainsOfTable = new WeakMap<NftTable, readonly BaseChain[]>();

/** A table's chains on hooks, to be run in order of priority with everyone else's. */
export function nftBaseChains(table: NftTable): readonly BaseChain[] {
  const known = chainsOfTable.get(table);
  if (known !== undefined) return known;
  const chains = table.baseChains.flatMap((chain): BaseChain[] => {
    if (chain.base === undefined) return [];
    const { type, hook, priority } = chain.base;
    const run = (context: HookContext): HookAnswer =>
      sees(table, typeof context.packet.source === 'number')
        ? new ChainRun(table, context).run(chain)
        : ACCEPT;
    return [{ type, hook, priority, run }];
  });
  chainsOfTable.set(table, chains);
  return chains;
}
