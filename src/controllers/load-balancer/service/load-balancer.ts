/**
 * load-balancer/service/load-balancer — the load balancer of a Service's stack.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_load_balancer.go:28-99,
 * 207-239,340-370,490-640. The order of the questions is upstream's: it decides which of two errors
 * is told.
 */
import { parseInteger } from '../annotations/go-literals.ts';
import { mergeStringMaps } from '../annotations/parser.ts';
import { BuildError, within } from '../build-error.ts';
import type { AttributeSpec } from '../stack/load-balancer-spec.ts';
import { digestOf, nameOfObject } from '../stack/names.ts';
import type { CandidateSubnet, SubnetDemand } from '../subnets/subnet-reads.ts';
import type { BalancerGroups } from './balancer.ts';
import { resolveSecurityGroups } from './load-balancer-groups.ts';
import { additionalTags, annotated, type ServiceBuild } from './service-build.ts';
import type { ExistingLoadBalancer } from './service-reads.ts';
import { prefixForSourceNat, subnetMappings } from './subnet-mappings.ts';

const ROUTING_POLICY = 'dns_record.client_routing_policy';
const ROUTING_POLICIES = [
  'any_availability_zone',
  'partial_availability_zone_affinity',
  'availability_zone_affinity',
];

/** Adds the load balancer, and its managed security group where it has one. */
export async function addLoadBalancer(
  build: ServiceBuild,
  existing: ExistingLoadBalancer | undefined,
  demand: SubnetDemand,
  subnets: readonly CandidateSubnet[],
): Promise<BalancerGroups> {
  const { scheme, ipAddressType } = demand;
  const enablePrefixForIpv6SourceNat = prefixForSourceNat(build, ipAddressType, subnets);
  const loadBalancerAttributes = attributesOf(build);
  const minimumLoadBalancerCapacity = capacityOf(build);
  const groups = await resolveSecurityGroups(build, existing, ipAddressType);
  const tags = additionalTags(build);
  const subnetMapping = subnetMappings(build, demand, subnets, enablePrefixForIpv6SourceNat);
  const name = nameOf(build, demand);
  const securityGroupsInboundRulesOnPrivateLink = privateLinkRules(build);
  build.stack.add('AWS::ElasticLoadBalancingV2::LoadBalancer', 'LoadBalancer', {
    name,
    type: 'network',
    scheme,
    ipAddressType,
    enablePrefixForIpv6SourceNat,
    subnetMapping,
    securityGroups: groups.securityGroups,
    securityGroupsInboundRulesOnPrivateLink,
    loadBalancerAttributes,
    minimumLoadBalancerCapacity,
    tags,
  });
  return groups;
}

/** As annotated, or made of the Service. */
export function nameOf({ annotations, service, settings }: ServiceBuild, { scheme }: SubnetDemand) {
  const name = annotated.string('aws-load-balancer-name', annotations);
  if (name === undefined) {
    const { namespace = '', uid = '' } = service.metadata;
    const digest = digestOf(settings.clusterName, uid, scheme);
    return nameOfObject(namespace, service.metadata.name, digest);
  }
  // Go counts bytes, AWS allows ASCII only: the same for every name that could work.
  if (name.length > 32) {
    throw new BuildError('load balancer name cannot be longer than 32 characters');
  }
  return name;
}

/** By key; those with annotations of their own over the others. */
export function attributesOf({ annotations }: ServiceBuild): readonly AttributeSpec[] {
  const suffix = 'aws-load-balancer-attributes';
  const attributes = annotated.stringMap(suffix, annotations);
  const policy = attributes?.[ROUTING_POLICY];
  if (policy !== undefined && !ROUTING_POLICIES.includes(policy)) {
    const [any, partial, full] = ROUTING_POLICIES;
    throw new BuildError(
      `invalid ${ROUTING_POLICY} set in annotation ${suffix}: got '${policy}' expected one of ` +
        `['${any}', '${partial}', '${full}']`,
    );
  }
  const merged = mergeStringMaps(annotatedAttributes(annotations), attributes);
  return Object.keys(merged)
    .sort()
    .map((key) => ({ key, value: merged[key]! }));
}

/** Attributes that have annotations of their own; these win. */
function annotatedAttributes(annotations: ServiceBuild['annotations']): Record<string, string> {
  const attributes: Record<string, string> = {};
  const text = (suffix: string): string | undefined => annotated.string(suffix, annotations);
  if (annotated.bool('aws-load-balancer-access-log-enabled', annotations)) {
    attributes['access_logs.s3.enabled'] = 'true';
    const bucket = text('aws-load-balancer-access-log-s3-bucket-name');
    const prefix = text('aws-load-balancer-access-log-s3-bucket-prefix');
    if (bucket !== undefined) attributes['access_logs.s3.bucket'] = bucket;
    if (prefix !== undefined) attributes['access_logs.s3.prefix'] = prefix;
  }
  const suffix = 'aws-load-balancer-cross-zone-load-balancing-enabled';
  const isCrossZone = annotated.bool(suffix, annotations);
  if (isCrossZone !== undefined) {
    attributes['load_balancing.cross_zone.enabled'] = String(isCrossZone);
  }
  return attributes;
}

/** Capacity reserved at least. */
export function capacityOf({ annotations, settings }: ServiceBuild) {
  if (!settings.featureGates.LBCapacityReservation) return undefined;
  const suffix = 'aws-load-balancer-minimum-load-balancer-capacity';
  const capacity = annotated.stringMap(suffix, annotations) ?? {};
  for (const [key, value] of Object.entries(capacity)) {
    if (key !== 'CapacityUnits') {
      const expected = 'Expected key: CapacityUnits';
      throw new BuildError(`invalid key to set the capacity: ${key}, ${expected}`);
    }
    const parse = (): number => parseInteger(value, 32);
    return { capacityUnits: within(`invalid value to set the capacity: ${value}`, parse) };
  }
  return undefined;
}

function privateLinkRules({ annotations }: ServiceBuild): 'on' | 'off' | undefined {
  const suffix = 'aws-load-balancer-inbound-sg-rules-on-private-link-traffic';
  const value = annotated.string(suffix, annotations);
  if (value === undefined || value === 'on' || value === 'off') return value;
  throw new BuildError(
    `Invalid value for securityGroupsInboundRulesOnPrivateLink status: ${value}, ` +
      'value must be one of [on, off]',
  );
}
