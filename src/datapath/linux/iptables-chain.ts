/**
 * datapath/linux/iptables-chain — a chain's rules, filed so that a packet meets only those that may
 * concern it: by destination address, else by destination port; the others are met by all.
 *
 * Order is kept: the three lists are merged by position. A run of rules with `statistic` and the
 * rule that takes the rest are one choice among their targets (kube-proxy's endpoints), with the
 * overall probability of each.
 */
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTable,
} from '../../model/linux/netfilter.ts';
import { formatSocketAddress, type Ip, type Packet } from '../../net/index.ts';
import type { Choice } from '../chance.ts';

/** Rules one after the other of which a packet takes one by chance. */
export interface ChanceRun {
  /** Position of each option's rule. */
  readonly positions: readonly number[];
  readonly options: readonly Choice[];
  /** Position of the run's last rule. The option after the last position is to take none. */
  readonly end: number;
}

interface CompiledChain {
  readonly byDestination: ReadonlyMap<Ip, readonly number[]>;
  readonly byPort: ReadonlyMap<number, readonly number[]>;
  readonly rest: readonly number[];
  /** Positions of rules with `statistic`. */
  readonly hasChance: boolean;
}

/** Chains shorter than this are read rule by rule. */
const INDEXED_FROM = 8;

const compiledChains = new WeakMap<readonly IptablesRule[], CompiledChain>();

function indexKey(rule: IptablesRule): { address?: Ip; port?: number } {
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
  return port === undefined ? {} : { port };
}

const isChance = (match: IptablesMatch): boolean => match.kind === 'statistic';

function push<Key>(index: Map<Key, number[]>, key: Key, position: number): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [position]);
  else known.push(position);
}

function compileChain(rules: readonly IptablesRule[]): CompiledChain {
  const byDestination = new Map<Ip, number[]>();
  const byPort = new Map<number, number[]>();
  const rest: number[] = [];
  const hasChance = rules.some((rule) => rule.matches.some(isChance));
  const isIndexed = rules.length >= INDEXED_FROM && !hasChance;
  rules.forEach((rule, position) => {
    const { address, port } = isIndexed ? indexKey(rule) : {};
    if (address !== undefined) push(byDestination, address, position);
    else if (port !== undefined) push(byPort, port, position);
    else rest.push(position);
  });
  return { byDestination, byPort, rest, hasChance };
}

function compiledChain(rules: readonly IptablesRule[]): CompiledChain {
  const known = compiledChains.get(rules);
  if (known !== undefined) return known;
  const made = compileChain(rules);
  compiledChains.set(rules, made);
  return made;
}

const NONE: readonly number[] = [];

/** Positions of the rules that may concern the packet, in order, beginning at `start`. */
export function* positionsFor(
  rules: readonly IptablesRule[],
  packet: Packet,
): Generator<number, undefined> {
  const { byDestination, byPort, rest } = compiledChain(rules);
  const a = byDestination.get(packet.destination) ?? NONE;
  const b = byPort.get(packet.destinationPort) ?? NONE;
  let [i, j, k] = [0, 0, 0];
  for (;;) {
    const x = a[i] ?? Number.POSITIVE_INFINITY;
    const y = b[j] ?? Number.POSITIVE_INFINITY;
    const z = rest[k] ?? Number.POSITIVE_INFINITY;
    const next = Math.min(x, y, z);
    if (next === Number.POSITIVE_INFINITY) return undefined;
    if (next === x) i++;
    else if (next === y) j++;
    else k++;
    yield next;
  }
}

/** Whether the chain has rules that match by chance. */
export const hasChance = (rules: readonly IptablesRule[]): boolean =>
  rules.length > 0 && compiledChain(rules).hasChance;

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

  constructor(probability: number, table: IptablesTable, rule: IptablesRule) {
    this.probability = probability;
    this.#table = table;
    this.#rule = rule;
  }

  get label(): string {
    return destinationName(this.#table, this.#rule);
  }
}

const probabilityOf = (rule: IptablesRule): number | undefined => {
  const match = rule.matches.find(isChance);
  return match?.kind === 'statistic' ? match.probability : undefined;
};

const runs = new WeakMap<IptablesTable, WeakMap<IptablesRule, ChanceRun>>();

/**
 * The run of chance that begins at a rule with `statistic`: this rule, those that follow it with
 * `statistic`, and a rule after them that takes what is left.
 *
 * @param isMet  whether the packet passes the other matches of a rule
 */
export function chanceRun(
  table: IptablesTable,
  { rules }: IptablesChain,
  start: number,
  isMet: (rule: IptablesRule) => boolean,
): ChanceRun {
  const first = rules[start]!;
  const cache = runs.get(table) ?? new WeakMap<IptablesRule, ChanceRun>();
  runs.set(table, cache);
  const known = cache.get(first);
  if (known !== undefined) return known;
  const positions: number[] = [];
  const options: Choice[] = [];
  let left = 1;
  let isPlain = true;
  let at = start;
  for (; at < rules.length && left > 0; at++) {
    const rule = rules[at]!;
    const share = probabilityOf(rule) ?? 1;
    if (share === 1 && probabilityOf(rule) === undefined && !isTaker(rule)) break;
    isPlain &&= rule.matches.every(({ kind }) => kind === 'statistic' || kind === 'comment');
    if (!isMet(rule)) continue;
    positions.push(at);
    options.push(new ChainOption(left * share, table, rule));
    left = share === 1 ? 0 : left * (1 - share);
  }
  if (left > 0) options.push({ label: 'none of them', probability: left });
  const run = { positions, options, end: at - 1 };
  if (isPlain) cache.set(first, run);
  return run;
}

/** A rule that may take what chance left: it sends the packet somewhere. */
const isTaker = ({ target }: IptablesRule): boolean =>
  target?.kind === 'jump' || target?.kind === 'goto' || target?.kind === 'dnat';
