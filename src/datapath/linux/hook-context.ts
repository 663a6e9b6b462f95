/**
 * datapath/linux/hook-context — what a netfilter base chain sees of a packet at a hook, and what it
 * may answer. iptables and nftables chains meet here: both are `BaseChain`s, run by priority.
 *
 * A chain changes only `mark`, the connection's mark and the `recent` lists; address rewriting is
 * an answer, carried out (and recorded) by whoever runs the hooks, through conntrack.
 */

import type {
  AddressType,
  ConntrackState,
  IptablesRandom,
  NetfilterHook,
} from '../../model/linux/netfilter.ts';
import type { Ip, Packet } from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import type { Recorder } from '../recorder.ts';
import type { Connection } from './conntrack.ts';
import type { Decision, Mark } from './decision.ts';

/** What chains ask of the namespace they are in. */
export interface HookHost {
  /** `node NAME` or `pod NAMESPACE/NAME`: the object of evidence. */
  readonly label: string;
  /** As `-m addrtype`; with a link, an address is LOCAL only where that link has it. */
  addressType(ip: Ip, onLink?: string): AddressType;
  /** `-m recent` and nftables' dynamic sets: source addresses by the list's name. */
  readonly recent: Map<string, Set<Ip>>;
}

export interface HookContext {
  readonly host: HookHost;
  readonly hook: NetfilterHook;
  readonly packet: Packet;
  /** undefined at OUTPUT and for a locally made packet at POSTROUTING. */
  readonly inLink: string | undefined;
  /** undefined at PREROUTING and INPUT. */
  readonly outLink: string | undefined;
  mark: Mark;
  /** The bits of `mark` that matches looked at: what set them bears on what is decided. */
  markRead: number;
  /** undefined where the packet is untracked or invalid. */
  readonly connection: Connection | undefined;
  /** One of NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED; SNAT and DNAT: ask the connection. */
  readonly state: ConntrackState;
  readonly recorder: Recorder;
  readonly chance: Chance;
}

export type HookAnswer =
  /** The packet goes on to the next base chain; also when no rule matched. */
  | { readonly kind: 'accept'; readonly isByRule?: boolean | undefined }
  | { readonly kind: 'drop'; readonly by: Decision }
  /** `with`: `icmp-port-unreachable`, `tcp-reset`, … */
  | { readonly kind: 'reject'; readonly with: string; readonly by: Decision }
  /** `port` undefined keeps the packet's. Only from `nat` chains, as the next two. */
  | {
      readonly kind: 'dnat';
      readonly address: Ip;
      readonly port?: number | undefined;
      readonly by: Decision;
    }
  | {
      readonly kind: 'snat';
      readonly address: Ip;
      readonly random: IptablesRandom;
      readonly by: Decision;
    }
  | { readonly kind: 'masquerade'; readonly random: IptablesRandom; readonly by: Decision }
  /** Only from a chain before conntrack (priority below -200). */
  | { readonly kind: 'untracked' };

export const ACCEPT: HookAnswer = { kind: 'accept' };
export const ACCEPT_BY_RULE: HookAnswer = { kind: 'accept', isByRule: true };

/**
 * A chain on a hook. `nat` chains are asked only for the first packet of a connection, in order of
 * priority until one rewrites, all at -100 (prerouting, output) or 100 (input, postrouting).
 */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: NetfilterHook;
  readonly priority: number;
  run(context: HookContext): HookAnswer;
}
