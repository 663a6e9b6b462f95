/**
 * api/aws/elbv2/rules — rules of listeners. The default rule is the listener's own: it is described
 * with the others, and neither deleted nor moved.
 */
import type {
  ElasticLoadBalancingV2,
  Rule,
  RuleCondition as SdkCondition,
  RuleTransform as SdkTransform,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { conditionFromAws, transformFromAws } from '../../../formats/aws/rule-condition.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Listener, ListenerRule } from '../../../model/elbv2/listener.ts';
import { mixedFnv1a } from '../../../sim/fnv.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { actionsOf } from './listeners.ts';
import { page, readersOf, recordOf } from './requests.ts';

const described = (call: AwsCall) => (it: ListenerRule) => shown(call, 'elbv2/rule', it);

const conditionsOf = (conditions: readonly SdkCondition[] | undefined) =>
  readersOf('Conditions', conditions).map(conditionFromAws);
const transformsOf = (transforms: readonly SdkTransform[] | undefined) =>
  readersOf('Transforms', transforms).map(transformFromAws);

/** The rule every listener has, after all others. */
function defaultRule(call: AwsCall, listener: Listener): Rule {
  const [high, low] = [0, 1].map((seed) =>
    mixedFnv1a(listener.listenerArn, seed).toString(16).padStart(8, '0'),
  );
  return {
    RuleArn: `${listener.listenerArn.replace(':listener/', ':listener-rule/')}/${high}${low}`,
    Priority: 'default',
    Conditions: [],
    Actions: shown(call, 'elbv2/listener', listener).DefaultActions,
    IsDefault: true,
  };
}

const defaultRules = (call: AwsCall): readonly Rule[] =>
  call.store.list('elbv2/listener').map((it) => defaultRule(call, it));

/** The rules asked for, default ones among them, in the order of their priority. */
function rulesOf(
  call: AwsCall,
  listenerArn: string | undefined,
  ruleArns: readonly string[] | undefined,
): readonly Rule[] | AwsError {
  const { elbv2 } = call.cloud;
  if (listenerArn !== undefined) {
    const listeners = elbv2.describeListeners({ listenerArns: [listenerArn] });
    if (isAwsError(listeners)) return listeners;
    const found = elbv2.describeRules({ listenerArn });
    if (isAwsError(found)) return found;
    const sorted = [...found].sort((a, b) => a.priority - b.priority);
    return [...sorted.map(described(call)), defaultRule(call, listeners[0]!)];
  }
  if (ruleArns === undefined || ruleArns.length === 0)
    return awsError('ValidationError', 'You must specify either listener ARN or rule ARNs');
  const defaults = new Map(defaultRules(call).map((it) => [it.RuleArn, it]));
  const rules: Rule[] = [];
  for (const arn of ruleArns) {
    const own = defaults.get(arn);
    const found = own === undefined ? elbv2.describeRules({ ruleArns: [arn] }) : [];
    if (isAwsError(found)) return found;
    rules.push(...(own === undefined ? found.map(described(call)) : [own]));
  }
  return rules;
}

const isDefault = (call: AwsCall, arn: string | undefined): boolean =>
  defaultRules(call).some(({ RuleArn }) => RuleArn === arn);

export const rules: Handlers<ElasticLoadBalancingV2> = {
  CreateRule(input, call) {
    const made = call.cloud.elbv2.createRule({
      listenerArn: input.ListenerArn!,
      priority: input.Priority!,
      conditions: conditionsOf(input.Conditions),
      actions: actionsOf('Actions', input.Actions),
      transforms: input.Transforms && transformsOf(input.Transforms),
      tags: input.Tags && recordOf(input.Tags),
    });
    return isAwsError(made) ? made : { Rules: [described(call)(made)] };
  },

  DescribeRules(input, call) {
    const found = rulesOf(call, input.ListenerArn, input.RuleArns);
    const part = page(call, input, found, (rule) => rule);
    return isAwsError(part) ? part : { Rules: part.items, NextMarker: part.NextMarker };
  },

  ModifyRule(input, call) {
    if (isDefault(call, input.RuleArn))
      return awsError(
        'OperationNotPermitted',
        `Default rule '${input.RuleArn}' cannot be modified`,
      );
    const changed = call.cloud.elbv2.modifyRule({
      ruleArn: input.RuleArn!,
      ...(input.Conditions && { conditions: conditionsOf(input.Conditions) }),
      ...(input.Actions && { actions: actionsOf('Actions', input.Actions) }),
      ...(input.ResetTransforms === true
        ? { transforms: [] }
        : input.Transforms && { transforms: transformsOf(input.Transforms) }),
    });
    return isAwsError(changed) ? changed : { Rules: [described(call)(changed)] };
  },

  DeleteRule(input, call) {
    if (isDefault(call, input.RuleArn))
      return awsError('OperationNotPermitted', `Default rule '${input.RuleArn}' cannot be deleted`);
    const gone = call.cloud.elbv2.deleteRule({ ruleArn: input.RuleArn! });
    return isAwsError(gone) ? gone : {};
  },

  SetRulePriorities(input, call) {
    const changed = call.cloud.elbv2.setRulePriorities({
      rulePriorities: (input.RulePriorities ?? []).map(({ RuleArn, Priority }) => ({
        ruleArn: RuleArn ?? '',
        priority: Priority ?? 0,
      })),
    });
    return isAwsError(changed) ? changed : { Rules: changed.map(described(call)) };
  },
};
