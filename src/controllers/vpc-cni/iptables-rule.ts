/**
 * controllers/vpc-cni/iptables-rule — the words the plugins' iptables rules are made of: matches,
 * and changes of a chain as upstream makes them.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/network.go:618 (updateIptablesRules).
 * Pure.
 */
import { ruleOf } from '../../model/linux/iptables-words.ts';
import type {
  IptablesMatch,
  IptablesRule,
  IptablesTableName,
  IptablesTarget,
} from '../../model/linux/netfilter.ts';
import { type Cidr, parseCidrOrIp } from '../../net/index.ts';

/** What one line of a set-up asks of a chain. */
export interface IptablesChange {
  readonly table: IptablesTableName;
  readonly chain: string;
  readonly rule: IptablesRule;
  readonly wanted: boolean;
  /** A missing rule goes to the head of the chain; else to its end. */
  readonly atHead: boolean;
}

/** The block as a match; nothing for every address, as the kernel drops `-d 0.0.0.0/0`. */
export function addressMatch(
  kind: 'source' | 'destination',
  text: string,
): readonly IptablesMatch[] {
  const cidr: Cidr | undefined = parseCidrOrIp(text);
  return cidr === undefined || cidr.bits === 0 ? [] : [{ kind, cidr, negated: false }];
}

/** A rule from its matches and target. */
export const rule = (matches: readonly IptablesMatch[], target: IptablesTarget): IptablesRule =>
  ruleOf(target, ...matches);
