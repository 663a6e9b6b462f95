/**
 * controllers/vpc-cni/subnet-discovery — which subnets new ENIs may be made in.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go:1125-1332.
 */
import type { Tags } from '../../model/ec2/tags.ts';

export const SUBNET_ROLE_TAG = 'kubernetes.io/role/cni';
export const SUBNET_CLUSTER_TAG_PREFIX = 'cni.networking.k8s.aws/cluster/';

interface TaggedSubnet {
  readonly subnetId: string;
  readonly tags: Tags;
}

/** Whether pods may use the subnet. */
export function subnetServesPods(
  subnet: TaggedSubnet,
  isPrimary: boolean,
  clusterName: string,
): boolean {
  const role = subnet.tags[SUBNET_ROLE_TAG];
  if (role === '0') return false;
  // The primary's subnet needs no tag; an empty value is as good as none.
  if (!isPrimary && (role === undefined || role === '')) return false;
  if (clusterName === '') return true;
  const clusters = Object.keys(subnet.tags).filter((key) =>
    key.startsWith(SUBNET_CLUSTER_TAG_PREFIX),
  );
  return clusters.length === 0 || clusters.includes(SUBNET_CLUSTER_TAG_PREFIX + clusterName);
}

/** The subnets to try, the one with most free addresses first. */
export function subnetsForNewEnis<
  Subnet extends TaggedSubnet & { readonly availableIpAddressCount: number },
>(subnets: readonly Subnet[], primarySubnetId: string, clusterName: string): readonly Subnet[] {
  return subnets
    .filter((one) => subnetServesPods(one, one.subnetId === primarySubnetId, clusterName))
    .toSorted((a, b) => b.availableIpAddressCount - a.availableIpAddressCount);
}
