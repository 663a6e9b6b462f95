/**
 * cloud/elbv2/places — where a load balancer may stand: which subnets, how many zones, which
 * addresses of its own.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type {
  LoadBalancerAddressType,
  LoadBalancerType,
  Scheme,
} from '../../model/elbv2/load-balancer.ts';
import { hasInternetGateway } from '../ec2/address-actions.ts';
import type { Region } from '../region.ts';
import { invalidConfiguration, validationError } from './elb-error.ts';
import type { Place } from './load-balancer-interfaces.ts';
import type { SubnetMapping } from './operations.ts';

interface Wanted {
  readonly subnetMappings: readonly SubnetMapping[];
  readonly ipAddressType?: LoadBalancerAddressType | undefined;
}

/** The subnets as places, or what AWS says against them. */
export function soundPlaces(
  region: Region,
  type: LoadBalancerType,
  scheme: Scheme,
  { subnetMappings, ipAddressType }: Wanted,
): readonly Place[] | AwsError {
  if (subnetMappings.length === 0) return validationError('At least one subnet must be specified');
  const places: Place[] = [];
  for (const mapping of subnetMappings) {
    const subnet = region.store.get('ec2/subnet', mapping.subnetId);
    if (subnet === undefined)
      return awsError('SubnetNotFound', `The subnet ID '${mapping.subnetId}' does not exist`);
    places.push({ subnet, mapping });
  }
  const vpcs = new Set(places.map((it) => it.subnet.vpcId));
  if (vpcs.size > 1)
    return invalidConfiguration(
      `The following subnets are not in the same VPC: '${places
        .map((it) => it.subnet.subnetId)
        .join("', '")}'`,
    );
  const zones = new Set(places.map((it) => it.subnet.availabilityZone));
  if (zones.size < places.length)
    return invalidConfiguration(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  if (type === 'application' && zones.size < 2)
    return validationError(
      'At least two subnets in two different Availability Zones must be specified',
    );
  return (
    gatewayRefusal(region, scheme, places) ??
    familyRefusal(ipAddressType, places) ??
    addressRefusal(type, scheme, ipAddressType, places) ??
    places
  );
}

function gatewayRefusal(
  region: Region,
  scheme: Scheme,
  places: readonly Place[],
): AwsError | undefined {
  const { vpcId } = places[0]!.subnet;
  if (scheme === 'internal' || hasInternetGateway(region, vpcId)) return undefined;
  return awsError('InvalidSubnet', `VPC ${vpcId} has no internet gateway`);
}

function familyRefusal(
  ipAddressType: LoadBalancerAddressType | undefined,
  places: readonly Place[],
): AwsError | undefined {
  if (ipAddressType === undefined || ipAddressType === 'ipv4') return undefined;
  const without = places.filter((it) => it.subnet.ipv6CidrBlock === undefined);
  if (without.length === 0) return undefined;
  const ids = without.map((it) => it.subnet.subnetId).join(', ');
  return awsError(
    'InvalidSubnet',
    `You must specify subnets with an associated IPv6 CIDR block. Subnets without one: ${ids}`,
  );
}

/** Addresses asked for by name are a Network Load Balancer's. */
function addressRefusal(
  type: LoadBalancerType,
  scheme: Scheme,
  ipAddressType: LoadBalancerAddressType | undefined,
  places: readonly Place[],
): AwsError | undefined {
  const mappings = places.map((it) => it.mapping);
  const asks = (field: 'allocationId' | 'privateIpv4Address' | 'ipv6Address') =>
    mappings.some((it) => it[field] !== undefined);
  if (type === 'application') {
    if (asks('allocationId') || asks('privateIpv4Address') || asks('ipv6Address'))
      return validationError(
        "Elastic IPs and private addresses are not supported for load balancers with type 'application'",
      );
    return undefined;
  }
  if (asks('allocationId') && scheme === 'internal')
    return validationError('Elastic IPs are not supported for internal load balancers');
  if (asks('privateIpv4Address') && scheme === 'internet-facing')
    return validationError(
      'Private IPv4 addresses are not supported for internet-facing load balancers',
    );
  if (asks('ipv6Address') && (ipAddressType ?? 'ipv4') === 'ipv4')
    return validationError(
      "IPv6 addresses are not supported for load balancers with IP address type 'ipv4'",
    );
  return undefined;
}
