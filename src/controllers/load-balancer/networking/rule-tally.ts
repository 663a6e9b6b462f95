/**
 * controllers/load-balancer/networking/rule-tally — what all TargetGroupBindings together want of
 * every security group: rules with the same protocol and source group become one, from the lowest
 * port to the highest; rules with a block stay as they are.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/networking_manager.go:268-360
 * computeRestrictedIngressPermissionsPerSG, computeUnrestrictedIngressPermissionsPerSG. Counted
 * here as bindings come and go: a change costs its own rules, not those of every binding.
 */
import { ruleKeyText } from '../../../cloud/ec2/security-group-rule.ts';
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import { PORT_MAX } from '../../../net/index.ts';

/** Rules by security group. */
export type RulesPerGroup = ReadonlyMap<string, readonly RuleInput[]>;

interface Counted {
  readonly rule: RuleInput;
  count: number;
}

interface GroupTally {
  readonly rules: Map<string, Counted>;
  /** How many bindings name the group, with or without rules. */
  bindings: number;
}

export class RuleTally {
  readonly #isRestricted: boolean;
  readonly #byBinding = new Map<string, RulesPerGroup>();
  readonly #byGroup = new Map<string, GroupTally>();
  /** What a group's rules come to; forgotten when one of them changes. */
  readonly #totals = new Map<string, readonly RuleInput[]>();

  constructor(isRestricted: boolean) {
    this.#isRestricted = isRestricted;
  }

  /** How many bindings have been computed. */
  get size(): number {
    return this.#byBinding.size;
  }

  set(binding: string, rules: RulesPerGroup): void {
    this.delete(binding);
    this.#byBinding.set(binding, rules);
    for (const [groupId, its] of rules) {
      const group = this.#byGroup.get(groupId) ?? { rules: new Map(), bindings: 0 };
      this.#byGroup.set(groupId, group);
      group.bindings++;
      for (const rule of its) {
        const key = ruleKey(rule);
        const before = group.rules.get(key);
        if (before !== undefined) before.count++;
        else {
          group.rules.set(key, { rule, count: 1 });
          this.#totals.delete(groupId);
        }
      }
    }
  }

  delete(binding: string): void {
    const rules = this.#byBinding.get(binding);
    if (rules === undefined) return;
    this.#byBinding.delete(binding);
    for (const [groupId, its] of rules) {
      const group = this.#byGroup.get(groupId)!;
      for (const rule of its) {
        const key = ruleKey(rule);
        const held = group.rules.get(key)!;
        if (--held.count > 0) continue;
        group.rules.delete(key);
        this.#totals.delete(groupId);
      }
      if (--group.bindings > 0) continue;
      this.#byGroup.delete(groupId);
      this.#totals.delete(groupId);
    }
  }

  /** Groups that a binding names, with or without rules. */
  groups(): Iterable<string> {
    return this.#byGroup.keys();
  }

  names(groupId: string): boolean {
    return this.#byGroup.has(groupId);
  }

  /** What the group shall allow; the same list until it changes. */
  wanted(groupId: string): readonly RuleInput[] {
    let total = this.#totals.get(groupId);
    if (total === undefined) {
      const rules = [...(this.#byGroup.get(groupId)?.rules.values() ?? [])].map(({ rule }) => rule);
      total = this.#isRestricted ? widened(rules) : rules;
      this.#totals.set(groupId, total);
    }
    return total;
  }
}

const ruleKey = ({ protocol, fromPort = 0, toPort = 0, peer }: RuleInput): string =>
  ruleKeyText({ protocol, fromPort, toPort, peer });

/** One rule for each protocol and source group, wide enough for all of theirs. */
export function widened(rules: readonly RuleInput[]): readonly RuleInput[] {
  const blocks = new Map<string, RuleInput>();
  const bySource = new Map<string, RuleInput>();
  for (const rule of rules) {
    const { protocol, peer } = rule;
    if (peer.kind === 'ipv4' || peer.kind === 'ipv6') {
      blocks.set(ruleKey(rule), rule);
      continue;
    }
    const source = `${protocol} ${peer.kind === 'group' ? peer.groupId : ''}`;
    const before = bySource.get(source);
    const { fromPort = 0, toPort = 0 } = rule;
    // No ports at all: every port.
    const isAny = fromPort === 0 && toPort === 0;
    bySource.set(source, {
      ...(before ?? rule),
      fromPort: isAny ? 0 : Math.min(before?.fromPort ?? PORT_MAX, fromPort),
      toPort: isAny ? PORT_MAX : Math.max(before?.toPort ?? 0, toPort),
    });
  }
  return [...bySource.values(), ...blocks.values()];
}
