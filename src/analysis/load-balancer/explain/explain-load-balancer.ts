/**
 * analysis/load-balancer/explain/explain-load-balancer — the load balancer itself: scheme, address
 * type, subnets, security groups, attributes, tags.
 */
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { ExplainedResource, Mapping, Origin } from './explanation.ts';
import { byDefault } from './origins.ts';

/** Where the settings of one load balancer come from, by the name of the setting. */
export type Settings = (setting: BalancerSetting) => Origin;

export type BalancerSetting =
  | 'name'
  | 'scheme'
  | 'ip-address-type'
  | 'subnets'
  | 'security-groups'
  | 'attributes'
  | 'tags';

/** Tags that controllers put on, which nobody asked for. */
const OWN_TAG = /^(elbv2|ingress|service|gateway)\.k8s\.aws|^kubernetes\.io\//;

/** The load balancer, field by field. */
export function explainLoadBalancer(
  store: TwinStore,
  balancer: LoadBalancer,
  from: Settings,
): ExplainedResource {
  const mappings: Mapping[] = [
    { field: 'Name', value: balancer.loadBalancerName, origin: from('name') },
    { field: 'Scheme', value: balancer.scheme, origin: from('scheme') },
    { field: 'IpAddressType', value: balancer.ipAddressType, origin: from('ip-address-type') },
    ...ofSubnets(store, balancer, from('subnets')),
    ...ofGroups(store, balancer, from('security-groups')),
    ...ofAttributes(balancer, from('attributes')),
    ...ofTags(balancer, from('tags')),
  ];
  return { name: `load balancer ${balancer.loadBalancerName}`, mappings };
}

function ofSubnets(store: TwinStore, { zones }: LoadBalancer, origin: Origin): Mapping[] {
  return zones.map(({ subnetId, zoneName, networkInterfaceId }) => {
    const name = store.get('ec2/subnet', subnetId)?.tags.Name;
    const address = store.get('ec2/network-interface', networkInterfaceId)?.privateIpAddresses[0];
    const label = name === undefined ? subnetId : `${subnetId} (${name})`;
    const at = address === undefined ? '' : ` at ${address.address}`;
    return { field: 'AvailabilityZones', value: `${zoneName}: ${label}${at}`, origin };
  });
}

function ofGroups(store: TwinStore, { securityGroups }: LoadBalancer, origin: Origin): Mapping[] {
  if (securityGroups.length === 0) {
    const value = 'none: what its targets let in decides';
    return [{ field: 'SecurityGroups', value, origin }];
  }
  return securityGroups.map((id) => {
    const group = store.get('ec2/security-group', id);
    const isBackend = group?.tags['elbv2.k8s.aws/resource'] === 'backend-sg';
    const isManaged = group !== undefined && Object.keys(group.tags).some((it) => OWN_TAG.test(it));
    const value = group === undefined ? id : `${id} (${group.groupName})`;
    if (isBackend) {
      const text = 'backend security group, shared by the cluster: what nodes and pods let in';
      return { field: 'SecurityGroups', value, origin: byDefault(text) };
    }
    const own = byDefault('made by the controller: no security-groups are named');
    return { field: 'SecurityGroups', value, origin: isManaged ? own : origin };
  });
}

/** Attributes that the annotation names; AWS's own defaults are left out. */
function ofAttributes({ attributes }: LoadBalancer, origin: Origin): Mapping[] {
  if (origin.said === undefined) return [];
  return Object.entries(attributes).flatMap(([key, value]) =>
    origin.said!.includes(key) ? [{ field: key, value, origin }] : [],
  );
}

function ofTags({ tags }: LoadBalancer, origin: Origin): Mapping[] {
  return Object.entries(tags).flatMap(([key, value]) =>
    OWN_TAG.test(key) ? [] : [{ field: `tag ${key}`, value, origin }],
  );
}
