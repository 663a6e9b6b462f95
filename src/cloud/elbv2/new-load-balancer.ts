/**
 * cloud/elbv2/new-load-balancer — CreateLoadBalancer: what AWS refuses, in its order, and what it
 * makes.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { SecurityGroupId } from '../../model/ec2/ids.ts';
import type { LoadBalancer, LoadBalancerType, Scheme } from '../../model/elbv2/load-balancer.ts';
import { soundGroups } from '../ec2/new-interface.ts';
import type { Region } from '../region.ts';
import { invalidConfiguration, validationError } from './elb-error.ts';
import { attributesOfNewBalancer } from './load-balancer-attributes.ts';
import { type InterfacesOf, makeZones } from './load-balancer-interfaces.ts';
import { canonicalZoneOf, dnsNameOf, elbArn, resourcePath } from './load-balancer-name.ts';
import type { CreateLoadBalancerInput } from './operations.ts';
import { soundPlaces } from './places.ts';

/**
 * Until a new load balancer is `active`. AWS documents none; public logs of waiters show two to
 * three minutes.
 */
const PROVISIONING_MS: Readonly<Record<LoadBalancerType, number>> = {
  application: 120_000,
  network: 150_000,
};

/** Makes a load balancer, or answers with the one that is the same already. */
export function createLoadBalancer(
  region: Region,
  input: CreateLoadBalancerInput,
): LoadBalancer | AwsError {
  const type = input.type ?? 'application';
  const scheme = input.scheme ?? 'internet-facing';
  const refusal = nameRefusal(input.name);
  if (refusal !== undefined) return refusal;
  const existing = region.store.lookup('elbv2/load-balancer', 'name', input.name)[0];
  if (existing !== undefined) return sameOrDuplicate(existing, type, scheme, input);
  const quota = quotaRefusal(region, type);
  if (quota !== undefined) return quota;
  const places = soundPlaces(region, type, scheme, input);
  if (isAwsError(places)) return places;
  const subnet = places[0]!.subnet;
  const groups = groupsFor(region, type, subnet, input.securityGroups);
  if (isAwsError(groups)) return groups;
  const id = region.ids.hex(16);
  const path = resourcePath(type, input.name, id);
  const ipAddressType = input.ipAddressType ?? 'ipv4';
  const balancer = { type, scheme, ipAddressType, securityGroups: groups };
  const zones = makeZones(region, interfacesOf(balancer, path), places);
  if (isAwsError(zones)) return zones;
  const made: LoadBalancer = {
    loadBalancerArn: elbArn(region, `loadbalancer/${path}`),
    loadBalancerName: input.name,
    ...balancer,
    vpcId: subnet.vpcId,
    dnsName: dnsNameOf(region, type, input.name, id, scheme),
    canonicalHostedZoneId: canonicalZoneOf(region, type),
    zones,
    attributes: attributesOfNewBalancer(type, scheme),
    customerOwnedIpv4Pool: input.customerOwnedIpv4Pool,
    ipv4IpamPoolId: input.ipv4IpamPoolId,
    enablePrefixForIpv6SourceNat:
      input.enablePrefixForIpv6SourceNat ?? (type === 'network' ? 'off' : undefined),
    state: 'provisioning',
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  region.store.put('elbv2/load-balancer', made.loadBalancerArn, made);
  becomeActive(region, made);
  return made;
}

/** Makes a load balancer that is being provisioned active, once it has been long enough. */
export function becomeActive(
  region: Pick<Region, 'clock' | 'store'>,
  { loadBalancerArn, type, createdAtMs }: LoadBalancer,
): void {
  const dueMs = Math.min(createdAtMs, region.clock.now()) + PROVISIONING_MS[type];
  region.clock.after(dueMs - region.clock.now(), () => {
    const now = region.store.get('elbv2/load-balancer', loadBalancerArn);
    if (now?.state === 'provisioning')
      region.store.put('elbv2/load-balancer', loadBalancerArn, { ...now, state: 'active' });
  });
}

/** What the interfaces of a load balancer look like. */
export const interfacesOf = (
  balancer: Pick<LoadBalancer, 'type' | 'scheme' | 'ipAddressType' | 'securityGroups'>,
  path: string,
): InterfacesOf => ({
  description: `ELB ${path}`,
  interfaceType: balancer.type === 'network' ? 'network_load_balancer' : 'interface',
  groups: balancer.securityGroups,
  scheme: balancer.scheme,
  hasIpv6: balancer.ipAddressType !== 'ipv4',
  hasPublicIpv4: balancer.ipAddressType !== 'dualstack-without-public-ipv4',
});

/** Source: CreateLoadBalancer, Name. */
export function nameRefusal(name: string): AwsError | undefined {
  if (name.length > 32)
    return validationError(
      `The load balancer name '${name}' cannot be longer than '32' characters`,
    );
  if (!/^[A-Za-z0-9-]+$/.test(name))
    return validationError(
      `The load balancer name '${name}' can only contain characters that are alphanumeric ` +
        'characters and hyphens(-)',
    );
  if (name.startsWith('-') || name.endsWith('-'))
    return validationError(`The load balancer name '${name}' cannot begin or end with a hyphen(-)`);
  if (name.startsWith('internal-'))
    return validationError(`The load balancer name '${name}' cannot begin with 'internal-'`);
  return undefined;
}

/** Creating one that is there with the same settings is no error. */
function sameOrDuplicate(
  existing: LoadBalancer,
  type: LoadBalancerType,
  scheme: Scheme,
  input: CreateLoadBalancerInput,
): LoadBalancer | AwsError {
  const subnets = input.subnetMappings.map((it) => it.subnetId);
  const same =
    existing.type === type &&
    existing.scheme === scheme &&
    existing.ipAddressType === (input.ipAddressType ?? 'ipv4') &&
    sameSet(
      existing.zones.map((it) => it.subnetId),
      subnets,
    ) &&
    (input.securityGroups === undefined ||
      sameSet(existing.securityGroups, input.securityGroups)) &&
    sameTags(existing.tags, input.tags ?? {});
  if (same) return existing;
  return awsError(
    'DuplicateLoadBalancerName',
    `A load balancer with the same name '${input.name}' exists, but with different settings`,
  );
}

export const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((it) => b.includes(it));

export const sameTags = (
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([key, value]) => b[key] === value);

function quotaRefusal({ store, quotas }: Region, type: LoadBalancerType): AwsError | undefined {
  const limit =
    type === 'application' ? quotas.applicationLoadBalancers : quotas.networkLoadBalancers;
  if (store.count('elbv2/load-balancer') < limit) return undefined;
  const count = store.list('elbv2/load-balancer').filter((it) => it.type === type).length;
  if (count < limit) return undefined;
  return awsError('TooManyLoadBalancers', 'The maximum number of load balancers has been reached');
}

/** An application one without groups gets the VPC's default; a network one has none, for good. */
function groupsFor(
  region: Region,
  type: LoadBalancerType,
  subnet: Parameters<typeof soundGroups>[1],
  groups: readonly string[] | undefined,
): readonly SecurityGroupId[] | AwsError {
  if (type === 'network' && (groups === undefined || groups.length === 0)) return [];
  return soundBalancerGroups(region, subnet, groups);
}

/**
 * The groups as ELB checks them: EC2's check under ELB's codes (texts:
 * aws-load-balancer-controller#2371, boto/boto3#177).
 */
export function soundBalancerGroups(
  region: Region,
  subnet: Parameters<typeof soundGroups>[1],
  groups: readonly string[] | undefined,
): readonly SecurityGroupId[] | AwsError {
  const sound = soundGroups(region, subnet, groups);
  if (!isAwsError(sound)) return sound;
  if (sound.code === 'SecurityGroupsPerInterfaceLimitExceeded')
    return invalidConfiguration(
      'The maximum number of security groups per load balancer has been reached.',
    );
  return awsError('InvalidSecurityGroup', sound.message);
}
