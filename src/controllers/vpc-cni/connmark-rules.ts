/**
 * controllers/vpc-cni/connmark-rules — the iptables form of the mark on connections that must leave
 * by the primary ENI: nat PREROUTING and AWS-CONNMARK-CHAIN-0.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/iptables_connmark.go. The form for
 * nodes whose iptables is nf_tables is in nft-connmark.ts.
 */

import { commentOf, inInterface, jumpTo } from '../../model/linux/iptables-words.ts';
import type { IptablesRule } from '../../model/linux/netfilter.ts';
import { addressMatch, type IptablesChange, rule } from './iptables-rule.ts';
import type { IptablesState } from './iptables-state.ts';
import { staleRules } from './stale-rules.ts';

export const CONNMARK_CHAIN = 'AWS-CONNMARK-CHAIN-0';

export interface ConnmarkSettings {
  readonly vethPrefix: string;
  readonly connmark: number;
}

/** Upstream's refusal. */
export const NO_EXEMPT_CIDRS = 'exemptCIDRs cannot be empty';

const outbound = commentOf('AWS, outbound connections');
const connmarkComment = commentOf('AWS, CONNMARK');

const jumpRule = ({ vethPrefix }: ConnmarkSettings): IptablesRule =>
  rule([inInterface(`${vethPrefix}+`), outbound], jumpTo(CONNMARK_CHAIN));

const restoreRule = ({ connmark }: ConnmarkSettings): IptablesRule =>
  rule([connmarkComment], { kind: 'connmark-restore', mask: connmark });

/** What Setup asks of the chains, in its order; `state` tells what is stale. */
function connmarkChanges(
  settings: ConnmarkSettings,
  exemptCidrs: readonly string[],
  state: IptablesState,
): readonly IptablesChange[] {
  const nat = (chain: string, made: IptablesRule, wanted: boolean, atHead = false) =>
    ({ table: 'nat', chain, rule: made, wanted, atHead }) as const;
  const legacy = rule(
    [
      inInterface(`${settings.vethPrefix}+`),
      outbound,
      { kind: 'conntrack', states: ['NEW'], negated: false },
    ],
    jumpTo(CONNMARK_CHAIN),
  );
  const returns = exemptCidrs.map((cidr) =>
    nat(
      CONNMARK_CHAIN,
      rule([...addressMatch('destination', cidr), commentOf('AWS CONNMARK CHAIN')], {
        kind: 'return',
      }),
      true,
      true,
    ),
  );
  const kept = [
    nat('PREROUTING', legacy, false),
    nat('PREROUTING', jumpRule(settings), true),
    ...returns,
    // Taken out and put back, so that it follows the jump.
    nat('PREROUTING', restoreRule(settings), false),
    nat('PREROUTING', restoreRule(settings), true),
  ];
  const mark = rule([connmarkComment], {
    kind: 'connmark-set',
    value: settings.connmark,
    mask: settings.connmark,
  });
  return [...kept, ...staleRules(state, CONNMARK_CHAIN, kept), nat(CONNMARK_CHAIN, mark, true)];
}

/**
 * Marks new connections of pods to anywhere but `exemptCidrs`.
 *
 * @returns upstream's refusal where there is nothing to exempt
 */
export function setUpConnmark(
  state: IptablesState,
  settings: ConnmarkSettings,
  exemptCidrs: readonly string[],
): string | undefined {
  if (exemptCidrs.length === 0) return NO_EXEMPT_CIDRS;
  state.newChain('nat', CONNMARK_CHAIN);
  state.apply(connmarkChanges(settings, exemptCidrs, state));
  return undefined;
}

/** Takes the rules away: with EXTERNALSNAT no ENI is better than another. */
export function cleanUpConnmark(state: IptablesState, settings: ConnmarkSettings): void {
  state.remove('nat', 'PREROUTING', jumpRule(settings));
  state.remove('nat', 'PREROUTING', restoreRule(settings));
  state.deleteChain('nat', CONNMARK_CHAIN);
}
