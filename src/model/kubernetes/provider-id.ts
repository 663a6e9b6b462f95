/** model/kubernetes/provider-id — which instance a node says it is. */
import type { Node } from './core.ts';

/**
 * The instance id at the end of `spec.providerID` (`aws:///us-west-2a/i-0abc`); undefined without
 * a provider id. Fargate's end in the pod's node name, not in an `i-`.
 */
export const instanceIdOf = ({ spec }: Pick<Node, 'spec'>): string | undefined =>
  spec.providerID?.split('/').pop();
