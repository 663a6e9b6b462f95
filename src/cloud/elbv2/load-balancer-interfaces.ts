/**
 * cloud/elbv2/load-balancer-interfaces — the interfaces a load balancer has in subnets: how they
 * come, what they are called, and how long they stay when it is gone.
 *
 * One interface a zone. AWS gives a busy Application Load Balancer more of them; how many nobody
 * outside can say, so ours has the least.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { ElasticIp } from '../../model/ec2/gateways.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { LoadBalancerZone, Scheme } from '../../model/elbv2/load-balancer.ts';
import { associate, withPublic } from '../ec2/elastic-ip.ts';
import { newInterface, removeInterface } from '../ec2/new-interface.ts';
import { noAllocation } from '../ec2/not-found.ts';
import { publicDnsName, type Region } from '../region.ts';
import { validationError } from './elb-error.ts';
import type { SubnetMapping } from './operations.ts';

const REQUESTER = 'amazon-elb';

/** "ELB requires at least 8 free IP addresses in each subnet" (aws/aws-rfdk#621). */
export const FREE_ADDRESSES_MIN = 8;

/** What the interfaces of one load balancer have in common. */
export interface InterfacesOf {
  /** `ELB app/web/50dc6c495c0c9188`; `ELB web` of a Classic one. */
  readonly description: string;
  readonly interfaceType: 'interface' | 'network_load_balancer';
  readonly groups: readonly string[];
  readonly scheme: Scheme;
  readonly hasIpv6: boolean;
  /** False: a dualstack load balancer whose public addresses are IPv6 only. */
  readonly hasPublicIpv4: boolean;
}

/** A subnet a load balancer is to be in, and what was asked for there. */
export interface Place {
  readonly subnet: Subnet;
  readonly mapping: SubnetMapping;
}

/** Makes one interface per place; on an error none is left behind. */
export function makeZones(
  region: Region,
  balancer: InterfacesOf,
  places: readonly Place[],
): readonly LoadBalancerZone[] | AwsError {
  const made: NetworkInterface[] = [];
  const zones: LoadBalancerZone[] = [];
  for (const place of places) {
    const eni = makeInterface(region, balancer, place);
    if (isAwsError(eni)) {
      for (const { networkInterfaceId } of made)
        removeInterface(region, region.store.get('ec2/network-interface', networkInterfaceId)!);
      return eni;
    }
    made.push(eni);
    const { subnet, mapping } = place;
    zones.push({
      zoneName: subnet.availabilityZone,
      subnetId: subnet.subnetId,
      networkInterfaceId: eni.networkInterfaceId,
      allocationId: mapping.allocationId,
      privateIpv4Address: mapping.privateIpv4Address,
      ipv6Address: mapping.ipv6Address,
      sourceNatIpv6Prefix: mapping.sourceNatIpv6Prefix,
    });
  }
  return zones;
}

function makeInterface(
  region: Region,
  balancer: InterfacesOf,
  { subnet, mapping }: Place,
): NetworkInterface | AwsError {
  if (region.addresses.available(subnet) < FREE_ADDRESSES_MIN) {
    return awsError(
      'InvalidSubnet',
      `Not enough IP space available in ${subnet.subnetId}. ELB requires at least ` +
        `${FREE_ADDRESSES_MIN} free IP addresses in each subnet.`,
    );
  }
  const elastic = elasticOf(region, mapping);
  if (isAwsError(elastic)) return elastic;
  const eni = newInterface(region, {
    subnetId: subnet.subnetId,
    description: balancer.description,
    interfaceType: balancer.interfaceType,
    groups: balancer.groups,
    requesterId: REQUESTER,
    privateIpAddress: mapping.privateIpv4Address,
    ipv6Addresses: mapping.ipv6Address === undefined ? undefined : [mapping.ipv6Address],
    ipv6AddressCount: balancer.hasIpv6 ? 1 : 0,
  });
  if (isAwsError(eni)) return validationError(eni.message);
  const address = eni.privateIpAddresses[0]!.address;
  if (elastic !== undefined) associate(region, elastic, eni, address);
  else if (balancer.scheme === 'internet-facing' && balancer.hasPublicIpv4)
    lendPublic(region, eni, address);
  return region.store.get('ec2/network-interface', eni.networkInterfaceId)!;
}

/** The Elastic IP of a mapping; it must be there and nobody's (terraform-aws-alb#171). */
function elasticOf(
  { store }: Region,
  { allocationId }: SubnetMapping,
): ElasticIp | AwsError | undefined {
  if (allocationId === undefined) return undefined;
  const elastic = store.get('ec2/elastic-ip', allocationId);
  if (elastic === undefined) {
    return awsError('AllocationIdNotFound', noAllocation(allocationId).message);
  }
  if (elastic.associationId === undefined) return elastic;
  return awsError('ResourceInUse', 'The allocation IDs are not available for use');
}

/** Lends public addresses to interfaces without one, or takes back what was lent. */
export function setPublicOfZones(
  region: Region,
  zones: readonly LoadBalancerZone[],
  hasPublic: boolean,
): void {
  for (const { networkInterfaceId } of zones) {
    const eni = region.store.get('ec2/network-interface', networkInterfaceId);
    const primary = eni?.privateIpAddresses[0];
    if (eni === undefined || primary === undefined) continue;
    if (hasPublic && primary.public === undefined) lendPublic(region, eni, primary.address);
    if (!hasPublic && primary.public !== undefined)
      region.store.put(
        'ec2/network-interface',
        networkInterfaceId,
        withPublic(eni, primary.address, undefined),
      );
  }
}

/** A public address that is AWS's own and goes with the interface. */
function lendPublic(region: Region, eni: NetworkInterface, address: string): void {
  const publicIp = region.ids.publicIpv4();
  region.store.put(
    'ec2/network-interface',
    eni.networkInterfaceId,
    withPublic(eni, address, {
      publicIp,
      publicDnsName: publicDnsName(region.name, publicIp),
    }),
  );
}

/** Gives the interfaces other security groups. */
export function regroupZones(
  { store }: Region,
  zones: readonly LoadBalancerZone[],
  groups: NetworkInterface['groups'],
): void {
  for (const { networkInterfaceId } of zones) {
    const eni = store.get('ec2/network-interface', networkInterfaceId);
    if (eni !== undefined)
      store.put('ec2/network-interface', networkInterfaceId, { ...eni, groups });
  }
}

/**
 * How long interfaces outlive their load balancer: security groups on them cannot be deleted yet.
 * Reports speak of seconds to minutes; upstream's controller waits ten seconds for its own group.
 */
const LINGER_MS = 5_000;

/** Takes the interfaces of zones away, some time after this. */
export function releaseZones(region: Region, zones: readonly LoadBalancerZone[]): void {
  const goneAtMs = region.clock.now() + LINGER_MS;
  for (const { networkInterfaceId } of zones) {
    const eni = region.store.get('ec2/network-interface', networkInterfaceId);
    if (eni === undefined) continue;
    const released = { ...eni, goneAtMs };
    region.store.put('ec2/network-interface', networkInterfaceId, released);
    removeWhenDue(region, released);
  }
}

/** Takes an interface away at its time. */
export function removeWhenDue(region: Region, { networkInterfaceId, goneAtMs }: NetworkInterface) {
  if (goneAtMs === undefined) return;
  region.clock.after(goneAtMs - region.clock.now(), () => {
    const eni = region.store.get('ec2/network-interface', networkInterfaceId);
    if (eni !== undefined) removeInterface(region, eni);
  });
}

/** Gives the interfaces that have none an IPv6 address, or takes theirs from all. */
export function setIpv6OfZones(
  region: Region,
  zones: readonly LoadBalancerZone[],
  hasIpv6: boolean,
): AwsError | undefined {
  const drawn = new Map<NetworkInterface, readonly string[]>();
  for (const { networkInterfaceId } of zones) {
    const eni = region.store.get('ec2/network-interface', networkInterfaceId);
    if (eni === undefined || eni.ipv6Addresses.length > 0 === hasIpv6) continue;
    const addresses = hasIpv6 ? ipv6For(region, eni) : [];
    if (isAwsError(addresses)) return validationError(addresses.message);
    drawn.set(eni, addresses);
  }
  for (const [eni, ipv6Addresses] of drawn)
    region.store.put('ec2/network-interface', eni.networkInterfaceId, { ...eni, ipv6Addresses });
  return undefined;
}

function ipv6For(region: Region, eni: NetworkInterface): readonly string[] | AwsError {
  const claim = region.addresses.claim(region.store.get('ec2/subnet', eni.subnetId)!);
  const addresses = claim.ipv6Addresses(1);
  claim.end();
  return addresses;
}
