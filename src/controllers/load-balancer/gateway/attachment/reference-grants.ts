/**
 * load-balancer/gateway/attachment/reference-grants — whether a route may refer into another
 * namespace.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/shared_utils/
 * cross_namespace_validator.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import type { AnyRoute } from '../../../../model/kubernetes/route.ts';

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/** What a route refers to, by its whole name. */
export interface Referred {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function isReferenceGranted(
  store: TwinStore,
  { kind, metadata }: AnyRoute,
  referred: Referred,
): boolean {
  if (metadata.namespace === referred.namespace) return true;
  return store
    .lookup('ReferenceGrant', 'namespace', referred.namespace)
    .some(
      ({ spec: { from, to } }) =>
        from.some(
          (it) =>
            it.kind === kind && it.group === GATEWAY_GROUP && it.namespace === metadata.namespace,
        ) &&
        to.some(
          (it) =>
            it.kind === referred.kind &&
            it.group === referred.group &&
            (it.name === undefined || it.name === referred.name),
        ),
    );
}
