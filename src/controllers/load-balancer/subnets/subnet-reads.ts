/**
 * load-balancer/subnets/subnet-reads — what the search for subnets asks of EC2, and the terms it is
 * asked under.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/networking/subnet_resolver.go:60-140.
 */
import type { DescribedSubnet, Filter } from '../../../cloud/ec2/operations.ts';
import type { AwsError } from '../../../model/aws-error.ts';
import type { RouteTable } from '../../../model/ec2/route-table.ts';
import type {
  LoadBalancerAddressType,
  LoadBalancerType,
  Scheme,
} from '../../../model/elbv2/load-balancer.ts';
import type { ControllerSettings } from '../settings/settings.ts';

/** A subnet as a load balancer looks at it. */
export interface CandidateSubnet extends DescribedSubnet {
  /** Absent everywhere but on an Outpost. */
  readonly outpostArn?: string | undefined;
}

/** The calls; an `Ec2` has the first two. */
export interface SubnetReads {
  describeSubnets(input: {
    readonly subnetIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): Promise<readonly CandidateSubnet[] | AwsError>;
  describeRouteTables(input: {
    readonly filters?: readonly Filter[] | undefined;
  }): Promise<readonly RouteTable[] | AwsError>;
  /** DescribeAvailabilityZones' ZoneType of a zone id: `availability-zone`, `local-zone`, …. */
  zoneType(zoneId: string): Promise<string | AwsError>;
}

/** The controller's settings, as far as subnets go. */
export type SubnetRules = Pick<ControllerSettings, 'vpcId' | 'clusterName' | 'featureGates'>;

/** The load balancer that needs subnets. */
export interface SubnetDemand {
  readonly type: LoadBalancerType;
  readonly scheme: Scheme;
  readonly ipAddressType: LoadBalancerAddressType;
}

/**
 * DescribeAvailabilityZones' ZoneType, read off the id: `usw2-az1` is a zone of the region,
 * `usw2-lax1-az1` a local zone, `usw2-wl1-las-wlz1` a wavelength zone.
 */
export function zoneTypeOf(zoneId: string): string {
  if (/-wlz\d+$/.test(zoneId)) return 'wavelength-zone';
  return /^[a-z]+\d+-az\d+$/.test(zoneId) ? 'availability-zone' : 'local-zone';
}
