/**
 * cloud/ec2/security-group-upkeep — rules that are there already: rewritten, described, and told
 * of across VPCs.
 *
 * Texts: EC2 API reference, ModifySecurityGroupRules and UpdateSecurityGroupRuleDescriptions*.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { VpcPeeringConnection } from '../../model/ec2/gateways.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { Region } from '../region.ts';
import { type FilterTable, filterTest, plainValue } from './filters.ts';
import { invalidValue, noSecurityGroup, noSecurityGroupRule, noVpc } from './not-found.ts';
import { exceedsLimit, tooManyRules } from './security-group-actions.ts';
import { duplicateRule, ruleKeyText, soundRule } from './security-group-rule.ts';
import type { DescribedRule, UpkeepOperations } from './upkeep-operations.ts';

type RuleActions = Pick<
  UpkeepOperations,
  | 'modifySecurityGroupRules'
  | 'updateSecurityGroupRuleDescriptions'
  | 'describeSecurityGroupRules'
  | 'describeSecurityGroupReferences'
  | 'describeStaleSecurityGroups'
  | 'getSecurityGroupsForVpc'
>;

export const securityGroupUpkeep = (region: Region): RuleActions => ({
  modifySecurityGroupRules: (input) => modifyRules(region, input),
  updateSecurityGroupRuleDescriptions: (input) => describeRules(region, input),
  describeSecurityGroupRules: (input) => describeAll(region, input),
  describeSecurityGroupReferences({ groupIds }) {
    for (const id of groupIds)
      if (region.store.get('ec2/security-group', id) === undefined) return noSecurityGroup(id);
    return references(region, new Set(groupIds));
  },
  describeStaleSecurityGroups({ vpcId }) {
    if (region.store.get('ec2/vpc', vpcId) === undefined) return noVpc(vpcId);
    return region.store.lookup('ec2/security-group', 'vpc', vpcId).flatMap((group) => {
      const stale = group.rules.filter((rule) => isStale(region, group, rule));
      return stale.length === 0 ? [] : [{ group, stale }];
    });
  },
  getSecurityGroupsForVpc({ vpcId, filters }) {
    if (region.store.get('ec2/vpc', vpcId) === undefined) return noVpc(vpcId);
    const test = filterTest(FOR_VPC_FILTERS, filters);
    if (isAwsError(test)) return test;
    return region.store.lookup('ec2/security-group', 'vpc', vpcId).filter(test);
  },
});

/** The four names that GetSecurityGroupsForVpc knows, beside tags. */
const FOR_VPC_FILTERS: FilterTable<SecurityGroup> = {
  'group-id': (group) => group.groupId,
  description: (group) => group.description,
  'group-name': (group) => group.groupName,
  'owner-id': (group) => group.ownerId,
  'primary-vpc-id': (group) => group.vpcId,
};

type ModifyInput = Parameters<UpkeepOperations['modifySecurityGroupRules']>[0];

function modifyRules(region: Region, { groupId, rules }: ModifyInput): true | AwsError {
  const group = region.store.get('ec2/security-group', groupId);
  if (group === undefined) return noSecurityGroup(groupId);
  const changed = new Map<string, SecurityGroupRule>();
  for (const { ruleId, rule: input } of rules) {
    const held = group.rules.find((it) => it.ruleId === ruleId);
    if (held === undefined) return noSecurityGroupRule(ruleId);
    const key = soundRule(region, input);
    if ('code' in key) return key;
    if (key.peer.kind !== held.peer.kind) {
      return invalidValue(
        `The source or destination type of security group rule '${ruleId}' cannot be changed.`,
      );
    }
    changed.set(ruleId, { ...held, ...key, description: input.description });
  }
  const all = group.rules.map((rule) => changed.get(rule.ruleId) ?? rule);
  const twice = repeated(all);
  if (twice !== undefined) return duplicateRule(twice);
  for (const direction of ['ingress', 'egress'] as const)
    if (exceedsLimit(region, ofDirection(all, direction))) return tooManyRules();
  region.store.put('ec2/security-group', groupId, { ...group, rules: all });
  return true;
}

const ofDirection = (
  rules: readonly SecurityGroupRule[],
  direction: SecurityGroupRule['direction'],
): readonly SecurityGroupRule[] => rules.filter((rule) => rule.direction === direction);

/** The first rule that says what an earlier one of its direction says. */
function repeated(rules: readonly SecurityGroupRule[]): SecurityGroupRule | undefined {
  const seen = new Set<string>();
  return rules.find((rule) => {
    const text = `${rule.direction} ${ruleKeyText(rule)}`;
    if (seen.has(text)) return true;
    seen.add(text);
    return false;
  });
}

type DescriptionInput = Parameters<UpkeepOperations['updateSecurityGroupRuleDescriptions']>[0];

function describeRules(
  region: Region,
  { groupId, direction, descriptions }: DescriptionInput,
): true | AwsError {
  const group = region.store.get('ec2/security-group', groupId);
  if (group === undefined) return noSecurityGroup(groupId);
  const held = ofDirection(group.rules, direction);
  const texts = new Map<SecurityGroupRule, string | undefined>();
  for (const given of descriptions) {
    let rule: SecurityGroupRule | undefined;
    if ('ruleId' in given) {
      rule = held.find((it) => it.ruleId === given.ruleId);
      if (rule === undefined) return noSecurityGroupRule(given.ruleId);
    } else {
      const key = soundRule(region, given.rule);
      if ('code' in key) return key;
      rule = held.find((it) => ruleKeyText(it) === ruleKeyText(key));
      if (rule === undefined) return noSuchRule();
    }
    texts.set(rule, given.description);
  }
  const rules = group.rules.map((rule) =>
    texts.has(rule) ? { ...rule, description: texts.get(rule) } : rule,
  );
  region.store.put('ec2/security-group', groupId, { ...group, rules });
  return true;
}

const noSuchRule = (): AwsError =>
  awsError(
    'InvalidPermission.NotFound',
    'The specified rule does not exist in this security group.',
  );

const RULE_FILTERS: FilterTable<DescribedRule> = {
  'group-id': ({ group }) => group.groupId,
  'security-group-rule-id': ({ rule }) => rule.ruleId,
};

type DescribeRulesInput = Parameters<UpkeepOperations['describeSecurityGroupRules']>[0];

function describeAll(
  region: Region,
  { ids, filters }: DescribeRulesInput,
): readonly DescribedRule[] | AwsError {
  const test = filterTest(RULE_FILTERS, filters);
  if (isAwsError(test)) return test;
  const groupId = plainValue(filters, 'group-id');
  const group = groupId === undefined ? undefined : region.store.get('ec2/security-group', groupId);
  // A filter by a group that is not there is answered as that group's rules would be.
  if (groupId !== undefined && group === undefined && groupId.startsWith('sg-'))
    return noSecurityGroup(groupId);
  const groups = group === undefined ? region.store.list('ec2/security-group') : [group];
  const all = groups.flatMap((it) =>
    it.rules.map((rule) => ({ group: it, rule, tags: rule.tags })),
  );
  if (ids === undefined || ids.length === 0) return all.filter(test);
  const byId = new Map(all.map((it) => [it.rule.ruleId as string, it]));
  const unknown = ids.find((id) => !byId.has(id));
  if (unknown !== undefined) return noSecurityGroupRule(unknown);
  return [...new Set(ids)].map((id) => byId.get(id)!).filter(test);
}

/** Which VPC of a peering a group's rule may name groups of. */
const otherVpc = (peering: VpcPeeringConnection, vpcId: string): string | undefined => {
  if (peering.requesterVpcId === vpcId) return peering.accepterVpcId;
  return peering.accepterVpcId === vpcId ? peering.requesterVpcId : undefined;
};

function references(region: Region, groupIds: ReadonlySet<string>) {
  const { store } = region;
  const found = new Map<
    string,
    { groupId: string; referencingVpcId: string; vpcPeeringConnectionId: string }
  >();
  for (const group of store.list('ec2/security-group')) {
    for (const { peer } of group.rules) {
      if (peer.kind !== 'group' || !groupIds.has(peer.groupId)) continue;
      const named = store.get('ec2/security-group', peer.groupId);
      if (named === undefined || named.vpcId === group.vpcId) continue;
      const peering = store
        .list('ec2/vpc-peering-connection')
        .find((it) => it.status === 'active' && otherVpc(it, group.vpcId) === named.vpcId);
      if (peering === undefined) continue;
      const { vpcPeeringConnectionId } = peering;
      found.set(`${peer.groupId} ${group.vpcId}`, {
        groupId: peer.groupId,
        referencingVpcId: group.vpcId,
        vpcPeeringConnectionId,
      });
    }
  }
  return [...found.values()];
}

/** A rule that names a group of another VPC, which is gone or no longer peered. */
function isStale({ store }: Region, group: SecurityGroup, { peer }: SecurityGroupRule): boolean {
  if (peer.kind !== 'group') return false;
  const named = store.get('ec2/security-group', peer.groupId);
  const vpcId = named?.vpcId ?? peer.vpcId;
  if (vpcId === undefined || vpcId === group.vpcId) return false;
  if (named === undefined) return true;
  return !store
    .list('ec2/vpc-peering-connection')
    .some((it) => it.status === 'active' && otherVpc(it, group.vpcId) === vpcId);
}
