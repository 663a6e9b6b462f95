/**
 * controllers/in-tree-load-balancer/target-nodes — the nodes behind a load balancer and their
 * instances. A node that is not ready stays: its health check decides.
 *
 * Follows kubernetes/cloud-provider@4666611 controllers/service/controller.go:905-985 and
 * kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws_loadbalancer.go:1805-1858.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { Node, Service } from '../../model/kubernetes/core.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import { keyValues } from './annotations.ts';
import type { Provider } from './provider.ts';

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

/** False for a node with the label, unless the label says false. */
export function isIncluded({ metadata }: Node): boolean {
  const label = metadata.labels?.[EXCLUDED];
  return label === undefined || /^(0|f|F|false|FALSE|False)$/.test(label);
}

/** The nodes that load balancers are given. */
export const stableNodes = (nodes: readonly Node[]): readonly Node[] =>
  nodes.filter(
    (node) =>
      node.metadata.deletionTimestamp === undefined &&
      isIncluded(node) &&
      !node.spec.taints?.some(({ key }) => key === TO_BE_DELETED),
  );

/** Of those, the ones with all the labels that the Service asks for; an empty value is any. */
function labelledNodes(service: Service, nodes: readonly Node[]): readonly Node[] {
  const wanted = Object.entries(keyValues(service, 'target-node-labels'));
  return nodes.filter(({ metadata }) =>
    wanted.every(([key, value]) => {
      const label = metadata.labels?.[key];
      return label !== undefined && (value === '' || label === value);
    }),
  );
}

/**
 * The nodes' instances. Nodes that are none (Fargate), instances that are gone and those without
 * the cluster's tag are left out.
 */
export function targetInstances(
  { instances }: Provider,
  service: Service,
  nodes: readonly Node[],
): Promise<readonly Instance[]> {
  const ids = labelledNodes(service, nodes).flatMap((node) => instanceIdOf(node) ?? []);
  return instances.find(ids.filter((id) => id.startsWith('i-')));
}
