/**
 * model/linux/nftables — an nftables ruleset as data: tables, chains on hooks, sets, maps, rules,
 * as far as kube-proxy's nftables mode, the VPC CNI's connmark table and a network policy need it.
 *
 * Written by controllers, installed by the lab, interpreted by datapath/linux; text is in
 * formats/linux. Chains, sets and maps are found by name and may be made when first asked for, so
 * that nodes share what is the same on all of them.
 */
import type { NetfilterHook } from './netfilter.ts';
import type { NftMap, NftSet } from './nftables-set.ts';
import type { NftRule } from './nftables-statement.ts';

export type NftFamily = 'ip' | 'ip6' | 'inet';

export type NftChainType = 'nat' | 'filter' | 'route';

/** Where a base chain hangs. */
export interface NftChainHook {
  readonly type: NftChainType;
  readonly hook: NetfilterHook;
  /** Lower runs earlier: DNAT is at -100, filters at 0, SNAT at 100. */
  readonly priority: number;
  /** For a packet that no rule decided. */
  readonly policy: 'accept' | 'drop';
}

export interface NftChain {
  readonly name: string;
  readonly comment?: string | undefined;
  /** Base chains only; the others run where a rule jumps to them. */
  readonly base?: NftChainHook | undefined;
  readonly rules: readonly NftRule[];
}

export interface NftTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly comment?: string | undefined;
  /** Those on hooks, in the order they were added. */
  readonly baseChains: readonly NftChain[];
  chain(name: string): NftChain | undefined;
  set(name: string): NftSet | undefined;
  map(name: string): NftMap | undefined;
  /** Every chain in the order it was added; these three are for text, not for packets. */
  chains(): Iterable<NftChain>;
  sets(): Iterable<NftSet>;
  maps(): Iterable<NftMap>;
}

/** What an NftTable is made of when all of it is at hand. */
export interface NftTableParts {
  readonly family: NftFamily;
  readonly name: string;
  readonly comment?: string | undefined;
  readonly chains: readonly NftChain[];
  readonly sets?: readonly NftSet[] | undefined;
  readonly maps?: readonly NftMap[] | undefined;
}

/** A table of lists; for tables that are small or just read from text. */
export function nftTable(parts: NftTableParts): NftTable {
  const { family, name, comment, chains, sets = [], maps = [] } = parts;
  const chainByName = new Map(chains.map((chain) => [chain.name, chain]));
  const setByName = new Map(sets.map((set) => [set.name, set]));
  const mapByName = new Map(maps.map((map) => [map.name, map]));
  return {
    family,
    name,
    comment,
    baseChains: chains.filter(({ base }) => base !== undefined),
    chain: (wanted) => chainByName.get(wanted),
    set: (wanted) => setByName.get(wanted),
    map: (wanted) => mapByName.get(wanted),
    chains: () => chains,
    sets: () => sets,
    maps: () => maps,
  };
}
