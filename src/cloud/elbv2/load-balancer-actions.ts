/** cloud/elbv2/load-balancer-actions — load balancers: made, moved, changed, described, deleted. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { tagTerm } from '../../model/ec2/tags.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Region } from '../region.ts';
import { DONE, invalidConfiguration, noLoadBalancer, validationError } from './elb-error.ts';
import { groupsForwardedTo } from './forwards.ts';
import { removeListener } from './listener-actions.ts';
import {
  makeZones,
  regroupZones,
  releaseZones,
  setIpv6OfZones,
  setPublicOfZones,
} from './load-balancer-interfaces.ts';
import { pathOfArn } from './load-balancer-name.ts';
import { createLoadBalancer, interfacesOf, soundBalancerGroups } from './new-load-balancer.ts';
import type { Elbv2Operations } from './operations.ts';
import { soundPlaces } from './places.ts';
import { followUse } from './target-use.ts';

type LoadBalancerActions = Pick<
  Elbv2Operations,
  | 'createLoadBalancer'
  | 'describeLoadBalancers'
  | 'deleteLoadBalancer'
  | 'setIpAddressType'
  | 'setSubnets'
  | 'setSecurityGroups'
>;

export const loadBalancerActions = (region: Region): LoadBalancerActions => ({
  createLoadBalancer: (input) => createLoadBalancer(region, input),
  describeLoadBalancers: (input) => describe(region, input),
  deleteLoadBalancer: ({ loadBalancerArn }) => deleteLoadBalancer(region, loadBalancerArn),
  setIpAddressType: (input) => setIpAddressType(region, input),
  setSubnets: (input) => setSubnets(region, input),
  setSecurityGroups: (input) => setSecurityGroups(region, input),
});

function describe(
  { store }: Region,
  { loadBalancerArns, names, tagged }: Parameters<Elbv2Operations['describeLoadBalancers']>[0],
): readonly LoadBalancer[] | AwsError {
  if (tagged !== undefined)
    return store.lookup('elbv2/load-balancer', 'tag', tagTerm(tagged.key, tagged.value));
  const arns = loadBalancerArns ?? [];
  if (arns.length === 0 && (names ?? []).length === 0) return store.list('elbv2/load-balancer');
  const found: LoadBalancer[] = [];
  for (const arn of new Set(arns)) {
    const balancer = store.get('elbv2/load-balancer', arn);
    if (balancer === undefined)
      return awsError('LoadBalancerNotFound', 'One or more load balancers not found');
    found.push(balancer);
  }
  const missing: string[] = [];
  for (const name of new Set(names)) {
    const balancer = store.lookup('elbv2/load-balancer', 'name', name)[0];
    if (balancer === undefined) missing.push(name);
    else found.push(balancer);
  }
  if (missing.length === 0) return found;
  return awsError('LoadBalancerNotFound', `Load balancers '[${missing.join(', ')}]' not found`);
}

/** An unknown ARN is no error: what is to be gone is gone. */
function deleteLoadBalancer(region: Region, arn: string): typeof DONE | AwsError {
  const { store } = region;
  const balancer = store.get('elbv2/load-balancer', arn);
  if (balancer === undefined) return DONE;
  if (balancer.attributes['deletion_protection.enabled'] === 'true')
    return awsError(
      'OperationNotPermitted',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  for (const listener of store.lookup('elbv2/listener', 'load-balancer', arn))
    removeListener(region, listener);
  store.delete('elbv2/load-balancer', arn);
  releaseZones(region, balancer.zones);
  return DONE;
}

function setIpAddressType(
  region: Region,
  { loadBalancerArn, ipAddressType }: Parameters<Elbv2Operations['setIpAddressType']>[0],
): LoadBalancer | AwsError {
  const balancer = region.store.get('elbv2/load-balancer', loadBalancerArn);
  if (balancer === undefined) return noLoadBalancer(loadBalancerArn);
  if (balancer.ipAddressType === ipAddressType) return balancer;
  const { type, scheme } = balancer;
  if (ipAddressType === 'dualstack-without-public-ipv4') {
    if (type === 'network' || scheme === 'internal')
      return invalidConfiguration(
        `IP address type '${ipAddressType}' is only supported for internet-facing load balancers ` +
          "with type 'application'",
      );
  }
  const subnetMappings = balancer.zones.map((it) => ({ ...it, ipv6Address: undefined }));
  const places = soundPlaces(region, type, scheme, { subnetMappings, ipAddressType });
  if (isAwsError(places)) return places;
  const after: LoadBalancer = { ...balancer, ipAddressType };
  const refusal = setIpv6OfZones(region, balancer.zones, ipAddressType !== 'ipv4');
  if (refusal !== undefined) return refusal;
  if (type === 'application' && scheme === 'internet-facing')
    setPublicOfZones(region, balancer.zones, ipAddressType !== 'dualstack-without-public-ipv4');
  region.store.put('elbv2/load-balancer', loadBalancerArn, after);
  return after;
}

/**
 * Subnets that stay keep their interface; the others' interfaces go some time later.
 */
function setSubnets(
  region: Region,
  input: Parameters<Elbv2Operations['setSubnets']>[0],
): LoadBalancer | AwsError {
  const { loadBalancerArn, subnetMappings } = input;
  const balancer = region.store.get('elbv2/load-balancer', loadBalancerArn);
  if (balancer === undefined) return noLoadBalancer(loadBalancerArn);
  const { type, scheme, ipAddressType } = balancer;
  const places = soundPlaces(region, type, scheme, { subnetMappings, ipAddressType });
  if (isAwsError(places)) return places;
  if (places[0]!.subnet.vpcId !== balancer.vpcId)
    return invalidConfiguration(
      `The subnets must be in the load balancer's VPC '${balancer.vpcId}'`,
    );
  const stays = new Map(
    balancer.zones
      .filter((zone) => sameMapping(zone, subnetMappings))
      .map((zone) => [zone.subnetId as string, zone]),
  );
  const added = places.filter(({ subnet }) => !stays.has(subnet.subnetId));
  const made = makeZones(region, interfacesOf(balancer, pathOfArn(loadBalancerArn)), added);
  if (isAwsError(made)) return made;
  const bySubnet = new Map([...stays, ...made.map((it) => [it.subnetId as string, it] as const)]);
  const zones = places.map(({ subnet }) => bySubnet.get(subnet.subnetId)!);
  const enablePrefixForIpv6SourceNat =
    input.enablePrefixForIpv6SourceNat ?? balancer.enablePrefixForIpv6SourceNat;
  const after: LoadBalancer = { ...balancer, zones, enablePrefixForIpv6SourceNat };
  region.store.put('elbv2/load-balancer', loadBalancerArn, after);
  releaseZones(
    region,
    balancer.zones.filter((zone) => !zones.includes(zone)),
  );
  followUse(region, groupsForwardedTo(region.store, loadBalancerArn));
  return after;
}

/** True when the zone has what is asked for in its subnet. */
const sameMapping = (
  zone: LoadBalancer['zones'][number],
  mappings: Parameters<Elbv2Operations['setSubnets']>[0]['subnetMappings'],
): boolean =>
  mappings.some(
    (it) =>
      it.subnetId === zone.subnetId &&
      it.allocationId === zone.allocationId &&
      (it.privateIpv4Address ?? zone.privateIpv4Address) === zone.privateIpv4Address &&
      (it.ipv6Address ?? zone.ipv6Address) === zone.ipv6Address &&
      it.sourceNatIpv6Prefix === zone.sourceNatIpv6Prefix,
  );

function setSecurityGroups(
  region: Region,
  input: Parameters<Elbv2Operations['setSecurityGroups']>[0],
): LoadBalancer | AwsError {
  const balancer = region.store.get('elbv2/load-balancer', input.loadBalancerArn);
  if (balancer === undefined) return noLoadBalancer(input.loadBalancerArn);
  if (balancer.type === 'network') {
    if (balancer.securityGroups.length === 0)
      return invalidConfiguration(
        'You cannot set security groups on a Network Load Balancer which was created without any ' +
          'security groups.',
      );
    if (input.securityGroups.length === 0)
      return invalidConfiguration('A load balancer must have at least one security group');
  }
  if (input.securityGroups.length === 0)
    return validationError('At least one security group must be specified');
  const at = { vpcId: balancer.vpcId, subnetId: balancer.zones[0]!.subnetId };
  const securityGroups = soundBalancerGroups(region, at, input.securityGroups);
  if (isAwsError(securityGroups)) return securityGroups;
  regroupZones(region, balancer.zones, securityGroups);
  const after: LoadBalancer = {
    ...balancer,
    securityGroups,
    enforceSecurityGroupInboundRulesOnPrivateLinkTraffic:
      input.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic ??
      balancer.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
  };
  region.store.put('elbv2/load-balancer', balancer.loadBalancerArn, after);
  return after;
}
