/** api/aws/ec2/security-group-rules — EC2's operations on the rules of security groups. */
import type { EC2, SecurityGroupRule as SdkRule } from '@aws-sdk/client-ec2';
import { missingParameter } from '../../../cloud/ec2/not-found.ts';
import type { RuleDescription } from '../../../cloud/ec2/upkeep-operations.ts';
import { ruleToAws } from '../../../formats/aws/security-group-rule.ts';
import { type AwsError, isAwsError } from '../../../model/aws-error.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../../model/ec2/security-group.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { done, filtersOf, page, tagsFor } from './requests.ts';
import { groupIdOf, type RulesInput, ruleOf, rulesOf } from './security-group-permissions.ts';

const showRule = ({ cloud }: AwsCall, group: SecurityGroup, rule: SecurityGroupRule): SdkRule => ({
  ...(ruleToAws(group, rule) as SdkRule),
  SecurityGroupRuleArn: `arn:aws:ec2:${cloud.region}:${group.ownerId}:security-group-rule/${rule.ruleId}`,
});

const showRules = (call: AwsCall, groupId: string, rules: readonly SecurityGroupRule[]) => {
  const group = call.store.get('ec2/security-group', groupId)!;
  return rules.map((rule) => showRule(call, group, rule));
};

type Named = Parameters<typeof groupIdOf>[1];
type Tagged = Parameters<typeof tagsFor>[1];

function authorize(
  call: AwsCall,
  action: 'authorizeSecurityGroupIngress' | 'authorizeSecurityGroupEgress',
  input: Named & RulesInput & Tagged,
) {
  const groupId = groupIdOf(call, input);
  if (isAwsError(groupId)) return groupId;
  const tags = tagsFor('security-group-rule', input);
  if (isAwsError(tags)) return tags;
  const rules = rulesOf(call, input);
  if (isAwsError(rules)) return rules;
  if (rules.length === 0) return missingParameter('ipPermissions');
  const added = call.cloud.ec2[action]({ groupId, rules, tags });
  if (isAwsError(added)) return added;
  return { Return: true, SecurityGroupRules: showRules(call, groupId, added) };
}

function revoke(
  call: AwsCall,
  action: 'revokeSecurityGroupIngress' | 'revokeSecurityGroupEgress',
  input: Named & RulesInput & { readonly SecurityGroupRuleIds?: string[] | undefined },
) {
  const groupId = groupIdOf(call, input);
  if (isAwsError(groupId)) return groupId;
  const rules = rulesOf(call, input);
  if (isAwsError(rules)) return rules;
  const ruleIds = input.SecurityGroupRuleIds;
  if (rules.length === 0 && (ruleIds ?? []).length === 0) return missingParameter('ipPermissions');
  const gone = call.cloud.ec2[action]({ groupId, rules, ruleIds });
  if (isAwsError(gone)) return gone;
  const RevokedSecurityGroupRules = showRules(call, groupId, gone).map((rule) => ({
    SecurityGroupRuleId: rule.SecurityGroupRuleId,
    GroupId: rule.GroupId,
    IsEgress: rule.IsEgress,
    IpProtocol: rule.IpProtocol,
    FromPort: rule.FromPort,
    ToPort: rule.ToPort,
    CidrIpv4: rule.CidrIpv4,
    CidrIpv6: rule.CidrIpv6,
    PrefixListId: rule.PrefixListId,
    ReferencedGroupId: rule.ReferencedGroupInfo?.GroupId,
    Description: rule.Description,
  }));
  return { Return: true, RevokedSecurityGroupRules };
}

interface DescriptionsInput extends Named, RulesInput {
  readonly SecurityGroupRuleDescriptions?:
    | readonly {
        readonly SecurityGroupRuleId?: string | undefined;
        readonly Description?: string | undefined;
      }[]
    | undefined;
}

function redescribe(
  call: AwsCall,
  direction: SecurityGroupRule['direction'],
  input: DescriptionsInput,
): { Return: true } | AwsError {
  const groupId = groupIdOf(call, input);
  if (isAwsError(groupId)) return groupId;
  const rules = rulesOf(call, input);
  if (isAwsError(rules)) return rules;
  const descriptions: RuleDescription[] = rules.map((rule) => ({
    rule,
    description: rule.description,
  }));
  for (const { SecurityGroupRuleId = '', Description } of input.SecurityGroupRuleDescriptions ?? [])
    descriptions.push({ ruleId: SecurityGroupRuleId, description: Description });
  if (descriptions.length === 0) return missingParameter('ipPermissions');
  const { ec2 } = call.cloud;
  return done(ec2.updateSecurityGroupRuleDescriptions({ groupId, direction, descriptions }));
}

export const securityGroupRules: Handlers<EC2> = {
  AuthorizeSecurityGroupIngress: (input, call) =>
    authorize(call, 'authorizeSecurityGroupIngress', input),
  AuthorizeSecurityGroupEgress: (input, call) =>
    authorize(call, 'authorizeSecurityGroupEgress', input),
  RevokeSecurityGroupIngress: (input, call) => revoke(call, 'revokeSecurityGroupIngress', input),
  RevokeSecurityGroupEgress: (input, call) => revoke(call, 'revokeSecurityGroupEgress', input),
  UpdateSecurityGroupRuleDescriptionsIngress: (input, call) => redescribe(call, 'ingress', input),
  UpdateSecurityGroupRuleDescriptionsEgress: (input, call) => redescribe(call, 'egress', input),

  ModifySecurityGroupRules(input, { cloud }) {
    const rules: { ruleId: string; rule: Exclude<ReturnType<typeof ruleOf>, AwsError> }[] = [];
    for (const { SecurityGroupRuleId, SecurityGroupRule: request } of input.SecurityGroupRules!) {
      const rule = ruleOf(request);
      if (isAwsError(rule)) return rule;
      rules.push({ ruleId: SecurityGroupRuleId ?? '', rule });
    }
    return done(cloud.ec2.modifySecurityGroupRules({ groupId: input.GroupId!, rules }));
  },

  DescribeSecurityGroupRules(input, call) {
    const found = call.cloud.ec2.describeSecurityGroupRules({
      ids: input.SecurityGroupRuleIds,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, ({ group, rule }) => showRule(call, group, rule));
    return isAwsError(part) ? part : { SecurityGroupRules: part.items, NextToken: part.NextToken };
  },
};
