/**
 * model/linux/nftables — an nftables ruleset as data: tables, chains on hooks, sets, maps, rules,
 * as far as kube-proxy's nftables mode and the VPC CNI's connmark table use them.
 */
import type { NetfilterHook } from './netfilter.ts';

export interface NftTable {
  readonly family: 'ip' | 'ip6' | 'inet';
  readonly name: string;
  readonly comment?: string | undefined;
  readonly chains: readonly NftChain[];
}

export interface NftChain {
  readonly name: string;
  readonly hook?:
    | {
        readonly type: 'nat' | 'filter' | 'route';
        readonly hook: NetfilterHook;
        readonly priority: number;
      }
    | undefined;
}
