/**
 * datapath/linux/iptables-chain — a chain's rules, filed so that a packet meets only those that may
 * concern it: by destination address, else by destination port; the others are met by all.
 *
 * Order is kept: the three lists are merged by position. A run of rules with `statistic` and the
 * rule that takes the rest are one choice among their targets (kube-proxy's endpoints), with the
 * overall probability of each.
 */
import type { IptablesMatch, IptablesRule, IptablesTable } from '../../model/linux/netfilter.ts';
import { formatSocketAddress, type Ip, type Packet } from '../../net/index.ts';
import type { Choice } from '../chance.ts';
import { FiledRule } from './iptables-match.ts';

/** Rules one after the other of which a packet takes one by chance. */
export interface ChanceRun {
  /** Position of each option's rule. */
  readonly positions: readonly number[];
  readonly options: readonly Choice[];
  /** Position of the run's last rule. The option after the last position is to take none. */
  readonly end: number;
}

/** A run without its table: nodes share rules, and a rule may lead elsewhere on another. */
interface Shares {
  readonly positions: readonly number[];
  /** Overall, of each position, then of taking none where that is possible. */
  readonly probabilities: readonly number[];
  readonly end: number;
}

/** Chains shorter than this are read rule by rule. */
const INDEXED_FROM = 8;

const compiledChains = new WeakMap<readonly IptablesRule[], CompiledChain>();

/** The rules of a chain, ready for packets; the same object for the same array. */
export function compiledChain(rules: readonly IptablesRule[]): CompiledChain {
  const known = compiledChains.get(rules);
  if (known !== undefined) return known;
  const made = new CompiledChain(rules);
  compiledChains.set(rules, made);
  return made;
}

export class CompiledChain {
  readonly rules: readonly IptablesRule[];
  /** Some rules match by chance. */
  readonly hasChance: boolean;
  readonly #byDestination = new Map<Ip, number[]>();
  readonly #byPort = new Map<number, number[]>();
  readonly #rest: number[] = [];
  /** By position. */
  readonly #filed: (FiledRule | undefined)[] = [];
  /** By the position a run begins at. */
  readonly #shares = new Map<number, Shares>();

  constructor(rules: readonly IptablesRule[]) {
    this.rules = rules;
    this.hasChance = rules.some((rule) => rule.matches.some(isChance));
    const isIndexed = rules.length >= INDEXED_FROM && !this.hasChance;
    rules.forEach((rule, position) => {
      const { address, port } = isIndexed ? indexKey(rule) : NO_KEY;
      if (address !== undefined) push(this.#byDestination, address, position);
      else if (port !== undefined) push(this.#byPort, port, position);
      else this.#rest.push(position);
    });
  }

  /** The rule at a position. */
  at(position: number): FiledRule {
    this.#filed[position] ??= new FiledRule(this.rules[position]!);
    return this.#filed[position];
  }

  /** Whether chance has a say in a rule. */
  isByChance(position: number): boolean {
    return this.hasChance && this.rules[position]!.matches.some(isChance);
  }

  /** Positions of the rules that may concern the packet, in order. */
  positionsFor(packet: Packet): readonly number[] {
    const byAddress = this.#byDestination.get(packet.destination);
    const byPort = this.#byPort.get(packet.destinationPort);
    if (byPort === undefined)
      return byAddress === undefined ? this.#rest : merged(byAddress, this.#rest);
    return merged(byAddress === undefined ? byPort : merged(byAddress, byPort), this.#rest);
  }

  /**
   * The run of chance that begins at a rule with `statistic`: this rule, those that follow it with
   * `statistic`, and a rule after them that takes what is left.
   *
   * @param isMet  whether the packet passes the other matches of the rule at a position
   */
  runAt(start: number, table: IptablesTable, isMet: (position: number) => boolean): ChanceRun {
    const { positions, probabilities, end } =
      this.#shares.get(start) ?? this.#sharesFrom(start, isMet);
    const options = probabilities.map((probability, i): Choice => {
      const position = positions[i];
      return position === undefined
        ? { label: 'none of them', probability }
        : new ChainOption(probability, table, this.rules[position]!);
    });
    return { positions, options, end };
  }

  #sharesFrom(start: number, isMet: (position: number) => boolean): Shares {
    const positions: number[] = [];
    const probabilities: number[] = [];
    let left = 1;
    let isPlain = true;
    let at = start;
    for (; at < this.rules.length && left > 0; at++) {
      const rule = this.rules[at]!;
      const share = probabilityOf(rule) ?? 1;
      if (share === 1 && probabilityOf(rule) === undefined && !isTaker(rule)) break;
      isPlain &&= rule.matches.every(({ kind }) => kind === 'statistic' || kind === 'comment');
      if (!isMet(at)) continue;
      positions.push(at);
      probabilities.push(left * share);
      left = share === 1 ? 0 : left * (1 - share);
    }
    if (left > 0) probabilities.push(left);
    const made = { positions, probabilities, end: at - 1 };
    if (isPlain) this.#shares.set(start, made);
    return made;
  }
}

interface IndexKey {
  readonly address?: Ip | undefined;
  readonly port?: number | undefined;
}

const NO_KEY: IndexKey = {};

function indexKey(rule: IptablesRule): IndexKey {
  let port: number | undefined;
  for (const match of rule.matches) {
    if (match.kind === 'destination' && !match.negated) {
      const { cidr } = match;
      if (cidr.bits === (cidr.family === 4 ? 32 : 128)) return { address: cidr.first };
    }
    if (match.kind === 'destination-port' && !match.negated && match.from === match.to) {
      port = match.from;
    }
  }
  return port === undefined ? NO_KEY : { port };
}

const isChance = (match: IptablesMatch): boolean => match.kind === 'statistic';

function push<Key>(index: Map<Key, number[]>, key: Key, position: number): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [position]);
  else known.push(position);
}

/** Two ascending lists as one. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a;
  const all: number[] = [];
  let next = 0;
  for (const position of a) {
    while (next < b.length && b[next]! < position) all.push(b[next++]!);
    all.push(position);
  }
  while (next < b.length) all.push(b[next++]!);
  return all;
}

/** Where a target chain sends packets: `10.0.4.50:8080`; the chain's name where it does not. */
function destinationName(table: IptablesTable, rule: IptablesRule): string {
  const { target } = rule;
  if (target?.kind !== 'jump' && target?.kind !== 'goto') return target?.kind ?? 'nothing';
  for (const { target: inner } of table.chain(target.chain)?.rules ?? []) {
    if (inner?.kind !== 'dnat') continue;
    return formatSocketAddress(inner.address, inner.port);
  }
  return target.chain;
}

/** An option whose name is looked up only when somebody reads it. */
class ChainOption implements Choice {
  readonly probability: number;
  readonly #table: IptablesTable;
  readonly #rule: IptablesRule;
  #label: string | undefined;

  constructor(probability: number, table: IptablesTable, rule: IptablesRule) {
    this.probability = probability;
    this.#table = table;
    this.#rule = rule;
  }

  get label(): string {
    this.#label ??= destinationName(this.#table, this.#rule);
    return this.#label;
  }
}

const probabilityOf = (rule: IptablesRule): number | undefined => {
  const match = rule.matches.find(isChance);
  return match?.kind === 'statistic' ? match.probability : undefined;
};

/** A rule that may take what chance left: it sends the packet somewhere. */
const isTaker = ({ target }: IptablesRule): boolean =>
  target?.kind === 'jump' || target?.kind === 'goto' || target?.kind === 'dnat';
