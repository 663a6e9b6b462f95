/**
 * model/linux/node-network — a node's own network as its CNI set it up, as data: ENI links, policy
 * rules, routes, and the settings from which the packet filter rules follow. What pods add is in
 * their `PodSandbox`.
 *
 * Store kind `node/network`, key = node name. Written by controllers/vpc-cni.
 */
import type { IpRoute, IpRule } from './cni.ts';

export interface NodeLink {
  /** `eth0` is the primary ENI. */
  readonly name: string;
  readonly networkInterfaceId: string;
  readonly macAddress: string;
  readonly mtu: number;
  readonly deviceNumber: number;
  readonly networkCardIndex: number;
  /** The interface's primary address with its subnet's length, `10.0.1.5/24`. */
  readonly addresses: readonly string[];
  readonly isTrunk: boolean;
}

export interface NodeNetwork {
  readonly nodeName: string;
  readonly instanceId: string;
  readonly family: 4 | 6;
  /** Primary address of the primary ENI: what SNAT writes as source. */
  readonly primaryAddress: string;
  readonly links: readonly NodeLink[];
  readonly rules: readonly IpRule[];
  readonly routes: readonly IpRoute[];
  /** Destinations that are not SNATed, in the order the CNI lists them: the VPC's blocks. */
  readonly vpcCidrs: readonly string[];
  readonly excludedSnatCidrs: readonly string[];
  readonly externalSnat: boolean;
  readonly randomizeSnat: 'prng' | 'hashrandom' | 'none';
  readonly nodePortSupport: boolean;
  /** Mark and mask of connections that must leave by the primary ENI. */
  readonly connmark: number;
  /** Which form the mark's rules have: ipamd takes what the node's iptables is. */
  readonly connmarkBackend: 'iptables' | 'nftables';
  readonly vethPrefix: string;
  readonly podMtu: number;
  /** undefined = security groups for pods are off. */
  readonly podEniMode: 'strict' | 'standard' | undefined;
  /** The chained egress plugin: pods of the other family get out through the node's address. */
  readonly egress: { readonly ipv4: boolean; readonly ipv6: boolean };
  readonly sysctls: Readonly<Record<string, string>>;
}
