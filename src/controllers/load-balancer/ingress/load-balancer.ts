/**
 * load-balancer/ingress/load-balancer — the application load balancer of a group: what all members
 * must agree on.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_load_balancer.go,
 * model_build_load_balancer_attributes.go, _capacity_reservation.go, model_build_ipam.go. The order
 * of the questions is upstream's: it decides which of two errors is told.
 */
import type { LoadBalancerAddressType, Scheme } from '../../../model/elbv2/load-balancer.ts';
import { listText, parseInteger } from '../annotations/go-literals.ts';
import { mergeStringMaps } from '../annotations/parser.ts';
import { BuildError, within } from '../build-error.ts';
import { nameOfGroup } from '../stack/names.ts';
import type { Token } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import {
  annotationsOf,
  attributesOf,
  explicitValues,
  type GroupBuild,
  groupDigest,
  LOAD_BALANCER,
  paramsOf,
  setText,
} from './group-build.ts';
import { tagsOfMembers } from './group-tags.ts';
import type { ListenPorts } from './listen-ports.ts';
import { resolveSecurityGroups } from './load-balancer-groups.ts';
import { subnetMappingOf } from './load-balancer-subnets.ts';

const NAME_MAX = 32;
const ADDRESS_TYPES = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'];

/** The load balancer, as far as what is built after it asks. */
export interface GroupBalancer {
  readonly name: string;
  readonly scheme: Scheme;
  readonly ipAddressType: LoadBalancerAddressType;
  readonly securityGroups: readonly Token[];
  /** Whom the targets let in; undefined: nobody changes their security groups. */
  readonly backendGroup: Token | undefined;
  readonly usesBackendSecurityGroup: boolean;
}

/** Adds the load balancer, and its managed security group where it has one. @throws BuildError */
export async function addLoadBalancer(
  build: GroupBuild,
  listenPorts: ListenPorts,
): Promise<GroupBalancer> {
  const { members } = build.group;
  const scheme = schemeOf(build);
  const ipAddressType = addressTypeOf(members);
  const subnetMapping = await subnetMappingOf(build, { scheme, ipAddressType });
  const groups = await resolveSecurityGroups(build, listenPorts, ipAddressType);
  const customerOwnedIPv4Pool = customerPoolOf(members);
  const loadBalancerAttributes = attributesOf(agreedAttributes(members));
  const tags = tagsOfMembers(members, build.settings);
  const name = nameOf(build, scheme);
  const minimumLoadBalancerCapacity = capacityOf(build);
  const ipv4IPAMPool = ipamPoolOf(members);
  build.stack.add('AWS::ElasticLoadBalancingV2::LoadBalancer', LOAD_BALANCER, {
    name,
    type: 'application',
    scheme,
    ipAddressType,
    subnetMapping,
    securityGroups: groups.securityGroups,
    customerOwnedIPv4Pool,
    loadBalancerAttributes,
    minimumLoadBalancerCapacity,
    tags,
    ipv4IPAMPool,
  });
  return { name, scheme, ipAddressType, ...groups };
}

function schemeOf({ group, settings }: GroupBuild): Scheme {
  const schemes = explicitValues(group.members, 'scheme', ({ scheme }) => scheme);
  const [scheme] = schemes;
  if (scheme === undefined) return settings.defaultLoadBalancerScheme as Scheme;
  if (schemes.length > 1) throw new BuildError(`conflicting scheme: ${setText(schemes)}`);
  return checkedScheme(scheme);
}

/** @throws BuildError  where it is no scheme */
export function checkedScheme(scheme: string): Scheme {
  if (scheme === 'internal' || scheme === 'internet-facing') return scheme;
  throw new BuildError(`unknown scheme: ${scheme}`);
}

function addressTypeOf(members: readonly ClassifiedIngress[]): LoadBalancerAddressType {
  const types = explicitValues(members, 'ip-address-type', ({ ipAddressType }) => ipAddressType);
  const [type] = types;
  if (type === undefined) return 'ipv4';
  if (types.length > 1) throw new BuildError(`conflicting IPAddressType: ${listText(types)}`);
  if (ADDRESS_TYPES.includes(type)) return type as LoadBalancerAddressType;
  throw new BuildError(`unknown IPAddressType: ${type}`);
}

function nameOf(build: GroupBuild, scheme: Scheme): string {
  const { members, id } = build.group;
  const ofClass = 'load-balancer-name';
  const names = explicitValues(members, ofClass, ({ loadBalancerName }) => loadBalancerName);
  const [name] = names;
  if (name === undefined) return nameOfGroup(id, groupDigest(build, scheme));
  if (names.length > 1) throw new BuildError(`conflicting load balancer name: ${setText(names)}`);
  // Go counts bytes, AWS allows ASCII only: the same for every name that could work.
  if (name.length > NAME_MAX) {
    throw new BuildError(`load balancer name cannot be longer than ${NAME_MAX} characters`);
  }
  return name;
}

function customerPoolOf(members: readonly ClassifiedIngress[]): string | undefined {
  const suffix = 'customer-owned-ipv4-pool';
  for (const member of members) {
    if (alb.string(suffix, annotationsOf(member)) !== '') continue;
    const key = memberKey(member);
    throw new BuildError(`cannot use empty value for ${suffix} annotation, ingress: ${key}`);
  }
  const pools = explicitValues(members, suffix);
  if (pools.length > 1) {
    throw new BuildError(`conflicting CustomerOwnedIPv4Pool: ${listText(pools)}`);
  }
  return pools[0];
}

/** Attributes of all members; the first one's class wins over them, and ends what they disagree on. */
function agreedAttributes(members: readonly ClassifiedIngress[]): Readonly<Record<string, string>> {
  const ofClass: Record<string, string> = {};
  const first = members[0] === undefined ? {} : paramsOf(members[0]);
  for (const { key, value } of first.loadBalancerAttributes ?? []) ofClass[key] = value;
  const merged: Record<string, string> = {};
  for (const member of members) {
    const own = alb.stringMap('load-balancer-attributes', annotationsOf(member)) ?? {};
    for (const [key, value] of Object.entries(own)) {
      const before = merged[key];
      if (before !== undefined && before !== value && ofClass[key] === undefined) {
        throw new BuildError(`conflicting load balancer attributes ${key}: ${before} | ${value}`);
      }
      merged[key] = value;
    }
  }
  return mergeStringMaps(ofClass, merged);
}

function capacityOf({ group, settings }: GroupBuild): { capacityUnits: number } | undefined {
  if (!settings.featureGates.LBCapacityReservation) return undefined;
  const [first] = group.members;
  const ofClass = first === undefined ? undefined : paramsOf(first).minimumLoadBalancerCapacity;
  if (ofClass !== undefined) return ofClass;
  const merged: Record<string, string> = {};
  for (const member of group.members) {
    const own = alb.stringMap('minimum-load-balancer-capacity', annotationsOf(member)) ?? {};
    for (const [key, value] of Object.entries(own)) {
      const before = merged[key];
      if (before !== undefined && before !== value) {
        throw new BuildError(`conflicting capacity reservation ${key}: ${before} | ${value}`);
      }
      merged[key] = value;
    }
  }
  let capacity: { capacityUnits: number } | undefined;
  for (const [key, value] of Object.entries(merged)) {
    if (key !== 'CapacityUnits') {
      const expected = 'Expected key: CapacityUnits';
      throw new BuildError(`invalid key to set the capacity: ${key}, ${expected}`);
    }
    const parse = (): number => parseInteger(value, 32);
    capacity = { capacityUnits: within(`invalid value to set the capacity: ${value}`, parse) };
  }
  return capacity;
}

function ipamPoolOf(members: readonly ClassifiedIngress[]): string | undefined {
  const [first] = members;
  const ofClass = first && paramsOf(first).ipamConfiguration?.ipv4IPAMPoolId;
  if (ofClass !== undefined) return ofClass;
  let pool: string | undefined;
  for (const member of members) {
    const own = alb.string('ipam-ipv4-pool-id', annotationsOf(member));
    if (!own) continue;
    if (pool !== undefined && pool !== own) {
      throw new BuildError(`conflicting ipv4 ipam pools ${pool}: ${own}`);
    }
    pool = own;
  }
  return pool;
}
