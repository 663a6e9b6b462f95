/**
 * load-balancer/subnets/explain-subnets — every subnet of the VPC with what became of it, those
 * too that the controller never asked EC2 about.
 */
import { roleTag } from './resolve-subnets.ts';
import type { CandidateSubnet, SubnetDemand } from './subnet-reads.ts';
import type { ConsideredSubnet, SubnetResolution } from './subnet-resolution.ts';

/** @param inVpc  all subnets of the controller's VPC */
export function explainSubnets(
  resolution: SubnetResolution,
  inVpc: readonly CandidateSubnet[],
  demand: SubnetDemand,
): readonly ConsideredSubnet[] {
  const considered = new Map(resolution.considered.map((it) => [it.subnet.subnetId, it]));
  return inVpc.map((subnet) => {
    const reason = whyNever(subnet, resolution, demand);
    return considered.get(subnet.subnetId) ?? { subnet, fate: 'no-candidate', reason };
  });
}

function whyNever(
  subnet: CandidateSubnet,
  { source }: SubnetResolution,
  demand: SubnetDemand,
): string {
  if (source === 'named') return 'others were named';
  if (source === 'tags') return 'without the tags that the IngressClassParams asks for';
  if (source === 'reachability') {
    return demand.scheme === 'internal'
      ? 'its route table has a route to an internet gateway'
      : 'its route table has no route to an internet gateway';
  }
  const tag = roleTag(demand.scheme);
  const value = subnet.tags[tag];
  return value === undefined
    ? `without the tag ${tag}`
    : `the tag ${tag} is '${value}': only '1' and the empty value count`;
}
