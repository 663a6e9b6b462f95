/** analysis/capacity/node-load — nodes and subnets reduced to what demand is reckoned from. */
import type { InstanceType } from '../../model/ec2/instance-type.ts';

/** A node as far as its demand goes. */
export interface NodeLoad {
  readonly type: InstanceType;
  /** Pods with an address from the pool. */
  readonly pods: number;
  readonly hostNetworkPods: number;
  /** The kubelet's limit today. */
  readonly maxPods: number;
  /** How a replacement's limit comes about. */
  readonly limitedBy: 'managed-group' | 'node';
  /** kubelet maxPods the user set; kept when nodes are replaced. */
  readonly kubeletMaxPods?: number | undefined;
  readonly subnetId: string;
  /** Where its pods' addresses come from under custom networking; absent: no ENIConfig yet. */
  readonly podSubnetId?: string | undefined;
  readonly availabilityZone: string;
}

/** What a subnet has for nodes, once everyone else's addresses are off. */
export interface SubnetCapacity {
  readonly subnetId: string;
  readonly addresses: number;
  /** Whole /28 blocks, nodes' addresses not counted against them. */
  readonly blocks: number;
}

/** The ENIConfig's subnet, or the one that is yet to be made in the zone. */
export const podSubnetOf = (load: NodeLoad): string =>
  load.podSubnetId ?? `new in ${load.availabilityZone}`;
