/**
 * controllers/load-balancer/networking/node-instance — which machine a node is, and where it runs.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/k8s/node_utils.go ExtractNodeInstanceID.
 */
import type { Node } from '../../../model/kubernetes/core.ts';
import { DeployError } from '../deploy/deploy-error.ts';

const COMPUTE_TYPE = 'eks.amazonaws.com/compute-type';
const SAGEMAKER_COMPUTE_TYPE = 'sagemaker.amazonaws.com/compute-type';

export type ComputeType = 'ec2' | 'fargate' | 'hyperpod' | 'hybrid';

/** What kind of machine the node is, by its labels. */
export function computeTypeOf({ metadata: { labels } }: Node): ComputeType {
  if (labels?.[COMPUTE_TYPE] === 'fargate') return 'fargate';
  if (labels?.[SAGEMAKER_COMPUTE_TYPE] === 'hyperpod') return 'hyperpod';
  return labels?.[COMPUTE_TYPE] === 'hybrid' ? 'hybrid' : 'ec2';
}

/** The instance id in the node's provider id. */
export function instanceIdOfNode({ metadata: { name }, spec }: Node): string {
  const { providerID = '' } = spec;
  if (providerID === '') throw new DeployError(`providerID is not specified for node: ${name}`);
  const last = providerID.split('/').at(-1)!;
  const isHybrid = providerID.startsWith('eks-hybrid://');
  if (isHybrid ? /^mi-[0-9a-f]+$/.test(last) : /^i-[^/]*$/.test(last)) {
    return isHybrid ? `hybrid-${last}` : last;
  }
  const where = isHybrid ? 'EKS hybrid' : 'EC2';
  throw new DeployError(
    `providerID ${providerID} is invalid for ${where} instances, node: ${name}`,
  );
}
