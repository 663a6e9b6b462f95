/**
 * datapath/linux/base-chains — every base chain of a namespace by hook, in the order the kernel
 * runs them. iptables' tables and nftables' chains hang on the same hooks.
 */
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import type { Iptables, NetfilterHook } from '../../model/linux/netfilter.ts';
import type { IpFamily } from '../../net/index.ts';
import type { BaseChain } from './hook-context.ts';
import { tableChains } from './iptables-table.ts';
import { nftBaseChains } from './nftables.ts';

/** The chains of one hook: those before conntrack, those after it, and the nat chains. */
export interface HookChains {
  readonly raw: readonly BaseChain[];
  readonly beforeNat: readonly BaseChain[];
  readonly nat: readonly BaseChain[];
  readonly afterNat: readonly BaseChain[];
}

export type BaseChains = Readonly<Record<NetfilterHook, HookChains>>;

/** The chains of a hook; spelled out, because a name looked up at run time is a slow look-up. */
export function chainsAt(chains: BaseChains, hook: NetfilterHook): HookChains {
  switch (hook) {
    case 'prerouting':
      return chains.prerouting;
    case 'input':
      return chains.input;
    case 'forward':
      return chains.forward;
    case 'output':
      return chains.output;
    case 'postrouting':
      return chains.postrouting;
  }
}

const CONNTRACK = -200;

/** The chains of one family's iptables, as `hookOrder` takes them. */
export const iptablesChains = (iptables: Iptables): readonly BaseChain[] =>
  [iptables.raw, iptables.mangle, iptables.nat, iptables.filter].flatMap((table) =>
    table === undefined ? [] : tableChains(table),
  );

function chainsOf(namespace: NetworkNamespace, family: IpFamily): readonly BaseChain[] {
  return [
    ...iptablesChains(family === 4 ? namespace.iptables.ipv4 : namespace.iptables.ipv6),
    ...namespace.nftables.flatMap(nftBaseChains),
  ];
}

/** Puts base chains in the kernel's order; of equal priority the first given comes first. */
export function hookOrder(chains: readonly BaseChain[]): BaseChains {
  const ordered = chains.toSorted((a, b) => a.priority - b.priority);
  const ofHook = (hook: NetfilterHook): HookChains => {
    const here = ordered.filter((chain) => chain.hook === hook);
    const others = here.filter(({ type }) => type !== 'nat');
    const natPriority = hook === 'prerouting' || hook === 'output' ? -100 : 100;
    return {
      raw: others.filter(({ priority }) => priority < CONNTRACK),
      beforeNat: others.filter(({ priority }) => priority >= CONNTRACK && priority < natPriority),
      nat: here.filter(({ type }) => type === 'nat'),
      afterNat: others.filter(({ priority }) => priority >= natPriority),
    };
  };
  return {
    prerouting: ofHook('prerouting'),
    input: ofHook('input'),
    forward: ofHook('forward'),
    output: ofHook('output'),
    postrouting: ofHook('postrouting'),
  };
}

/**
 * Of a namespace nobody filters in, as nearly every pod's is: nothing there asks for a connection's
 * state either, so that its kernel tracks none.
 */
export const NO_CHAINS: BaseChains = hookOrder([]);

/** The namespace's chains of one family. */
export function baseChains(namespace: NetworkNamespace, family: IpFamily): BaseChains {
  const chains = chainsOf(namespace, family);
  return chains.length === 0 ? NO_CHAINS : hookOrder(chains);
}
