/** cloud/classic-elb/new-classic — a Classic Load Balancer made, and the subnets it stands in. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import { hasInternetGateway } from '../ec2/address-actions.ts';
import { type InterfacesOf, makeZones, releaseZones } from '../elbv2/load-balancer-interfaces.ts';
import { canonicalZoneOf, numberedDnsName } from '../elbv2/load-balancer-name.ts';
import { nameRefusal, sameSet, soundBalancerGroups } from '../elbv2/new-load-balancer.ts';
import type { Region } from '../region.ts';
import { CLASSIC_ATTRIBUTES } from './classic-attributes.data.ts';
import { listenerRefusal } from './listener-actions.ts';
import type { ClassicElbOperations } from './operations.ts';

type CreateInput = Parameters<ClassicElbOperations['createLoadBalancer']>[0];

/** Makes a load balancer, or answers with the one that is the same already. */
export function createClassic(region: Region, input: CreateInput): ClassicLoadBalancer | AwsError {
  const { store, quotas } = region;
  const name = input.loadBalancerName;
  const scheme = input.scheme ?? 'internet-facing';
  const refusal = nameRefusal(name) ?? firstRefusal(region, input);
  if (refusal !== undefined) return refusal;
  const existing = store.get('elbv2/classic-load-balancer', name);
  if (existing !== undefined) return sameOrDuplicate(existing, { ...input, scheme });
  if (store.count('elbv2/classic-load-balancer') >= quotas.classicLoadBalancers)
    return awsError('TooManyLoadBalancers', `Exceeded quota of account ${region.accountId}`);
  const subnets = soundSubnets(region, input.subnets);
  if (isAwsError(subnets)) return subnets;
  const { vpcId } = subnets[0]!;
  if (scheme === 'internet-facing' && !hasInternetGateway(region, vpcId))
    return awsError('InvalidSubnet', `VPC ${vpcId} has no internet gateway`);
  const securityGroups = soundBalancerGroups(region, subnets[0]!, input.securityGroups);
  if (isAwsError(securityGroups)) return securityGroups;
  const zones = makeZones(region, interfacesOf(name, scheme, securityGroups), placesOf(subnets));
  if (isAwsError(zones)) return zones;
  const balancer: ClassicLoadBalancer = {
    loadBalancerName: name,
    scheme,
    vpcId,
    dnsName: numberedDnsName(region, name, scheme),
    canonicalHostedZoneId: canonicalZoneOf(region, 'application'),
    zones,
    securityGroups,
    listeners: input.listeners,
    healthCheck: {
      target: `TCP:${input.listeners[0]!.instancePort}`,
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 10,
      unhealthyThreshold: 2,
    },
    instances: [],
    crossZone: false,
    attributes: CLASSIC_ATTRIBUTES,
    proxyProtocolPorts: [],
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  store.put('elbv2/classic-load-balancer', name, balancer);
  return balancer;
}

const placesOf = (subnets: readonly Subnet[]) =>
  subnets.map((subnet) => ({ subnet, mapping: { subnetId: subnet.subnetId } }));

const interfacesOf = (
  name: string,
  scheme: ClassicLoadBalancer['scheme'],
  groups: readonly string[],
): InterfacesOf => ({
  description: `ELB ${name}`,
  interfaceType: 'interface',
  groups,
  scheme,
  hasIpv6: false,
  hasPublicIpv4: true,
});

function firstRefusal(region: Region, input: CreateInput): AwsError | undefined {
  if (input.listeners.length === 0)
    return awsError('ValidationError', 'At least one listener must be specified');
  for (const listener of input.listeners) {
    const refusal = listenerRefusal(region, listener);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function soundSubnets(
  { store }: Region,
  subnetIds: readonly string[],
): readonly Subnet[] | AwsError {
  const subnets: Subnet[] = [];
  for (const id of new Set(subnetIds)) {
    const subnet = store.get('ec2/subnet', id);
    if (subnet === undefined)
      return awsError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
    subnets.push(subnet);
  }
  if (subnets.length === 0)
    return awsError('ValidationError', 'Either AvailabilityZones or SubnetIds must be specified');
  if (new Set(subnets.map((it) => it.vpcId)).size > 1)
    return awsError('InvalidConfigurationRequest', 'All subnets must be in the same VPC.');
  if (new Set(subnets.map((it) => it.availabilityZone)).size < subnets.length)
    return awsError(
      'InvalidConfigurationRequest',
      'ELB cannot be attached to multiple subnets in the same AZ.',
    );
  return subnets;
}

function sameOrDuplicate(
  existing: ClassicLoadBalancer,
  input: CreateInput,
): ClassicLoadBalancer | AwsError {
  const same =
    existing.scheme === input.scheme &&
    JSON.stringify(existing.listeners) === JSON.stringify(input.listeners) &&
    sameSet(existing.securityGroups, input.securityGroups) &&
    sameSet(
      existing.zones.map((it) => it.subnetId),
      input.subnets,
    );
  if (same) return existing;
  return awsError(
    'DuplicateLoadBalancerName',
    `The load balancer name '${input.loadBalancerName}' already exists and it is configured with ` +
      'different parameters.',
  );
}

/** The load balancer in more subnets. */
export function attachSubnets(
  region: Region,
  balancer: ClassicLoadBalancer,
  subnetIds: readonly string[],
): ClassicLoadBalancer | AwsError {
  const has = new Set<string>(balancer.zones.map((it) => it.subnetId));
  const all = soundSubnets(region, [...has, ...subnetIds]);
  if (isAwsError(all)) return all;
  const { loadBalancerName, scheme, securityGroups } = balancer;
  const added = all.filter((it) => !has.has(it.subnetId));
  const look = interfacesOf(loadBalancerName, scheme, securityGroups);
  const made = makeZones(region, look, placesOf(added));
  return isAwsError(made) ? made : { ...balancer, zones: [...balancer.zones, ...made] };
}

/** The load balancer without some subnets; it keeps one at least. */
export function detachSubnets(
  region: Region,
  balancer: ClassicLoadBalancer,
  subnetIds: readonly string[],
): ClassicLoadBalancer | AwsError {
  const goes = (it: ClassicLoadBalancer['zones'][number]) => subnetIds.includes(it.subnetId);
  const zones = balancer.zones.filter((it) => !goes(it));
  if (zones.length === 0)
    return awsError(
      'InvalidConfigurationRequest',
      'All subnets cannot be removed from the load balancer.',
    );
  releaseZones(region, balancer.zones.filter(goes));
  return { ...balancer, zones };
}
