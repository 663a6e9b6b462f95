/**
 * load-balancer/target-group-binding/node-endpoints — which nodes are targets at a node port.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/backend/endpoint_utils.go,
 * endpoint_resolver.go:56-93. externalTrafficPolicy chooses no nodes: the health check does.
 */
import { conditionOf } from '../../../model/kubernetes/condition.ts';
import type { Node } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import type { LabelSelector } from '../../../model/kubernetes/meta.ts';
import { matchesSelector } from '../../../model/kubernetes/selectors.ts';
import { instanceIdOfNode } from '../networking/node-instance.ts';

export interface NodeEndpoint {
  readonly instanceId: string;
  readonly port: number;
  readonly node: Node;
}

/** `node-role.kubernetes.io/control-plane` is not among them. */
const TRAFFIC_NODES: LabelSelector = {
  matchExpressions: [
    { key: 'node-role.kubernetes.io/master', operator: 'DoesNotExist' },
    { key: 'node.kubernetes.io/exclude-from-external-load-balancers', operator: 'DoesNotExist' },
    { key: 'alpha.service-controller.kubernetes.io/exclude-balancer', operator: 'DoesNotExist' },
    { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
  ],
};

/** Whether the node may carry traffic at all: nobody is about to take it away. */
export const isSuitable = ({ spec }: Node): boolean =>
  !(spec.taints ?? []).some(
    ({ key, effect }) =>
      key === 'ToBeDeletedByClusterAutoscaler' ||
      (key === 'karpenter.sh/disrupted' && effect === 'NoSchedule'),
  );

/** Whether the binding's selectors take the node. */
export const isSelected = ({ spec }: TargetGroupBinding, { metadata: { labels } }: Node): boolean =>
  matchesSelector(TRAFFIC_NODES, labels) &&
  (spec.nodeSelector == null || matchesSelector(spec.nodeSelector, labels));

/** The node's Ready condition; undefined where it has none. */
export const readyStatus = ({ status }: Node): string | undefined =>
  conditionOf(status?.conditions, 'Ready')?.status;

/** @param failOpen  with no node ready, those nobody hears of (gate EndpointsFailOpen) */
export function nodeEndpoints(
  binding: TargetGroupBinding,
  nodes: readonly Node[],
  port: number,
  failOpen: boolean,
): readonly NodeEndpoint[] {
  const candidates = nodes.filter((node) => isSuitable(node) && isSelected(binding, node));
  let targets = candidates.filter((node) => readyStatus(node) === 'True');
  if (failOpen && targets.length === 0) {
    targets = candidates.filter((node) => readyStatus(node) === 'Unknown');
  }
  return targets.map((node) => ({ instanceId: instanceIdOfNode(node), port, node }));
}
