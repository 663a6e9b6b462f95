/**
 * controllers/vpc-cni/host-iptables — the packet filter rules ipamd keeps on a node: source NAT of
 * what leaves the VPC, marks for what must leave by the primary ENI, and the block around the
 * egress plugin's addresses.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/network.go:272-618.
 */

import { commentOf, inInterface, localAddress } from '../../model/linux/iptables-words.ts';
import type {
  IptablesChain,
  IptablesRule,
  IptablesTable,
  IptablesTarget,
} from '../../model/linux/netfilter.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';
import { cleanUpConnmark, setUpConnmark } from './connmark-rules.ts';
import { addressMatch, type IptablesChange, rule } from './iptables-rule.ts';
import type { IptablesState } from './iptables-state.ts';
import { staleRules } from './stale-rules.ts';

const SNAT_CHAIN = 'AWS-SNAT-CHAIN-0';

/** Of a node's network, what its packet filter rules follow from. */
export type HostSettings = Pick<
  NodeNetwork,
  | 'family'
  | 'primaryAddress'
  | 'vpcCidrs'
  | 'excludedSnatCidrs'
  | 'externalSnat'
  | 'randomizeSnat'
  | 'nodePortSupport'
  | 'connmark'
  | 'connmarkBackend'
  | 'vethPrefix'
  | 'egress'
> & {
  /** Name of the primary ENI's link. */
  readonly primaryLink: string;
};

/** The egress plugin's addresses are the node's own business: no new connection to them. */
export const blockedEgressAddresses = (family: 4 | 6): IptablesRule =>
  rule(
    [
      ...addressMatch('destination', family === 4 ? '169.254.172.0/22' : 'fd00::ac:0/118'),
      { kind: 'conntrack', states: ['NEW'], negated: false },
      commentOf(`Block Node Local Pod access via IPv${family}`),
    ],
    {
      kind: 'reject',
      with: family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable',
    },
  );

function block(state: IptablesState, family: 4 | 6): void {
  const blocked = blockedEgressAddresses(family);
  if (!state.has('filter', 'FORWARD', blocked)) state.prepend('filter', 'FORWARD', blocked);
}

/** RETURN for a block that is not source NATed. Only an excluded 0.0.0.0/0 loses its `-d`. */
function snatReturn(cidr: string, isExclusion: boolean): IptablesRule {
  const text = isExclusion ? 'AWS SNAT CHAIN EXCLUSION' : 'AWS SNAT CHAIN';
  return rule([...addressMatch('destination', cidr), commentOf(text)], { kind: 'return' });
}

function snatTarget({ primaryAddress, randomizeSnat }: HostSettings): IptablesTarget {
  const address = addressMatch('source', primaryAddress)[0];
  return {
    kind: 'snat',
    address: address?.kind === 'source' ? address.cidr.first : 0,
    random:
      randomizeSnat === 'prng'
        ? 'random-fully'
        : randomizeSnat === 'hashrandom'
          ? 'random'
          : 'none',
  };
}

function snatChanges(settings: HostSettings, state: IptablesState): readonly IptablesChange[] {
  const wanted = !settings.externalSnat;
  const jumpToChain = rule([commentOf('AWS SNAT CHAIN')], { kind: 'jump', chain: SNAT_CHAIN });
  const returns = [
    ...settings.vpcCidrs.map((cidr) => snatReturn(cidr, false)),
    ...settings.excludedSnatCidrs.map((cidr) => snatReturn(cidr, true)),
  ];
  const kept: readonly IptablesChange[] = [
    { table: 'nat', chain: 'POSTROUTING', rule: jumpToChain, wanted, atHead: false },
    ...returns.map(
      (made) =>
        // Each goes to the head: the last of the list is looked at first.
        ({ table: 'nat', chain: SNAT_CHAIN, rule: made, wanted, atHead: true }) as const,
    ),
  ];
  const snat = rule(
    [
      { kind: 'out-interface', name: 'vlan+', negated: true },
      commentOf('AWS, SNAT'),
      localAddress('destination', true),
    ],
    snatTarget(settings),
  );
  return [
    ...kept,
    ...staleRules(state, 'AWS-SNAT-CHAIN', kept),
    { table: 'nat', chain: SNAT_CHAIN, rule: snat, wanted, atHead: false },
  ];
}

/** Replies to what came in by the primary ENI leave by it: NodePorts of pods of other ENIs. */
function mangleChanges(settings: HostSettings): readonly IptablesChange[] {
  const { connmark, nodePortSupport, externalSnat, vethPrefix } = settings;
  const primaryEni = commentOf('AWS, primary ENI');
  const restore = (link: string): IptablesRule =>
    rule([inInterface(link), primaryEni], { kind: 'connmark-restore', mask: connmark });
  const mark = rule(
    [
      inInterface(settings.primaryLink),
      primaryEni,
      {
        kind: 'address-type',
        side: 'destination',
        type: 'LOCAL',
        limitInterface: 'in',
        negated: false,
      },
    ],
    { kind: 'connmark-set', value: connmark, mask: connmark },
  );
  const change = (made: IptablesRule, wanted: boolean) =>
    ({ table: 'mangle', chain: 'PREROUTING', rule: made, wanted, atHead: false }) as const;
  return [
    change(mark, nodePortSupport),
    change(restore(`${vethPrefix}+`), nodePortSupport || !externalSnat),
    change(restore('vlan+'), nodePortSupport),
  ];
}

/** What a node's rules follow from, as one text; the address that SNAT writes is left out. */
export function hostSettingsKey(settings: HostSettings): string {
  const { family, vpcCidrs, excludedSnatCidrs, externalSnat, randomizeSnat } = settings;
  const { nodePortSupport, connmark, connmarkBackend, vethPrefix, egress, primaryLink } = settings;
  return JSON.stringify([
    [family, vpcCidrs, excludedSnatCidrs, externalSnat, randomizeSnat, nodePortSupport],
    [connmark, connmarkBackend, vethPrefix, egress.ipv4, egress.ipv6, primaryLink],
  ]);
}

/** Another node's nat table with this node's address in it: everything else is one for all. */
export function withSnatAddress(like: IptablesTable, settings: HostSettings): IptablesTable {
  const before = like.chain(SNAT_CHAIN);
  if (before === undefined) return like;
  const rules = before.rules.map((made) =>
    made.target?.kind === 'snat' ? { ...made, target: snatTarget(settings) } : made,
  );
  const own: IptablesChain = { ...before, rules };
  return {
    name: like.name,
    chain: (name) => (name === SNAT_CHAIN ? own : like.chain(name)),
    *chains() {
      for (const chain of like.chains()) yield chain.name === SNAT_CHAIN ? own : chain;
    },
  };
}

/**
 * What ipamd does to a node's rules when it starts and when the VPC's blocks change. `ipv4` and
 * `ipv6` are changed in place.
 */
export function setUpHostIptables(
  settings: HostSettings,
  ipv4: IptablesState,
  ipv6: IptablesState,
): string | undefined {
  if (settings.family === 6) {
    block(ipv4, 4);
    return undefined;
  }
  if (settings.egress.ipv6) block(ipv6, 6);
  ipv4.newChain('nat', SNAT_CHAIN);
  ipv4.apply([...snatChanges(settings, ipv4), ...mangleChanges(settings)]);
  // The nftables form is in nft-connmark.ts; it takes the older one away.
  if (settings.externalSnat || settings.connmarkBackend !== 'iptables') {
    cleanUpConnmark(ipv4, settings);
    return undefined;
  }
  return setUpConnmark(ipv4, settings, [...settings.vpcCidrs, ...settings.excludedSnatCidrs]);
}
