/**
 * load-balancer/gateway/status/gateway-status — what a Gateway and its listener sets have come to.
 * The ARN of the load balancer is the message of the condition Programmed.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 controllers/gateway/
 * gateway_controller.go updateGatewayStatusSuccess, updateGatewayStatusFailure,
 * listener_status_utils.go buildListenerSetStatus.
 */
import type { Gateway, ListenerSet } from '../../../../model/kubernetes/gateway.ts';
import { PROVISIONING_MESSAGE } from '../attachment/load-backend.ts';
import type { LoadedGateway, ParentOutcome } from '../attachment/load-routes.ts';
import { conditionOf, type Seen, verdict, withVerdict } from './conditions.ts';
import { listenerStatuses } from './listener-status.ts';

type GatewayStatus = NonNullable<Gateway['status']>;
type ListenerSetStatus = NonNullable<ListenerSet['status']>;

/** A Gateway's load balancer as AWS has it. */
export interface Programmed {
  readonly loadBalancerArn: string;
  readonly dnsName: string;
  /** False while AWS is still making it. */
  readonly isActive: boolean;
}

const isValid = ({ listeners }: Pick<LoadedGateway['gateway'], 'listeners'>): boolean =>
  listeners.some(({ reason }) => reason === 'Accepted');

const hasInvalid = ({ listeners }: Pick<LoadedGateway['gateway'], 'listeners'>): boolean =>
  listeners.some(({ reason }) => reason !== 'Accepted');

/** @param takesSets  false where the controller looks at no listener sets */
export function deployedStatus(
  { status = {} }: Gateway,
  loaded: LoadedGateway,
  { loadBalancerArn, dnsName, isActive }: Programmed,
  takesSets: boolean,
  seen: Seen,
): GatewayStatus {
  const parents = [loaded.gateway, ...loaded.sets];
  const reason = parents.some(hasInvalid) ? 'ListenersNotValid' : 'Accepted';
  const programmed = isActive
    ? verdict('Programmed', true, 'Programmed', loadBalancerArn)
    : {
        type: 'Programmed',
        status: 'Unknown' as const,
        reason: 'Pending',
        message: PROVISIONING_MESSAGE,
      };
  const conditions = withVerdict(
    withVerdict(status.conditions ?? [], programmed, seen),
    verdict('Accepted', parents.some(isValid), reason, ''),
    seen,
  );
  return {
    ...status,
    addresses: [{ type: 'Hostname', value: dnsName.toLowerCase() }],
    conditions,
    listeners: listenerStatuses(loaded.gateway.listeners, isActive, seen),
    ...(takesSets ? { attachedListenerSets: loaded.sets.filter(isValid).length } : {}),
  };
}

/** Not accepted, and why; what was programmed before is left as it is. */
export const failedStatus = (
  { status = {} }: Gateway,
  reason: string,
  message: string,
  seen: Seen,
): GatewayStatus => ({
  ...status,
  conditions: withVerdict(
    status.conditions ?? [],
    verdict('Accepted', false, reason, message),
    seen,
  ),
});

export function listenerSetStatus(
  set: ParentOutcome<ListenerSet>,
  isProgrammed: boolean,
  seen: Seen,
): ListenerSetStatus {
  const holds = isValid(set);
  const accepted = hasInvalid(set)
    ? verdict('Accepted', holds, 'ListenersNotValid', 'Some listeners are not valid')
    : verdict('Accepted', holds, 'Accepted', 'Accepted');
  return {
    conditions: [accepted, programmedSet(holds, isProgrammed)].map((it) => conditionOf(it, seen)),
    listeners: listenerStatuses(set.listeners, isProgrammed && holds, seen),
  };
}

function programmedSet(holds: boolean, isProgrammed: boolean) {
  if (holds && isProgrammed) return verdict('Programmed', true, 'Programmed', 'Programmed');
  const [reason, message] = isProgrammed
    ? ['ListenersNotValid', 'No valid listeners to materialize']
    : ['Pending', 'Parent gateway not yet programmed'];
  return verdict('Programmed', false, reason!, message!);
}

export const rejectedSetStatus = (seen: Seen): ListenerSetStatus => ({
  conditions: ['Accepted', 'Programmed'].map((type) =>
    conditionOf(verdict(type, false, 'NotAllowed', 'Parent Gateway rejected ListenerSet'), seen),
  ),
  listeners: [],
});
