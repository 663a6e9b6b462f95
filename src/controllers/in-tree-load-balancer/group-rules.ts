/**
 * controllers/in-tree-load-balancer/group-rules — inbound rules of a security group, added, taken
 * away, or made exactly those wanted.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:1299-1545. EC2 takes two
 * rules as the same whatever their descriptions; so a rule that is there is not added again.
 */
import { ruleKeyText } from '../../cloud/ec2/security-group-rule.ts';
import type { RuleInput } from '../../cloud/ec2/vpc-operations.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { Provider } from './provider.ts';
import { must, ProviderError } from './provider-error.ts';

/** A rule with everything EC2 tells it by. */
export type WantedRule = Pick<
  SecurityGroupRule,
  'protocol' | 'fromPort' | 'toPort' | 'peer' | 'description'
>;

/** Everything from a group: how Classic load balancers are let in. */
export const allFromGroup = (groupId: SecurityGroup['groupId']): WantedRule => ({
  protocol: '-1',
  fromPort: -1,
  toPort: -1,
  peer: { kind: 'group', groupId },
});

/** From a block to a port; for ICMP, a type and a code. */
export const fromBlock = (
  cidr: string,
  protocol: string,
  fromPort: number,
  toPort: number = fromPort,
  description?: string,
): WantedRule => ({
  protocol,
  fromPort,
  toPort,
  peer: { kind: 'ipv4', cidr },
  description,
});

/** The group's inbound rules. */
export const ingressOf = ({ rules }: SecurityGroup): readonly SecurityGroupRule[] =>
  rules.filter(({ direction }) => direction === 'ingress');

/** Rules of one list that are not in the other. */
export function without(
  rules: readonly WantedRule[],
  others: readonly WantedRule[],
): readonly WantedRule[] {
  const keys = new Set(others.map(ruleKeyText));
  return rules.filter((rule) => !keys.has(ruleKeyText(rule)));
}

/** The group as it is now. @throws ProviderError  where there is none */
export async function groupNow({ ec2 }: Provider, groupId: string): Promise<SecurityGroup> {
  const found = must(await ec2.describeSecurityGroups({ groupIds: [groupId] }));
  if (found[0] !== undefined) return found[0];
  throw new ProviderError(`security group not found: ${groupId}`);
}

/** Makes the group's inbound rules those wanted, no more and no less. */
export async function setRules(
  provider: Provider,
  groupId: string,
  wanted: readonly WantedRule[],
): Promise<void> {
  const current = ingressOf(await groupNow(provider, groupId));
  await authorize(provider, groupId, without(wanted, current));
  const gone = without(current, wanted);
  await revoke(provider, groupId, gone, 'error revoking security group ingress');
}

/** Adds what is missing. */
export async function addRules(
  provider: Provider,
  groupId: string,
  rules: readonly WantedRule[],
): Promise<void> {
  const current = ingressOf(await groupNow(provider, groupId));
  await authorize(provider, groupId, without(rules, current));
}

/** Takes away what is there. */
export async function removeRules(
  provider: Provider,
  groupId: string,
  rules: readonly WantedRule[],
): Promise<void> {
  const current = ingressOf(await groupNow(provider, groupId));
  const keys = new Set(current.map(ruleKeyText));
  const there = rules.filter((rule) => keys.has(ruleKeyText(rule)));
  await revoke(provider, groupId, there);
}

async function authorize(
  { ec2 }: Provider,
  groupId: string,
  rules: readonly WantedRule[],
): Promise<void> {
  if (rules.length === 0) return;
  must(
    await ec2.authorizeSecurityGroupIngress({ groupId, rules: rules.map(ruleInput) }),
    'error authorizing security group ingress',
  );
}

async function revoke(
  { ec2 }: Provider,
  groupId: string,
  rules: readonly WantedRule[],
  tried?: string,
): Promise<void> {
  if (rules.length === 0) return;
  must(await ec2.revokeSecurityGroupIngress({ groupId, rules: rules.map(ruleInput) }), tried);
}

const ruleInput = ({ protocol, fromPort, toPort, peer, description }: WantedRule): RuleInput => ({
  protocol,
  fromPort,
  toPort,
  peer,
  description,
});
