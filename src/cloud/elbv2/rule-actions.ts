/** cloud/elbv2/rule-actions — rules of listeners: made, changed, moved, described, deleted. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { type Listener, type ListenerRule, targetGroupsOf } from '../../model/elbv2/listener.ts';
import type { Region } from '../region.ts';
import { soundActions } from './actions.ts';
import { conditionsRefusal } from './conditions.ts';
import { DONE, noListener, noRule, validationError } from './elb-error.ts';
import { elbArn, pathOfArn } from './load-balancer-name.ts';
import type { Elbv2Operations, RuleSettings } from './operations.ts';
import { followUse } from './target-use.ts';

type RuleActions = Pick<
  Elbv2Operations,
  'createRule' | 'describeRules' | 'modifyRule' | 'deleteRule' | 'setRulePriorities'
>;

export const ruleActions = (region: Region): RuleActions => ({
  createRule: (input) => create(region, input),
  describeRules: (input) => describe(region, input),
  modifyRule: (input) => modify(region, input),
  deleteRule({ ruleArn }) {
    const rule = region.store.get('elbv2/rule', ruleArn);
    if (rule === undefined) return noRule(ruleArn);
    region.store.delete('elbv2/rule', ruleArn);
    followUse(region, targetGroupsOf(rule.actions));
    return DONE;
  },
  setRulePriorities: ({ rulePriorities }) => setPriorities(region, rulePriorities),
});

function create(
  region: Region,
  input: Parameters<Elbv2Operations['createRule']>[0],
): ListenerRule | AwsError {
  const { store } = region;
  const listener = store.get('elbv2/listener', input.listenerArn);
  if (listener === undefined) return noListener(input.listenerArn);
  const refusal = priorityRefusal(input.priority) ?? countRefusal(region, listener);
  if (refusal !== undefined) return refusal;
  const siblings = store.lookup('elbv2/rule', 'listener', listener.listenerArn);
  if (siblings.some((it) => it.priority === input.priority)) return inUse([input.priority]);
  const settings = soundSettings(region, listener, input);
  if (isAwsError(settings)) return settings;
  const rule: ListenerRule = {
    ruleArn: elbArn(region, `listener-rule/${pathOfArn(input.listenerArn)}/${region.ids.hex(16)}`),
    listenerArn: listener.listenerArn,
    priority: input.priority,
    ...settings,
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  store.put('elbv2/rule', rule.ruleArn, rule);
  followUse(region, targetGroupsOf(rule.actions));
  return rule;
}

function soundSettings(
  region: Region,
  listener: Listener,
  { conditions, actions, transforms }: RuleSettings,
): RuleSettings | AwsError {
  const balancer = region.store.get('elbv2/load-balancer', listener.loadBalancerArn)!;
  if (balancer.type !== 'application')
    return validationError(
      `Rules are not supported for listeners of load balancers with type '${balancer.type}'`,
    );
  const refusal = conditionsRefusal(region, conditions);
  if (refusal !== undefined) return refusal;
  const sound = soundActions(region, balancer, listener.protocol, actions);
  return isAwsError(sound) ? sound : { conditions, actions: sound, transforms };
}

const priorityRefusal = (priority: number): AwsError | undefined =>
  Number.isInteger(priority) && priority >= 1 && priority <= 50_000
    ? undefined
    : validationError(`Priority '${priority}' must be in the range '1-50000'`);

const inUse = (priorities: readonly number[]): AwsError =>
  awsError('PriorityInUse', `Priority '${priorities.join("', '")}' is currently in use`);

function countRefusal(
  { store, quotas }: Region,
  { loadBalancerArn }: Listener,
): AwsError | undefined {
  const listeners = store.lookup('elbv2/listener', 'load-balancer', loadBalancerArn);
  const count = listeners.reduce(
    (sum, it) => sum + store.lookupKeys('elbv2/rule', 'listener', it.listenerArn).size,
    0,
  );
  if (count < quotas.rulesPerLoadBalancer) return undefined;
  return awsError(
    'TooManyRules',
    `The maximum number of rules on load balancer '${loadBalancerArn}' has been reached`,
  );
}

const byPriority = (a: ListenerRule, b: ListenerRule): number => a.priority - b.priority;

function describe(
  { store }: Region,
  { listenerArn, ruleArns }: Parameters<Elbv2Operations['describeRules']>[0],
): readonly ListenerRule[] | AwsError {
  if (ruleArns !== undefined && ruleArns.length > 0) {
    const found = [...new Set(ruleArns)].flatMap((arn) => store.get('elbv2/rule', arn) ?? []);
    if (found.length === new Set(ruleArns).size) return found;
    return awsError('RuleNotFound', 'One or more rules not found');
  }
  if (listenerArn === undefined)
    return validationError('You must specify either listener rule ARNs or a listener ARN');
  if (store.get('elbv2/listener', listenerArn) === undefined)
    return awsError('ListenerNotFound', 'One or more listeners not found');
  return store.lookup('elbv2/rule', 'listener', listenerArn).sort(byPriority);
}

function modify(
  region: Region,
  input: Parameters<Elbv2Operations['modifyRule']>[0],
): ListenerRule | AwsError {
  const { store } = region;
  const before = store.get('elbv2/rule', input.ruleArn);
  if (before === undefined) return noRule(input.ruleArn);
  const listener = store.get('elbv2/listener', before.listenerArn)!;
  const settings = soundSettings(region, listener, {
    conditions: input.conditions ?? before.conditions,
    actions: input.actions ?? before.actions,
    transforms: input.transforms ?? before.transforms,
  });
  if (isAwsError(settings)) return settings;
  const after: ListenerRule = { ...before, ...settings };
  store.put('elbv2/rule', after.ruleArn, after);
  followUse(region, [...targetGroupsOf(before.actions), ...targetGroupsOf(after.actions)]);
  return after;
}

/** All of them or none: rules may take each other's priorities in one call. */
function setPriorities(
  { store }: Region,
  wanted: Parameters<Elbv2Operations['setRulePriorities']>[0]['rulePriorities'],
): readonly ListenerRule[] | AwsError {
  const changed = new Map<string, ListenerRule>();
  for (const { ruleArn, priority } of wanted) {
    const rule = store.get('elbv2/rule', ruleArn);
    if (rule === undefined) return awsError('RuleNotFound', 'One or more rules not found');
    const refusal = priorityRefusal(priority);
    if (refusal !== undefined) return refusal;
    changed.set(ruleArn, { ...rule, priority });
  }
  const taken = new Set<string>();
  const listeners = new Set([...changed.values()].map((it) => it.listenerArn));
  for (const listenerArn of listeners) {
    for (const rule of store.lookup('elbv2/rule', 'listener', listenerArn)) {
      const { priority } = changed.get(rule.ruleArn) ?? rule;
      const place = `${listenerArn} ${priority}`;
      if (taken.has(place)) return inUse([priority]);
      taken.add(place);
    }
  }
  for (const rule of changed.values()) store.put('elbv2/rule', rule.ruleArn, rule);
  return [...changed.values()];
}
