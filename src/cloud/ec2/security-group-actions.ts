/**
 * cloud/ec2/security-group-actions — security groups: one rule per peer, sixty per direction and
 * address family, no group deleted while something uses or names it.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { SecurityGroupId, SecurityGroupRuleId } from '../../model/ec2/ids.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { plainValue } from './filters.ts';
import { invalidValue, noSecurityGroup, noSecurityGroupRule, noVpc } from './not-found.ts';
import type { Ec2Operations } from './operations.ts';
import { duplicateRule, type RuleKey, ruleKeyText, soundRule } from './security-group-rule.ts';
import type { RevokeInput, RuleChangeInput, VpcOperations } from './vpc-operations.ts';

type Direction = SecurityGroupRule['direction'];

const ruleTexts =
  (direction: Direction, text: (rule: SecurityGroupRule) => string | number | undefined) =>
  (group: SecurityGroup) =>
    group.rules.filter((rule) => rule.direction === direction).map(text);

/** `ip-permission.*` and `egress.ip-permission.*`. */
const ruleFilters = (
  { store }: Region,
  prefix: string,
  direction: Direction,
): Described<'ec2/security-group'>['filters'] => ({
  [`${prefix}ip-permission.cidr`]: ruleTexts(direction, ({ peer }) =>
    peer.kind === 'ipv4' ? peer.cidr : undefined,
  ),
  [`${prefix}ip-permission.ipv6-cidr`]: ruleTexts(direction, ({ peer }) =>
    peer.kind === 'ipv6' ? peer.cidr : undefined,
  ),
  [`${prefix}ip-permission.group-id`]: ruleTexts(direction, ({ peer }) =>
    peer.kind === 'group' ? peer.groupId : undefined,
  ),
  [`${prefix}ip-permission.group-name`]: ruleTexts(direction, ({ peer }) =>
    peer.kind === 'group' ? store.get('ec2/security-group', peer.groupId)?.groupName : undefined,
  ),
  [`${prefix}ip-permission.user-id`]: (group) =>
    group.rules.some((rule) => rule.direction === direction && rule.peer.kind === 'group')
      ? group.ownerId
      : undefined,
  [`${prefix}ip-permission.prefix-list-id`]: ruleTexts(direction, ({ peer }) =>
    peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
  ),
  [`${prefix}ip-permission.from-port`]: ruleTexts(direction, ({ fromPort }) => fromPort),
  [`${prefix}ip-permission.to-port`]: ruleTexts(direction, ({ toPort }) => toPort),
  [`${prefix}ip-permission.protocol`]: ruleTexts(direction, ({ protocol }) => protocol),
});

const describedSecurityGroup = (region: Region): Described<'ec2/security-group'> => ({
  kind: 'ec2/security-group',
  missing: noSecurityGroup,
  filters: {
    'group-id': (group) => group.groupId,
    'group-name': (group) => group.groupName,
    description: (group) => group.description,
    'vpc-id': (group) => group.vpcId,
    'owner-id': (group) => group.ownerId,
    ...ruleFilters(region, '', 'ingress'),
    ...ruleFilters(region, 'egress.', 'egress'),
  },
});

type SecurityGroupActions = Pick<
  VpcOperations & Ec2Operations,
  | 'createSecurityGroup'
  | 'deleteSecurityGroup'
  | 'authorizeSecurityGroupIngress'
  | 'authorizeSecurityGroupEgress'
  | 'revokeSecurityGroupIngress'
  | 'revokeSecurityGroupEgress'
  | 'describeSecurityGroups'
>;

export const securityGroupActions = (region: Region): SecurityGroupActions => ({
  createSecurityGroup: (input) => createSecurityGroup(region, input),
  deleteSecurityGroup: ({ groupId }) => deleteSecurityGroup(region, groupId),
  authorizeSecurityGroupIngress: (input) => authorize(region, 'ingress', input),
  authorizeSecurityGroupEgress: (input) => authorize(region, 'egress', input),
  revokeSecurityGroupIngress: (input) => revoke(region, 'ingress', input),
  revokeSecurityGroupEgress: (input) => revoke(region, 'egress', input),
  describeSecurityGroups: ({ groupIds, filters }) =>
    describe(region, describedSecurityGroup(region), groupIds, filters, () => {
      const vpcId = plainValue(filters, 'vpc-id');
      return vpcId === undefined
        ? region.store.list('ec2/security-group')
        : region.store.lookup('ec2/security-group', 'vpc', vpcId);
    }),
});

const anyProtocol = { protocol: '-1', fromPort: -1, toPort: -1 } as const;

const newRule = (region: Region, direction: Direction, key: RuleKey): SecurityGroupRule => ({
  ruleId: region.ids.next<SecurityGroupRuleId>('sgr'),
  direction,
  ...key,
  tags: {},
});

/** Every new group lets everything out, over IPv6 too when the VPC has an IPv6 block. */
function allOut(region: Region, vpc: Vpc): SecurityGroupRule[] {
  const out = (peer: RuleKey['peer']) => newRule(region, 'egress', { ...anyProtocol, peer });
  const rules = [out({ kind: 'ipv4', cidr: '0.0.0.0/0' })];
  if (vpc.ipv6CidrBlocks.length > 0) rules.push(out({ kind: 'ipv6', cidr: '::/0' }));
  return rules;
}

/** The `default` group a VPC comes with: its members reach each other. */
export function defaultSecurityGroup(region: Region, vpc: Vpc): SecurityGroup {
  const groupId = region.ids.next<SecurityGroupId>('sg');
  const fromItself = newRule(region, 'ingress', {
    ...anyProtocol,
    peer: { kind: 'group', groupId },
  });
  const group: SecurityGroup = {
    groupId,
    groupName: 'default',
    description: 'default VPC security group',
    vpcId: vpc.vpcId,
    ownerId: region.accountId,
    rules: [fromItself, ...allOut(region, vpc)],
    tags: {},
  };
  region.store.put('ec2/security-group', groupId, group);
  return group;
}

type CreateInput = Parameters<VpcOperations['createSecurityGroup']>[0];

function createSecurityGroup(region: Region, input: CreateInput): SecurityGroup | AwsError {
  const { groupName, description, vpcId, tags } = input;
  const vpc = region.store.get('ec2/vpc', vpcId);
  if (vpc === undefined) return noVpc(vpcId);
  if (groupName === 'default')
    return invalidValue('Cannot use reserved security group name: default');
  if (groupName.startsWith('sg-')) {
    return invalidValue(
      `Invalid value '${groupName}' for groupName. Group names may not be in the format sg-*.`,
    );
  }
  const taken = region.store
    .lookup('ec2/security-group', 'vpc', vpcId)
    .some((it) => it.groupName === groupName);
  if (taken) {
    return awsError(
      'InvalidGroup.Duplicate',
      `The security group '${groupName}' already exists for VPC '${vpcId}'`,
    );
  }
  const group: SecurityGroup = {
    groupId: region.ids.next<SecurityGroupId>('sg'),
    groupName,
    description,
    vpcId: vpc.vpcId,
    ownerId: region.accountId,
    rules: allOut(region, vpc),
    tags: tags ?? {},
  };
  region.store.put('ec2/security-group', group.groupId, group);
  return group;
}

function deleteSecurityGroup({ store }: Region, groupId: string): true | AwsError {
  const group = store.get('ec2/security-group', groupId);
  if (group === undefined) return noSecurityGroup(groupId);
  if (group.groupName === 'default') {
    return awsError(
      'CannotDelete',
      `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
    );
  }
  const names = ({ peer }: SecurityGroupRule) => peer.kind === 'group' && peer.groupId === groupId;
  for (const { value: other } of store.entries('ec2/security-group'))
    if (other.groupId !== groupId && other.rules.some(names)) return dependent(groupId);
  for (const { value: eni } of store.entries('ec2/network-interface'))
    if (eni.groups.includes(group.groupId)) return dependent(groupId);
  store.delete('ec2/security-group', groupId);
  return true;
}

/** hashicorp/terraform#31658. */
const dependent = (groupId: string): AwsError =>
  awsError('DependencyViolation', `resource ${groupId} has a dependent object`);

function authorize(
  region: Region,
  direction: Direction,
  { groupId, rules, tags }: RuleChangeInput,
): readonly SecurityGroupRule[] | AwsError {
  const group = region.store.get('ec2/security-group', groupId);
  if (group === undefined) return noSecurityGroup(groupId);
  const existing = new Set(ofDirection(group, direction).map(ruleKeyText));
  const added: SecurityGroupRule[] = [];
  const addedKeys = new Set<string>();
  for (const input of rules) {
    const key = soundRule(region, input);
    if ('code' in key) return key;
    const text = ruleKeyText(key);
    if (addedKeys.has(text))
      return invalidValue('The same permission must not appear multiple times');
    addedKeys.add(text);
    if (existing.has(text)) return duplicateRule(key);
    added.push({
      ...newRule(region, direction, key),
      description: input.description,
      tags: tags ?? {},
    });
  }
  const all = [...group.rules, ...added];
  if (
    exceedsLimit(
      region,
      all.filter((rule) => rule.direction === direction),
    )
  ) {
    return tooManyRules();
  }
  region.store.put('ec2/security-group', groupId, { ...group, rules: all });
  return added;
}

export const tooManyRules = (): AwsError =>
  awsError(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );

const ofDirection = (group: SecurityGroup, direction: Direction): SecurityGroupRule[] =>
  group.rules.filter((rule) => rule.direction === direction);

/**
 * IPv4 and IPv6 rules are counted apart; a reference to a group counts in both, a prefix list
 * counts its maximum size in both (tflint#268 quoting the AWS quotas page).
 */
export function exceedsLimit(region: Region, rules: readonly SecurityGroupRule[]): boolean {
  let v4 = 0;
  let v6 = 0;
  for (const { peer } of rules) {
    if (peer.kind === 'ipv4') v4++;
    else if (peer.kind === 'ipv6') v6++;
    else {
      const list =
        peer.kind === 'prefix-list'
          ? region.store.get('ec2/prefix-list', peer.prefixListId)
          : undefined;
      v4 += list?.maxEntries ?? 1;
      v6 += list?.maxEntries ?? 1;
    }
  }
  return Math.max(v4, v6) > region.quotas.rulesPerDirection;
}

function revoke(
  region: Region,
  direction: Direction,
  { groupId, rules = [], ruleIds = [] }: RevokeInput,
): readonly SecurityGroupRule[] | AwsError {
  const group = region.store.get('ec2/security-group', groupId);
  if (group === undefined) return noSecurityGroup(groupId);
  const held = ofDirection(group, direction);
  const gone = new Set<SecurityGroupRule>();
  for (const ruleId of ruleIds) {
    const rule = held.find((it) => it.ruleId === ruleId);
    if (rule === undefined) return noSecurityGroupRule(ruleId);
    gone.add(rule);
  }
  for (const input of rules) {
    const key = soundRule(region, input);
    if ('code' in key) return key;
    const rule = held.find((it) => ruleKeyText(it) === ruleKeyText(key));
    if (rule === undefined) {
      return awsError(
        'InvalidPermission.NotFound',
        'The specified rule does not exist in this security group.',
      );
    }
    gone.add(rule);
  }
  const left = group.rules.filter((rule) => !gone.has(rule));
  region.store.put('ec2/security-group', groupId, { ...group, rules: left });
  return [...gone];
}
