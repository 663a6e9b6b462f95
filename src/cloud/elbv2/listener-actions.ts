/** cloud/elbv2/listener-actions — listeners: made, changed, described, deleted. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { type Listener, targetGroupsOf } from '../../model/elbv2/listener.ts';
import type { Region } from '../region.ts';
import { soundActions } from './actions.ts';
import { DONE, noListener, noLoadBalancer } from './elb-error.ts';
import { listenerAttributesOf } from './listener-attributes.ts';
import { soundSettings } from './listener-settings.ts';
import { elbArn, pathOfArn } from './load-balancer-name.ts';
import type { CreateListenerInput, Elbv2Operations } from './operations.ts';
import { followUse } from './target-use.ts';

type ListenerActions = Pick<
  Elbv2Operations,
  'createListener' | 'describeListeners' | 'modifyListener' | 'deleteListener'
>;

export const listenerActions = (region: Region): ListenerActions => ({
  createListener: (input) => create(region, input),
  describeListeners: (input) => describe(region, input),
  modifyListener: (input) => modify(region, input),
  deleteListener({ listenerArn }) {
    const listener = region.store.get('elbv2/listener', listenerArn);
    if (listener === undefined) return noListener(listenerArn);
    removeListener(region, listener);
    return DONE;
  },
});

function create(region: Region, input: CreateListenerInput): Listener | AwsError {
  const { store } = region;
  const balancer = store.get('elbv2/load-balancer', input.loadBalancerArn);
  if (balancer === undefined) return noLoadBalancer(input.loadBalancerArn);
  const siblings = store.lookup('elbv2/listener', 'load-balancer', input.loadBalancerArn);
  if (siblings.some((it) => clash(it, input))) return duplicateListener(input.loadBalancerArn);
  if (siblings.length >= region.quotas.listenersPerLoadBalancer)
    return awsError(
      'TooManyListeners',
      `The maximum number of listeners on load balancer '${input.loadBalancerArn}' has been reached`,
    );
  const settings = soundSettings(region, balancer, input);
  if (isAwsError(settings)) return settings;
  const actions = soundActions(region, balancer, input.protocol, input.defaultActions);
  if (isAwsError(actions)) return actions;
  const path = `${pathOfArn(balancer.loadBalancerArn)}/${region.ids.hex(16)}`;
  const listener: Listener = {
    listenerArn: elbArn(region, `listener/${path}`),
    loadBalancerArn: balancer.loadBalancerArn,
    port: input.port,
    protocol: input.protocol,
    ...settings,
    defaultActions: actions,
    attributes: listenerAttributesOf(input.protocol),
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  store.put('elbv2/listener', listener.listenerArn, listener);
  followUse(region, targetGroupsOf(actions));
  return listener;
}

const duplicateListener = (loadBalancerArn: string): AwsError =>
  awsError(
    'DuplicateListener',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );

/** A port takes one listener, whatever its transport: TCP and UDP go together as TCP_UDP. */
const clash = (a: Pick<Listener, 'port'>, b: Pick<Listener, 'port'>): boolean => a.port === b.port;

function describe(
  { store }: Region,
  { loadBalancerArn, listenerArns }: Parameters<Elbv2Operations['describeListeners']>[0],
): readonly Listener[] | AwsError {
  if (listenerArns !== undefined && listenerArns.length > 0) {
    const found = [...new Set(listenerArns)].flatMap(
      (arn) => store.get('elbv2/listener', arn) ?? [],
    );
    if (found.length === new Set(listenerArns).size) return found;
    return awsError('ListenerNotFound', 'One or more listeners not found');
  }
  if (loadBalancerArn === undefined)
    return awsError(
      'ValidationError',
      'You must specify either listener ARNs or a load balancer ARN',
    );
  if (store.get('elbv2/load-balancer', loadBalancerArn) === undefined)
    return noLoadBalancer(loadBalancerArn);
  return store.lookup('elbv2/listener', 'load-balancer', loadBalancerArn);
}

function modify(
  region: Region,
  input: Parameters<Elbv2Operations['modifyListener']>[0],
): Listener | AwsError {
  const { store } = region;
  const before = store.get('elbv2/listener', input.listenerArn);
  if (before === undefined) return noListener(input.listenerArn);
  const balancer = store.get('elbv2/load-balancer', before.loadBalancerArn)!;
  const port = input.port ?? before.port;
  const protocol = input.protocol ?? before.protocol;
  const siblings = store.lookup('elbv2/listener', 'load-balancer', before.loadBalancerArn);
  if (siblings.some((it) => it !== before && clash(it, { port })))
    return duplicateListener(before.loadBalancerArn);
  const settings = soundSettings(region, balancer, { ...input, port, protocol }, before);
  if (isAwsError(settings)) return settings;
  const asked = input.defaultActions ?? before.defaultActions;
  const defaultActions = soundActions(region, balancer, protocol, asked);
  if (isAwsError(defaultActions)) return defaultActions;
  const attributes =
    protocol === before.protocol ? before.attributes : listenerAttributesOf(protocol);
  const after: Listener = { ...before, port, protocol, ...settings, defaultActions, attributes };
  store.put('elbv2/listener', after.listenerArn, after);
  followUse(region, [
    ...targetGroupsOf(before.defaultActions),
    ...targetGroupsOf(after.defaultActions),
  ]);
  return after;
}

/** Deletes a listener with its rules. */
export function removeListener(region: Region, listener: Listener): void {
  const { store } = region;
  const groups = new Set(targetGroupsOf(listener.defaultActions));
  for (const rule of store.lookup('elbv2/rule', 'listener', listener.listenerArn)) {
    for (const arn of targetGroupsOf(rule.actions)) groups.add(arn);
    store.delete('elbv2/rule', rule.ruleArn);
  }
  store.delete('elbv2/listener', listener.listenerArn);
  followUse(region, groups);
}
