/**
 * controllers/vpc-cni/iptables-state — the chains of one family while plugins change them: what
 * `iptables -C`, `-A`, `-I`, `-D`, `-N`, `-X` do, on data.
 *
 * A rule is found by what it says, not by its place. Built-in chains are there from the start, an
 * own chain from `newChain` on.
 */
import { isEqual } from '../../cluster/equal.ts';
import {
  type Iptables,
  type IptablesChain,
  type IptablesRule,
  type IptablesTable,
  type IptablesTableName,
  isBuiltIn,
} from '../../model/linux/netfilter.ts';
import type { IptablesChange } from './iptables-rule.ts';

/** Whether the two say the same; the order of their matches does not make them differ. */
export const sameRule = (a: IptablesRule, b: IptablesRule): boolean =>
  a === b ||
  (a.matches.length === b.matches.length &&
    isEqual(a.target, b.target) &&
    holdsAll(a.matches, b.matches) &&
    holdsAll(b.matches, a.matches));

type Matches = IptablesRule['matches'];

const holdsAll = (matches: Matches, others: Matches): boolean =>
  others.every((other) => matches.some((it) => it.kind === other.kind && isEqual(it, other)));

export class IptablesState {
  readonly #chains = new Map<IptablesTableName, Map<string, IptablesRule[]>>();
  readonly #prepended = new Set<IptablesRule>();

  /** The chain's rules; undefined where there is no such chain. */
  chain(table: IptablesTableName, name: string): readonly IptablesRule[] | undefined {
    return this.#find(table, name);
  }

  chainNames(table: IptablesTableName): string[] {
    return [...(this.#chains.get(table)?.keys() ?? [])];
  }

  newChain(table: IptablesTableName, name: string): void {
    const chains = this.#chains.get(table) ?? new Map<string, IptablesRule[]>();
    this.#chains.set(table, chains);
    if (!chains.has(name)) chains.set(name, []);
  }

  deleteChain(table: IptablesTableName, name: string): void {
    this.#chains.get(table)?.delete(name);
  }

  has(table: IptablesTableName, chain: string, rule: IptablesRule): boolean {
    return this.#placeOf(table, chain, rule) >= 0;
  }

  append(table: IptablesTableName, chain: string, rule: IptablesRule): void {
    this.#ensure(table, chain).push(rule);
  }

  prepend(table: IptablesTableName, chain: string, rule: IptablesRule): void {
    this.#ensure(table, chain).unshift(rule);
    this.#prepended.add(rule);
  }

  appendUnique(table: IptablesTableName, chain: string, rule: IptablesRule): void {
    if (!this.has(table, chain, rule)) this.append(table, chain, rule);
  }

  remove(table: IptablesTableName, chain: string, rule: IptablesRule): void {
    const at = this.#placeOf(table, chain, rule);
    if (at >= 0) this.#find(table, chain)!.splice(at, 1);
  }

  /** Upstream's loop: what is wanted and missing goes in, what is there and unwanted goes. */
  apply(changes: readonly IptablesChange[]): void {
    for (const { table, chain, rule, wanted, atHead } of changes) {
      const exists = this.has(table, chain, rule);
      if (exists && !wanted) this.remove(table, chain, rule);
      if (exists || !wanted) continue;
      if (atHead) this.prepend(table, chain, rule);
      else this.append(table, chain, rule);
    }
  }

  /**
   * What there is now, as tables that no longer change. The two parts go before and after what
   * others put into the same built-in chains; own chains are in the tail.
   */
  tables(part: 'head' | 'tail'): Iptables {
    const tables: Partial<Record<IptablesTableName, IptablesTable>> = {};
    for (const [name, chains] of this.#chains) {
      const made: IptablesChain[] = [];
      for (const [chain, rules] of chains) {
        const builtIn = isBuiltIn(name, chain);
        if (!builtIn && part === 'head') continue;
        const kept = builtIn
          ? rules.filter((rule) => this.#prepended.has(rule) === (part === 'head'))
          : [...rules];
        if (!builtIn || kept.length > 0) made.push(chainOf(name, chain, kept));
      }
      if (made.length > 0) tables[name] = tableOf(name, made);
    }
    return tables;
  }

  #find(table: IptablesTableName, chain: string): IptablesRule[] | undefined {
    return this.#chains.get(table)?.get(chain);
  }

  #ensure(table: IptablesTableName, chain: string): IptablesRule[] {
    this.newChain(table, chain);
    return this.#find(table, chain)!;
  }

  #placeOf(table: IptablesTableName, chain: string, rule: IptablesRule): number {
    const rules = this.#find(table, chain);
    if (rules === undefined || rules.length === 0) return -1;
    return rules.findIndex((one) => sameRule(one, rule));
  }
}

/** A chain; a built-in one accepts what no rule stops. */
const chainOf = (
  table: IptablesTableName,
  name: string,
  rules: readonly IptablesRule[],
): IptablesChain => ({
  name,
  ...(isBuiltIn(table, name) ? { policy: 'ACCEPT' as const } : {}),
  rules,
});

/** A table of the given chains. */
function tableOf(name: IptablesTableName, chains: readonly IptablesChain[]): IptablesTable {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  return { name, chain: (chain) => byName.get(chain), chains: () => byName.values() };
}
