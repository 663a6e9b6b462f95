/**
 * load-balancer/gateway/status/listener-status — what listeners have come to, in the status of
 * their Gateway or listener set.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 controllers/gateway/
 * listener_status_utils.go.
 */
import type { ListenerStatus } from '../../../../model/kubernetes/gateway.ts';
import type { ListenerReason } from '../attachment/listener-validation.ts';
import type { ListenerOutcome } from '../attachment/load-routes.ts';
import { conditionOf, type Seen, type Verdict, verdict } from './conditions.ts';

const GROUP = 'gateway.networking.k8s.io';

const CONFLICTS: readonly ListenerReason[] = ['HostnameConflict', 'ProtocolConflict'];
const UNACCEPTED: readonly ListenerReason[] = [
  ...CONFLICTS,
  'PortUnavailable',
  'UnsupportedProtocol',
];

/** By name. */
export const listenerStatuses = (
  listeners: readonly ListenerOutcome[],
  isProgrammed: boolean,
  seen: Seen,
): readonly ListenerStatus[] =>
  listeners
    .toSorted((a, b) => (a.listener.name < b.listener.name ? -1 : 1))
    .map((outcome) => ({
      name: outcome.listener.name,
      supportedKinds: outcome.supportedKinds.map((kind) => ({ group: GROUP, kind })),
      attachedRoutes: outcome.attachedRoutes,
      conditions: verdicts(outcome, isProgrammed).map((it) => conditionOf(it, seen)),
    }));

function verdicts({ reason, message }: ListenerOutcome, isProgrammed: boolean): readonly Verdict[] {
  return [
    CONFLICTS.includes(reason)
      ? verdict('Conflicted', true, reason, message)
      : verdict('Conflicted', false, 'NoConflicts', 'Listener has no conflict.'),
    UNACCEPTED.includes(reason)
      ? verdict('Accepted', false, reason, message)
      : verdict('Accepted', true, 'Accepted', 'Listener is accepted.'),
    reason === 'InvalidRouteKinds'
      ? verdict('ResolvedRefs', false, reason, message)
      : verdict('ResolvedRefs', true, 'ResolvedRefs', 'Listener has all refs resolved.'),
    programmed(reason, isProgrammed),
  ];
}

function programmed(reason: ListenerReason, isProgrammed: boolean): Verdict {
  if (reason !== 'Accepted') {
    return verdict('Programmed', false, reason, 'Listener is not accepted.');
  }
  return isProgrammed
    ? verdict('Programmed', true, 'Programmed', 'Listener is programmed.')
    : verdict('Programmed', false, 'Pending', 'Listener is pending to be programmed.');
}
