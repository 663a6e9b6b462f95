/**
 * controllers/elb-health/rule-change — whether a change of a security group can let in what was
 * kept out, or keep out what came in. A rule that goes while a wider one stays closes nothing.
 */
import type { SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';

export interface RuleChange {
  readonly opens: boolean;
  readonly closes: boolean;
}

/** @param before  undefined: the group is new; @param after  undefined: it is gone */
export function ruleChange(
  before: SecurityGroup | undefined,
  after: SecurityGroup | undefined,
): RuleChange {
  const [old, now] = [before?.rules ?? [], after?.rules ?? []];
  if (old === now) return { opens: false, closes: false };
  return { opens: addsTo(old, now), closes: addsTo(now, old) };
}

/** True when `more` has a rule that none of `base` is as wide as. */
const addsTo = (base: readonly SecurityGroupRule[], more: readonly SecurityGroupRule[]): boolean =>
  more.some((rule) => !base.some((other) => other === rule || covers(other, rule)));

function covers(wide: SecurityGroupRule, narrow: SecurityGroupRule): boolean {
  if (wide.direction !== narrow.direction || !isSamePeer(wide, narrow)) return false;
  if (wide.protocol === '-1') return true;
  return (
    wide.protocol === narrow.protocol &&
    wide.fromPort <= narrow.fromPort &&
    wide.toPort >= narrow.toPort
  );
}

function isSamePeer({ peer: a }: SecurityGroupRule, { peer: b }: SecurityGroupRule): boolean {
  if (a.kind === 'group') return b.kind === 'group' && a.groupId === b.groupId;
  if (a.kind === 'prefix-list') {
    return b.kind === 'prefix-list' && a.prefixListId === b.prefixListId;
  }
  return b.kind === a.kind && a.cidr === (b as typeof a).cidr;
}
