/**
 * twin/namespaces/merged-iptables — the tables of several writers as one: what iptables-save shows
 * on a node where kube-proxy, ipamd and the chained plugins all wrote.
 *
 * Own chains are taken as they are, the very same arrays: an interpreter may index them once for
 * all nodes. Built-in chains are put together in the order of the writers.
 */
import {
  BUILT_IN_CHAINS,
  type Iptables,
  type IptablesChain,
  type IptablesTable,
  type IptablesTableName,
  isBuiltIn,
} from '../../model/linux/netfilter.ts';

const TABLES = ['raw', 'mangle', 'nat', 'filter'] as const;

/** Chains put together before, by their first part: nodes share most of what writers wrote. */
const joinedBefore = new WeakMap<
  IptablesChain['rules'],
  { readonly parts: readonly IptablesChain['rules'][]; readonly made: IptablesChain }[]
>();

/** Both writers have rules in a chain: a built-in one, which nobody owns. */
function joined(name: string, parts: readonly IptablesChain[]): IptablesChain {
  const [first, ...more] = parts.filter(({ rules }) => rules.length > 0);
  if (first === undefined) return parts[0]!;
  if (more.length === 0) return first;
  const lists = [first, ...more].map(({ rules }) => rules);
  const before = joinedBefore.get(first.rules) ?? [];
  const known = before.find(
    ({ parts: others, made }) => made.name === name && isSame(others, lists),
  );
  if (known !== undefined) return known.made;
  const made = { name, policy: first.policy, rules: lists.flat() };
  joinedBefore.set(first.rules, [...before.slice(-KNOWN_MAX), { parts: lists, made }]);
  return made;
}

/** So many companions of one table or chain are kept in mind. */
const KNOWN_MAX = 7;

const isSame = <Value>(a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/** Chains looked up first are the ones every packet meets: so many are kept in mind a table. */
const KEPT_MAX = 32;

class MergedTable implements IptablesTable {
  readonly name: IptablesTableName;
  readonly #tables: readonly IptablesTable[];
  readonly #kept = new Map<string, IptablesChain | undefined>();

  constructor(name: IptablesTableName, tables: readonly IptablesTable[]) {
    this.name = name;
    this.#tables = tables;
  }

  chain(name: string): IptablesChain | undefined {
    const kept = this.#kept.get(name);
    if (kept !== undefined || this.#kept.has(name)) return kept;
    const chain = this.#find(name);
    // Beyond that own chains are their table's to remember.
    if (this.#kept.size < KEPT_MAX) this.#kept.set(name, chain);
    return chain;
  }

  #find(name: string): IptablesChain | undefined {
    let first: IptablesChain | undefined;
    let parts: IptablesChain[] | undefined;
    for (const table of this.#tables) {
      const chain = table.chain(name);
      if (chain === undefined) continue;
      if (first === undefined) first = chain;
      else {
        parts ??= [first];
        parts.push(chain);
      }
    }
    if (parts === undefined) return first;
    const chain = joined(name, parts);
    this.#kept.set(name, chain);
    return chain;
  }

  *chains(): Iterable<IptablesChain> {
    const own = new Set<string>();
    for (const table of this.#tables)
      for (const { name } of table.chains()) if (!isBuiltIn(this.name, name)) own.add(name);
    for (const name of BUILT_IN_CHAINS[this.name])
      yield this.chain(name) ?? { name, policy: 'ACCEPT', rules: [] };
    for (const name of [...own].sort()) yield this.chain(name)!;
  }
}

/** The writers' tables as one; whose rules come first in a built-in chain stands first. */
export function mergeIptables(writers: readonly Iptables[]): Iptables {
  const merged: Partial<Record<IptablesTableName, IptablesTable>> = {};
  for (const name of TABLES) {
    const tables = writers.flatMap((writer) => writer[name] ?? []);
    if (tables.length > 0) merged[name] = mergedTable(name, tables);
  }
  return merged;
}

const mergedBefore = new WeakMap<
  IptablesTable,
  { readonly tables: readonly IptablesTable[]; readonly made: IptablesTable }[]
>();

/** The same tables are the same merged one: whatever an interpreter made of it holds for all. */
function mergedTable(name: IptablesTableName, tables: readonly IptablesTable[]): IptablesTable {
  const before = mergedBefore.get(tables[0]!) ?? [];
  const known = before.find((it) => isSame(it.tables, tables));
  if (known !== undefined) return known.made;
  const made = new MergedTable(name, tables);
  mergedBefore.set(tables[0]!, [...before.slice(-KNOWN_MAX), { tables, made }]);
  return made;
}
