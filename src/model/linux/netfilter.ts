/**
 * model/linux/netfilter — iptables as data: tables, chains, rules, with the matches and targets
 * that kube-proxy, the VPC CNI, portmap and the egress plugin use.
 *
 * Written by controllers, installed by the lab, interpreted by datapath/linux; text is in
 * formats/linux. A rule keeps its matches in the order iptables-save prints them.
 */
import type { Cidr, Ip, Protocol } from '../../net/index.ts';

export type NetfilterHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export type IptablesTableName = 'raw' | 'mangle' | 'nat' | 'filter';

/** As `-m addrtype` has them; a host knows only these of an address. */
export type AddressType = 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST';

export type ConntrackState =
  | 'NEW'
  | 'ESTABLISHED'
  | 'RELATED'
  | 'INVALID'
  | 'UNTRACKED'
  | 'SNAT'
  | 'DNAT';

/** `negated` is iptables' `!`. */
export type IptablesMatch =
  | { readonly kind: 'protocol'; readonly protocol: Protocol; readonly negated: boolean }
  | {
      readonly kind: 'source' | 'destination';
      readonly cidr: Cidr;
      readonly negated: boolean;
    }
  | {
      /** A trailing `+` matches any rest of the name. */
      readonly kind: 'in-interface' | 'out-interface';
      readonly name: string;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'source-port' | 'destination-port';
      readonly from: number;
      readonly to: number;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'source-ports' | 'destination-ports';
      readonly ports: readonly { readonly from: number; readonly to: number }[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'icmp-type';
      readonly type: number;
      readonly code?: number | undefined;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'address-type';
      readonly side: 'source' | 'destination';
      readonly type: AddressType;
      readonly limitInterface?: 'in' | 'out' | undefined;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'conntrack';
      readonly states: readonly ConntrackState[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'mark' | 'connmark';
      readonly value: number;
      readonly mask: number;
      readonly negated: boolean;
    }
  /** `--mode random`; the text keeps the digits as written. */
  | { readonly kind: 'statistic'; readonly probability: number; readonly text: string }
  | {
      readonly kind: 'recent';
      readonly action: 'set' | 'rcheck';
      readonly name: string;
      readonly seconds?: number | undefined;
      readonly reap: boolean;
    }
  | { readonly kind: 'comment'; readonly text: string };

export type IptablesTarget =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'reject'; readonly with: string }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | {
      /** `--set-xmark`/`--or-mark`: mark = (mark & ~mask) ^ value. */
      readonly kind: 'mark';
      readonly value: number;
      readonly mask: number;
    }
  | { readonly kind: 'connmark-set'; readonly value: number; readonly mask: number }
  | { readonly kind: 'connmark-restore' | 'connmark-save'; readonly mask: number }
  | {
      readonly kind: 'dnat';
      readonly address: Ip;
      /** undefined keeps the packet's port. */
      readonly port?: number | undefined;
    }
  | { readonly kind: 'snat'; readonly address: Ip; readonly random: IptablesRandom }
  | { readonly kind: 'masquerade'; readonly random: IptablesRandom }
  | {
      readonly kind: 'nflog';
      readonly group?: number | undefined;
      readonly prefix?: string | undefined;
    }
  | { readonly kind: 'log'; readonly prefix?: string | undefined }
  | { readonly kind: 'notrack' };

/** How a source port is chosen: in order, `--random` or `--random-fully`. */
export type IptablesRandom = 'none' | 'random' | 'random-fully';

export interface IptablesRule {
  readonly matches: readonly IptablesMatch[];
  /** A rule without one only counts, or sets a `recent` entry. */
  readonly target?: IptablesTarget | undefined;
}

export interface IptablesChain {
  readonly name: string;
  /** Built-in chains only. */
  readonly policy?: 'ACCEPT' | 'DROP' | undefined;
  readonly rules: readonly IptablesRule[];
}

/** The chains every table has, in the order iptables-save prints them. */
export const BUILT_IN_CHAINS: Readonly<Record<IptablesTableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export const isBuiltIn = (table: IptablesTableName, chain: string): boolean =>
  BUILT_IN_CHAINS[table].includes(chain);

export interface IptablesTable {
  readonly name: IptablesTableName;
  /** A chain by name; undefined where none is. Chains may be made when first asked for. */
  chain(name: string): IptablesChain | undefined;
  /** Every chain, in the order iptables-save prints them; for text, not for packets. */
  chains(): Iterable<IptablesChain>;
}

/** One family's tables; an absent table has no chain at all. */
export type Iptables = Readonly<Partial<Record<IptablesTableName, IptablesTable>>>;
