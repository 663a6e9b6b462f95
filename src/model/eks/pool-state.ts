/**
 * model/eks/pool-state — what ipamd of one node knows, as data: its targets, its ENIs, which of
 * their addresses serve pods and how many cool down.
 *
 * Capacity questions (analysis/capacity) read it: of a running ipamd, or reckoned from ENIs.
 */

/** The numbers ipamd's formulas work with, environment and instance type put together. */
export interface PoolTargets {
  readonly warmEniTarget: number;
  readonly warmIpTarget: number;
  readonly minimumIpTarget: number;
  readonly warmPrefixTarget: number;
  /** ENIs the instance may have on the card: the type's limit, or MAX_ENI. */
  readonly maxEnis: number;
  /** Addresses, or /28 prefixes with prefix delegation, that one ENI takes. */
  readonly maxPrefixesPerEni: number;
  readonly maxPods: number;
  readonly prefixDelegation: boolean;
  readonly customNetworking: boolean;
  readonly ipv6: boolean;
  /** ENIs on the card that ipamd leaves alone. */
  readonly unmanagedEnis: number;
  readonly podEni: boolean;
  /** True for an instance type nobody has listed. */
  readonly trunkCompatible: boolean;
}

/** One address or one prefix of an ENI. */
export interface PoolBlock {
  /** `10.0.1.7/32`, or `10.0.1.16/28`. */
  readonly cidr: string;
  readonly isPrefix: boolean;
  /** Addresses in it: 1 or 16. */
  readonly size: number;
  readonly assigned: number;
}

export interface PoolEni {
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly networkCard: number;
  readonly isPrimary: boolean;
  readonly isTrunk: boolean;
  /** Its subnet is tagged out of pod addressing: no new pods, not counted. */
  readonly excluded: boolean;
  /** IPv4 blocks. */
  readonly blocks: readonly PoolBlock[];
  /** Addresses released less than the cooldown ago: no pod can have them yet. */
  readonly cooling: number;
}

export interface PoolState {
  readonly nodeName: string;
  readonly targets: PoolTargets;
  /** Of every card; card 0 first. */
  readonly enis: readonly PoolEni[];
  /** ipamd asks for nothing until then: EC2 said the subnet has no room. */
  readonly pausedUntilMs?: number | undefined;
}

/** ipamd's state of a node by its name; undefined when no ipamd runs there. */
export type NodePools = (nodeName: string) => PoolState | undefined;
