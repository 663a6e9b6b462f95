/**
 * load-balancer/gateway/attachment/listener-sets — the listener sets that ask for a Gateway: those
 * it takes, oldest first, and those it does not.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * listener_set.go, listener_utils.go arrangeListenerSetsForValidation.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import { allowsNamespace } from '../../../../model/kubernetes/allowed-namespaces.ts';
import type { Gateway, ListenerSet } from '../../../../model/kubernetes/gateway.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';

export interface ListenerSets {
  readonly accepted: readonly ListenerSet[];
  readonly rejected: readonly ListenerSet[];
}

export const NO_SETS: ListenerSets = { accepted: [], rejected: [] };

export function listenerSetsOf(store: TwinStore, gateway: Gateway): ListenerSets {
  const sets = store
    .lookup('ListenerSet', 'gateway', keyOf(gateway))
    .filter(({ spec }) => (spec.parentRef.kind ?? 'Gateway') === 'Gateway')
    .toSorted((one, other) => (ageOf(one) < ageOf(other) ? -1 : 1));
  const isTaken = ({ metadata }: ListenerSet): boolean =>
    allowsNamespace(store, gateway.spec.allowedListeners?.namespaces, 'None', {
      own: metadata.namespace,
      parent: gateway.metadata.namespace,
    });
  return {
    accepted: sets.filter(isTaken),
    rejected: sets.filter((it) => !isTaken(it)),
  };
}

const ageOf = (set: ListenerSet): string => `${set.metadata.creationTimestamp ?? ''} ${keyOf(set)}`;
