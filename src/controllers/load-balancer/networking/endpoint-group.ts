/**
 * controllers/load-balancer/networking/endpoint-group — which security group of an interface gets
 * the rules for load balancers: the only one, or the only one with the cluster's tag.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/networking_manager.go:565-610
 * resolveEndpointSGForENI. With several tagged groups every binding behind the interface fails.
 */
import type { SecurityGroup } from '../../../model/ec2/security-group.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import { DeployError } from '../deploy/deploy-error.ts';

export interface EndpointGroupTags {
  readonly clusterName: string;
  /** --service-target-eni-security-group-tags: wanted besides the cluster's. */
  readonly extra: Tags;
}

/** @param groups  all groups of the interface, more than one */
export function endpointGroup(
  networkInterfaceId: string,
  groups: readonly SecurityGroup[],
  { clusterName, extra }: EndpointGroupTags,
): string {
  const clusterTag = `kubernetes.io/cluster/${clusterName}`;
  const wanted = Object.entries(extra);
  const tagged = groups
    .filter(({ tags }) => tags[clusterTag] !== undefined)
    .filter(({ tags }) => wanted.every(([key, value]) => tags[key] === value))
    .map(({ groupId }) => groupId)
    .sort();
  if (tagged.length === 1) return tagged[0]!;
  const pairs = wanted.map(([key, value]) => `${key}:${value}`).sort();
  const also = pairs.length === 0 ? '' : ` and map[${pairs.join(' ')}]`;
  throw new DeployError(
    `expected exactly one securityGroup tagged with ${clusterTag}${also} for eni ` +
      `${networkInterfaceId}, got: [${tagged.join(' ')}] (clusterName: ${clusterName})`,
  );
}
