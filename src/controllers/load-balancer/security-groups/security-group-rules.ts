/**
 * load-balancer/security-groups/security-group-rules — inbound rules made what they are wanted to
 * be: on the controller's own groups all of them, on the nodes' groups those with its mark.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/networking/security_group_reconciler.go, security_group_manager.go (groups are remembered
 * for ten minutes), security_group_info.go (a rule is the same whatever its description).
 */

import type { Ec2, Filter } from '../../../cloud/ec2/operations.ts';
import { type RuleKey, ruleKeyText } from '../../../cloud/ec2/security-group-rule.ts';
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../../model/ec2/security-group.ts';
import type { Clock, Millis } from '../../../sim/clock.ts';

const REMEMBERED_MS = 600_000;

/** After these the group is looked at again and the change tried once more. */
const STALE_CODES: ReadonlySet<string> = new Set([
  'InvalidPermission.Duplicate',
  'InvalidPermission.NotFound',
  'RulesPerSecurityGroupLimitExceeded',
]);

/** The calls; an `Ec2` has them. */
export type SecurityGroupCalls = Pick<
  Ec2,
  'describeSecurityGroups' | 'authorizeSecurityGroupIngress' | 'revokeSecurityGroupIngress'
>;

export interface RuleScope {
  /** Rules of whoever else are left alone; absent: every rule is the controller's. */
  readonly isManaged?: ((rule: SecurityGroupRule) => boolean) | undefined;
  /** Rules are added and none taken away. */
  readonly authorizeOnly?: boolean | undefined;
}

interface Remembered {
  readonly group: SecurityGroup;
  readonly untilMs: Millis;
}

/** Security groups as one controller knows and changes them. */
export class SecurityGroupRules {
  readonly #clock: Clock;
  readonly #ec2: SecurityGroupCalls;
  readonly #remembered = new Map<string, Remembered>();

  constructor(clock: Clock, ec2: SecurityGroupCalls) {
    this.#clock = clock;
    this.#ec2 = ec2;
  }

  /** Asks EC2, and remembers the answer. */
  async search(filters: readonly Filter[]): Promise<readonly SecurityGroup[] | AwsError> {
    return this.#remember(await this.#ec2.describeSecurityGroups({ filters }));
  }

  /** The groups of these ids, as they were at most ten minutes ago. */
  async byId(groupIds: readonly string[]): Promise<readonly SecurityGroup[] | AwsError> {
    const unknown = groupIds.filter((groupId) => this.#known(groupId) === undefined).sort();
    if (unknown.length > 0) {
      const found = this.#remember(await this.#ec2.describeSecurityGroups({ groupIds: unknown }));
      if (isAwsError(found)) return found;
    }
    return groupIds.flatMap((groupId) => this.#known(groupId) ?? []);
  }

  /**
   * Adds the rules that are missing, then takes away those that nobody wants.
   *
   * @returns what EC2 refused; undefined when all is done
   */
  async reconcile(
    groupId: string,
    desired: readonly RuleInput[],
    scope: RuleScope = {},
  ): Promise<AwsError | undefined> {
    const refused = await this.#change(groupId, desired, scope, false);
    if (refused === undefined || !STALE_CODES.has(refused.code)) return refused;
    this.#remembered.delete(groupId);
    const isFull = refused.code === 'RulesPerSecurityGroupLimitExceeded';
    return this.#change(groupId, desired, scope, isFull);
  }

  async #change(
    groupId: string,
    desired: readonly RuleInput[],
    { isManaged = () => true, authorizeOnly = false }: RuleScope,
    revokeFirst: boolean,
  ): Promise<AwsError | undefined> {
    const groups = await this.byId([groupId]);
    if (isAwsError(groups)) return groups;
    const group = groups[0];
    if (group === undefined) return awsError('InvalidGroup.NotFound', `${groupId} is gone`);
    const held = group.rules.filter((rule) => rule.direction === 'ingress');
    const unwanted = authorizeOnly ? [] : without(held, desired).filter(isManaged);
    const missing = without(desired, held);
    const revoke = () => this.#revoke(groupId, unwanted);
    const authorize = () => this.#authorize(groupId, missing);
    for (const step of revokeFirst ? [revoke, authorize] : [authorize, revoke]) {
      const refused = await step();
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  async #authorize(groupId: string, rules: readonly RuleInput[]): Promise<AwsError | undefined> {
    if (rules.length === 0) return undefined;
    const done = await this.#ec2.authorizeSecurityGroupIngress({ groupId, rules });
    if (isAwsError(done)) return done;
    this.#remembered.delete(groupId);
    return undefined;
  }

  async #revoke(groupId: string, rules: readonly RuleKey[]): Promise<AwsError | undefined> {
    if (rules.length === 0) return undefined;
    const done = await this.#ec2.revokeSecurityGroupIngress({ groupId, rules });
    if (isAwsError(done)) return done;
    this.#remembered.delete(groupId);
    return undefined;
  }

  #known(groupId: string): SecurityGroup | undefined {
    const known = this.#remembered.get(groupId);
    return known !== undefined && known.untilMs > this.#clock.now() ? known.group : undefined;
  }

  #remember(found: readonly SecurityGroup[] | AwsError): readonly SecurityGroup[] | AwsError {
    if (isAwsError(found)) return found;
    const untilMs = this.#clock.now() + REMEMBERED_MS;
    for (const group of found) this.#remembered.set(group.groupId, { group, untilMs });
    return found;
  }
}

const keyOf = ({ protocol, fromPort = 0, toPort = 0, peer }: RuleInput): string =>
  ruleKeyText({ protocol, fromPort, toPort, peer });

/** Rules of `source` that `others` does not have, each once, in the order of what they say. */
function without<Rule extends RuleInput>(
  source: readonly Rule[],
  others: readonly RuleInput[],
): readonly Rule[] {
  const there = new Set(others.map(keyOf));
  const left = new Map(source.map((rule) => [keyOf(rule), rule] as const));
  for (const key of there) left.delete(key);
  return [...left].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}
