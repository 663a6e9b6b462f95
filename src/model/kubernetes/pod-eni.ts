/**
 * model/kubernetes/pod-eni — the branch interface of a pod: what the VPC resource controller writes
 * into the pod's annotation and the VPC CNI reads out of it.
 */

/** The annotation, and the extended resource that asks for it. */
export const POD_ENI = 'vpc.amazonaws.com/pod-eni';

/** The annotation's fields that both sides know, with their names as written. */
export interface PodEni {
  readonly eniId: string;
  readonly ifAddress: string;
  readonly privateIp: string;
  readonly ipv6Addr: string;
  readonly vlanId: number;
  readonly subnetCidr: string;
  readonly subnetV6Cidr: string;
}
