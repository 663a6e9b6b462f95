/**
 * controllers/vpc-cni/stale-rules — rules and chains that an earlier aws-node left and this one
 * does not want.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/network.go:400
 * (CleanUpStaleAWSChains) and 680 (computeStaleIptablesRules).
 */
import type { IptablesChange } from './iptables-rule.ts';
import { type IptablesState, sameRule } from './iptables-state.ts';

/** Removals of every rule in nat chains with the prefix that no change names. */
export function staleRules(
  state: IptablesState,
  chainPrefix: string,
  kept: readonly IptablesChange[],
): readonly IptablesChange[] {
  const removals: IptablesChange[] = [];
  for (const chain of state.chainNames('nat')) {
    if (!chain.startsWith(chainPrefix)) continue;
    for (const one of state.chain('nat', chain) ?? [])
      if (!kept.some((change) => change.chain === chain && sameRule(change.rule, one)))
        removals.push({ table: 'nat', chain, rule: one, wanted: false, atHead: false });
  }
  return removals;
}

/** Deletes the numbered chains of releases before 1.12; only number 0 is used now. */
export function cleanUpStaleChains(state: IptablesState): void {
  if (state.chain('nat', 'AWS-SNAT-CHAIN-1') === undefined) return;
  for (const chain of state.chainNames('nat')) {
    const numbered = /^AWS-(?:CONNMARK|SNAT)-CHAIN-(\d+)$/.exec(chain);
    if (numbered !== null && Number(numbered[1]) > 0) state.deleteChain('nat', chain);
  }
}
