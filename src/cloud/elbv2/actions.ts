/**
 * cloud/elbv2/actions — the actions of listeners and rules: which there may be, in which order,
 * and which target groups they may forward to.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import {
  type ListenerAction,
  type ListenerProtocol,
  type TargetGroupTuple,
  targetGroupsOf,
} from '../../model/elbv2/listener.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { TargetGroup, TargetGroupProtocol } from '../../model/elbv2/target-group.ts';
import type { Region } from '../region.ts';
import { invalidConfiguration, noTargetGroup, validationError } from './elb-error.ts';
import { groupsForwardedTo, loadBalancersTo } from './forwards.ts';
import { given } from './target-group-defaults.ts';
import { balancerTargetRefusal } from './target-quota.ts';

const isFinal = ({ type }: ListenerAction): boolean =>
  type === 'forward' || type === 'redirect' || type === 'fixed-response';

/** The actions as the listener or rule gets them, or what AWS says against them. */
export function soundActions(
  region: Region,
  balancer: LoadBalancer,
  protocol: ListenerProtocol,
  actions: readonly ListenerAction[],
): readonly ListenerAction[] | AwsError {
  const finals = actions.filter(isFinal);
  if (finals.length !== 1 || !isFinal(actions[actions.length - 1]!))
    return awsError(
      'InvalidLoadBalancerAction',
      'The list of actions must contain exactly one of the following actions and it must be the ' +
        'last: forward, redirect, fixed-response',
    );
  if (balancer.type === 'network' && actions.some((it) => it.type !== 'forward'))
    return awsError(
      'InvalidLoadBalancerAction',
      "The action must be 'forward' for load balancers with type 'network'",
    );
  if (actions.length > 1 && protocol !== 'HTTPS')
    return awsError(
      'InvalidLoadBalancerAction',
      `Authentication actions are only supported for HTTPS listeners, not for ${protocol}`,
    );
  for (const action of actions) {
    const refusal = actionRefusal(region, balancer, protocol, action);
    if (refusal !== undefined) return refusal;
  }
  return quotaRefusal(region, balancer, actions) ?? actions.map(completed);
}

/** The action with what AWS fills in: describing it shows this. */
function completed(action: ListenerAction): ListenerAction {
  if (action.type === 'redirect') {
    const { statusCode } = action.redirect;
    return { ...action, redirect: { ...KEPT, ...given(action.redirect), statusCode } };
  }
  if (action.type !== 'forward') return action;
  const targetGroups = action.targetGroups.map(({ targetGroupArn, weight }) => ({
    targetGroupArn,
    weight: weight ?? 1,
  }));
  return { ...action, targetGroups, stickiness: action.stickiness ?? { enabled: false } };
}

/** A redirect keeps of a request what it does not name. */
const KEPT = {
  protocol: '#{protocol}',
  port: '#{port}',
  host: '#{host}',
  path: '/#{path}',
  query: '#{query}',
} as const;

function actionRefusal(
  region: Region,
  balancer: LoadBalancer,
  protocol: ListenerProtocol,
  action: ListenerAction,
): AwsError | undefined {
  if (action.type === 'redirect') return redirectRefusal(action.redirect, protocol);
  if (action.type === 'fixed-response') return responseRefusal(action.fixedResponse);
  if (action.type !== 'forward') return undefined;
  if (action.targetGroups.length === 0)
    return validationError('A forward action must have at least one target group');
  if (action.targetGroups.length > region.quotas.targetGroupsPerAction)
    return awsError(
      'TooManyTargetGroups',
      `A forward action can only have '${region.quotas.targetGroupsPerAction}' target groups`,
    );
  for (const tuple of action.targetGroups) {
    const refusal = tupleRefusal(region, balancer, protocol, tuple);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function tupleRefusal(
  { store }: Region,
  balancer: LoadBalancer,
  protocol: ListenerProtocol,
  { targetGroupArn, weight }: TargetGroupTuple,
): AwsError | undefined {
  const group = store.get('elbv2/target-group', targetGroupArn);
  if (group === undefined) return noTargetGroup(targetGroupArn);
  if (weight !== undefined && (weight < 0 || weight > 999))
    return validationError(`Target group weight '${weight}' must be in the range '0-999'`);
  if (group.vpcId !== balancer.vpcId)
    return invalidConfiguration(
      `The target group '${targetGroupArn}' and the load balancer must be in the same VPC`,
    );
  if (group.ipAddressType === 'ipv6' && balancer.ipAddressType === 'ipv4')
    return invalidConfiguration(
      'Target groups with IP address type ipv6 need a load balancer with IP address type dualstack',
    );
  const incompatible = protocolRefusal(protocol, group);
  if (incompatible !== undefined) return incompatible;
  const others = loadBalancersTo(store, targetGroupArn).filter(
    (arn) => arn !== balancer.loadBalancerArn,
  );
  if (others.length === 0) return undefined;
  return awsError(
    'TargetGroupAssociationLimit',
    'The following target groups cannot be associated with more than one load balancer: ' +
      targetGroupArn,
  );
}

/** Groups a listener may forward to. Source: user guides, "Listeners". */
const COMPATIBLE: Readonly<Record<ListenerProtocol, readonly TargetGroupProtocol[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  UDP: ['UDP', 'TCP_UDP'],
  TCP_UDP: ['TCP_UDP'],
  QUIC: ['QUIC', 'TCP_QUIC'],
  TCP_QUIC: ['TCP_QUIC'],
};

function protocolRefusal(protocol: ListenerProtocol, group: TargetGroup): AwsError | undefined {
  if (!COMPATIBLE[protocol].includes(group.protocol))
    return awsError(
      'IncompatibleProtocols',
      `The listener and its associated target group '${group.targetGroupArn}' have incompatible ` +
        `protocols: '${protocol}' and '${group.protocol}'`,
    );
  const isGrpc = group.protocolVersion === 'GRPC';
  if (isGrpc && protocol === 'HTTP')
    return invalidConfiguration(
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version ` +
        `'${group.protocolVersion}'`,
    );
  return undefined;
}

function redirectRefusal(
  redirect: Extract<ListenerAction, { type: 'redirect' }>['redirect'],
  protocol: ListenerProtocol,
): AwsError | undefined {
  const { host = '#{host}', path = '/#{path}', query = '#{query}', port = '#{port}' } = redirect;
  if (!path.startsWith('/'))
    return validationError("The path of a redirect action must start with a '/'");
  const isSame =
    host === '#{host}' &&
    path === '/#{path}' &&
    query === '#{query}' &&
    port === '#{port}' &&
    ['#{protocol}', protocol].includes(redirect.protocol ?? '#{protocol}');
  if (!isSame) return undefined;
  return awsError(
    'InvalidLoadBalancerAction',
    'You must modify at least one of the following components to avoid a redirect loop: protocol, ' +
      'port, hostname or path.',
  );
}

const CONTENT_TYPES = [
  'text/plain',
  'text/css',
  'text/html',
  'application/javascript',
  'application/json',
];

function responseRefusal(
  response: Extract<ListenerAction, { type: 'fixed-response' }>['fixedResponse'],
): AwsError | undefined {
  const { statusCode, contentType, messageBody } = response;
  if (!/^[245]\d\d$/.test(statusCode))
    return validationError(`The status code '${statusCode}' must be 2XX, 4XX or 5XX`);
  if (contentType !== undefined && !CONTENT_TYPES.includes(contentType))
    return validationError(
      `The content type '${contentType}' must be one of '${CONTENT_TYPES.join(', ')}'`,
    );
  if ((messageBody ?? '').length > 1024)
    return validationError('The message body cannot be longer than 1024 characters');
  return undefined;
}

/** What forwarding to these groups would make too many (aws-load-balancer-controller#4848). */
function quotaRefusal(
  region: Region,
  balancer: LoadBalancer,
  actions: readonly ListenerAction[],
): AwsError | undefined {
  const { loadBalancerArn, type } = balancer;
  const wanted = targetGroupsOf(actions);
  const now = groupsForwardedTo(region.store, loadBalancerArn);
  const added = wanted.filter((arn) => !now.has(arn));
  if (added.length === 0) return undefined;
  const limit = region.quotas.targetGroupsPerLoadBalancer;
  if (now.size + added.length > limit)
    return awsError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      'You have reached the maximum number of unique target groups that you can associate with a ' +
        `load balancer of type '${type}': [${limit}]`,
    );
  return balancerTargetRefusal(region, loadBalancerArn, 0, added);
}
