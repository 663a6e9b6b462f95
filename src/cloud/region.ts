/**
 * cloud/region — one account in one region: what every action of EC2 and EKS works on.
 *
 * Actions are functions over a `Region`; nothing else is shared between them.
 */
import type { TwinStore } from '../model/kinds.ts';
import type { Clock } from '../sim/clock.ts';
import type { AddressSpace } from './ec2/address-space.ts';
import type { Ids } from './ids.ts';
import { REGION_ZONES } from './regions.data.ts';

/** A zone of the region; `id` is the same zone in every account. */
export interface AvailabilityZone {
  readonly name: string;
  readonly id: string;
}

/** Quotas of the account that AWS raises on request. */
export interface Quotas {
  /** "EC2-VPC Elastic IPs". */
  readonly elasticIps: number;
  /** "IPv4 CIDR blocks per VPC". */
  readonly cidrBlocksPerVpc: number;
  /** "Inbound or outbound rules per security group", per direction and family. */
  readonly rulesPerDirection: number;
  /** "Security groups per network interface". */
  readonly groupsPerInterface: number;
  readonly applicationLoadBalancers: number;
  readonly networkLoadBalancers: number;
  readonly classicLoadBalancers: number;
  readonly targetGroups: number;
  readonly listenersPerLoadBalancer: number;
  /** Of an Application Load Balancer, over all listeners, their defaults not counted. */
  readonly rulesPerLoadBalancer: number;
  /** Of a listener, its default certificate not counted. */
  readonly certificatesPerLoadBalancer: number;
  readonly targetGroupsPerLoadBalancer: number;
  /** "Target groups per action". */
  readonly targetGroupsPerAction: number;
  readonly targetsPerTargetGroup: number;
  /** Of an Application Load Balancer, over all its groups. */
  readonly targetsPerApplicationLoadBalancer: number;
  /** Of a Network Load Balancer, over all its groups, cross-zone or not. */
  readonly targetsPerNetworkLoadBalancer: number;
  /** "Condition values per rule". */
  readonly conditionValuesPerRule: number;
  /** "Condition wildcards per rule". */
  readonly conditionWildcardsPerRule: number;
  readonly hostedZones: number;
  readonly recordsPerHostedZone: number;
}

/**
 * Sources: Amazon VPC User Guide, "Amazon VPC quotas"; ELB user guides, "Quotas for your
 * Application (Network, Classic) Load Balancers"; Route 53 guide, "Quotas".
 */
export const DEFAULT_QUOTAS: Quotas = {
  elasticIps: 5,
  cidrBlocksPerVpc: 5,
  rulesPerDirection: 60,
  groupsPerInterface: 5,
  applicationLoadBalancers: 50,
  networkLoadBalancers: 50,
  classicLoadBalancers: 20,
  targetGroups: 3_000,
  listenersPerLoadBalancer: 50,
  rulesPerLoadBalancer: 100,
  certificatesPerLoadBalancer: 25,
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  targetsPerTargetGroup: 1_000,
  targetsPerApplicationLoadBalancer: 1_000,
  targetsPerNetworkLoadBalancer: 3_000,
  conditionValuesPerRule: 5,
  conditionWildcardsPerRule: 5,
  hostedZones: 500,
  recordsPerHostedZone: 10_000,
};

export interface Region {
  readonly store: TwinStore;
  readonly clock: Clock;
  /** `us-west-2`. */
  readonly name: string;
  readonly accountId: string;
  readonly zones: readonly AvailabilityZone[];
  readonly quotas: Quotas;
  readonly ids: Ids;
  readonly addresses: AddressSpace;
}

/** True for a region whose zones are in our table; of others the zones are assumed. */
export const isKnownRegion = (region: string): boolean => Object.hasOwn(REGION_ZONES, region);

/** The region's zones; a region nobody knows has a, b and c. */
export function zonesOf(region: string): readonly AvailabilityZone[] {
  const [short, letters] = REGION_ZONES[region] ?? [shortName(region), 'abc'];
  // Which letter is which id differs by account; ours follows the alphabet, gaps too.
  return [...letters].map((letter) => ({
    name: `${region}${letter}`,
    id: `${short}-az${letter.charCodeAt(0) - 96}`,
  }));
}

/** `ap-mars-7` → `apm7`: how zone ids shorten a region. */
function shortName(region: string): string {
  const [continent = '', direction = '', number = ''] = region.split('-');
  return `${continent}${direction.slice(0, 1)}${number}`;
}

/** `aws`, or the partition of China's and the US government's regions. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** What Amazon's DHCP options give as the domain: `us-west-2.compute.internal`. */
export const internalDomain = (region: string): string =>
  region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;

/** `ip-10-0-1-5.us-west-2.compute.internal`; us-east-1 keeps the oldest form. */
export const privateDnsName = (region: string, address: string): string =>
  `ip-${address.replaceAll('.', '-')}.${internalDomain(region)}`;

/** `ec2-52-1-2-3.us-west-2.compute.amazonaws.com`. */
export function publicDnsName(region: string, address: string): string {
  const host = `ec2-${address.replaceAll('.', '-')}`;
  const zone = region === 'us-east-1' ? 'compute-1' : `${region}.compute`;
  return `${host}.${zone}.amazonaws.com`;
}
