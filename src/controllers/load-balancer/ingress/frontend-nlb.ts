/**
 * load-balancer/ingress/frontend-nlb — a network load balancer before the group's application load
 * balancer, for addresses that stay.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_frontend_nlb.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Scheme } from '../../../model/elbv2/load-balancer.ts';
import { listText, mapText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import type { SubnetMappingSpec } from '../stack/load-balancer-spec.ts';
import { sanitized } from '../stack/names.ts';
import type { Token } from '../stack/token.ts';
import type { SubnetDemand } from '../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, isExplicit } from './group.ts';
import {
  annotationsOf,
  attributesOf,
  explicitValues,
  type GroupBuild,
  groupDigest,
  setText,
} from './group-build.ts';
import { tagsOfMembers } from './group-tags.ts';
import { checkedScheme, type GroupBalancer } from './load-balancer.ts';
import { agreedGroups } from './load-balancer-groups.ts';
import { agreedNames, isSameSet } from './load-balancer-subnets.ts';

const ROUTING_POLICY = 'dns_record.client_routing_policy';
const ROUTING_POLICIES = [
  'any_availability_zone',
  'partial_availability_zone_affinity',
  'availability_zone_affinity',
];
const SUFFIX = '-nlb';
const NAME_MAX = 32;

/** The resource's id in the stack. */
export const FRONTEND_NLB = 'FrontendNlb';

/** Does the group want one? @throws BuildError  where members disagree */
export function wantsFrontendNlb(members: readonly ClassifiedIngress[]): boolean {
  const wishes = new Set<boolean>();
  for (const member of members) {
    const wish = alb.bool('enable-frontend-nlb', annotationsOf(member));
    if (wish !== undefined) wishes.add(wish);
    if (wishes.size > 1) throw new BuildError('conflicting enable frontend NLB values');
  }
  return wishes.has(true);
}

/** Adds the network load balancer without its listeners. @throws BuildError */
export async function addFrontendNlb(build: GroupBuild, balancer: GroupBalancer): Promise<void> {
  const { members } = build.group;
  const scheme = frontendScheme(build);
  const securityGroups = (await ownGroups(build)) ?? balancer.securityGroups;
  const { ipAddressType } = balancer;
  const subnetMapping = await frontendSubnets(build, { type: 'network', scheme, ipAddressType });
  const name = frontendName(build, scheme, balancer.name);
  const tags = frontendTags(build);
  const loadBalancerAttributes = attributesOf(frontendAttributes(members) ?? {});
  build.stack.add('AWS::ElasticLoadBalancingV2::LoadBalancer', FRONTEND_NLB, {
    name,
    type: 'network',
    scheme,
    ipAddressType,
    subnetMapping,
    securityGroups,
    loadBalancerAttributes,
    tags,
  });
}

/** Its own, or else the flag's: not that of the load balancer behind. @throws BuildError */
export function frontendScheme({
  group,
  settings,
}: Pick<GroupBuild, 'group' | 'settings'>): Scheme {
  const schemes = explicitValues(group.members, 'frontend-nlb-scheme');
  const [scheme] = schemes;
  if (scheme === undefined) return settings.defaultLoadBalancerScheme as Scheme;
  if (schemes.length > 1) throw new BuildError(`conflicting scheme: ${setText(schemes)}`);
  return checkedScheme(scheme);
}

async function ownGroups({ group, reads }: GroupBuild): Promise<readonly Token[] | undefined> {
  const named = agreedGroups(group.members, 'frontend-nlb-security-groups') ?? [];
  if (named.length === 0) return undefined;
  const found = await reads.securityGroups(named);
  if ('problem' in found) throw new BuildError(found.problem);
  return found.groupIds;
}

/** @throws BuildError  where members disagree, or addresses and subnets do not match */
export async function frontendSubnets(
  { group, reads }: Pick<GroupBuild, 'group' | 'reads'>,
  demand: SubnetDemand,
): Promise<readonly SubnetMappingSpec[]> {
  const listsOf = (suffix: string) =>
    group.members.flatMap((it) => {
      const list = alb.stringList(suffix, annotationsOf(it));
      return list === undefined ? [] : [list];
    });
  const named = agreedNames(listsOf('frontend-nlb-subnets'));
  const resolution: SubnetResolution = await (named === undefined
    ? reads.discoverSubnets(demand)
    : reads.namedSubnets(demand, named));
  if (resolution.kind === 'unresolved') throw new BuildError(resolution.text);
  const { subnets } = resolution;
  const allocations = agreedAllocations(listsOf('frontend-nlb-eip-allocations'), demand.scheme);
  if (allocations.length > 0 && allocations.length !== subnets.length) {
    throw new BuildError(
      `count of EIP allocations (${allocations.length}) and subnets (${subnets.length}) must match`,
    );
  }
  return subnets.map(({ subnetId }, i) => ({ allocationID: allocations[i], subnetID: subnetId }));
}

function agreedAllocations(
  lists: readonly (readonly string[])[],
  scheme: Scheme,
): readonly string[] {
  const [first, ...others] = lists;
  if (first === undefined) return [];
  if (scheme !== 'internet-facing') {
    throw new BuildError('EIP allocations can only be set for internet facing load balancers');
  }
  const other = others.find((it) => !isSameSet(it, first));
  if (other === undefined) return first;
  throw new BuildError(
    'all EIP allocations for the ingress group must be the same: ' +
      `${listText(first)} | ${listText(other)}`,
  );
}

/** The application load balancer's name cut short, with an end of its own. */
export function frontendName(
  build: Pick<GroupBuild, 'group' | 'settings'>,
  scheme: Scheme,
  albName: string,
): string {
  if (albName !== '') return `${albName.slice(0, NAME_MAX - SUFFIX.length)}${SUFFIX}`;
  // Only where the annotation load-balancer-name is there and empty.
  const digest = groupDigest(build, scheme);
  const { namespace = '', name } = build.group.id;
  const head = isExplicit(build.group.id)
    ? `${sanitized(name).slice(0, 16)}-${digest.slice(0, 8)}`
    : `${sanitized(namespace).slice(0, 8)}-${sanitized(name).slice(0, 8)}-${digest.slice(0, 6)}`;
  return `k8s-${head}${SUFFIX}`;
}

/** Its own tags, the same for every member that has any; else those of the load balancer behind. */
export function frontendTags({ group, settings }: Pick<GroupBuild, 'group' | 'settings'>): Tags {
  let tags: Tags | undefined;
  for (const member of group.members) {
    const own = alb.stringMap('frontend-nlb-tags', annotationsOf(member));
    if (own === undefined) continue;
    if (tags !== undefined && mapText(tags) !== mapText(own)) {
      throw new BuildError(`conflicting frontend NLB tags: ${mapText(tags)} | ${mapText(own)}`);
    }
    tags ??= own;
  }
  return tags ?? tagsOfMembers(group.members, settings);
}

/** After the first that has attributes every member must have the same ones. */
export function frontendAttributes(
  members: readonly ClassifiedIngress[],
): Readonly<Record<string, string>> | undefined {
  let chosen: Readonly<Record<string, string>> | undefined;
  for (const member of members) {
    const own = alb.stringMap('frontend-nlb-attributes', annotationsOf(member));
    if (chosen !== undefined && (own === undefined || mapText(chosen) !== mapText(own))) {
      throw new BuildError(
        `conflicting frontend NLB attributes: ${mapText(chosen)} | ${mapText(own ?? {})}`,
      );
    }
    chosen ??= own;
  }
  const policy = chosen?.[ROUTING_POLICY];
  if (policy !== undefined && !ROUTING_POLICIES.includes(policy)) {
    const among = `[${ROUTING_POLICIES.map((it) => `'${it}'`).join(', ')}]`;
    // The annotation it names is the one of Services: so upstream.
    throw new BuildError(
      `invalid ${ROUTING_POLICY} set in annotation aws-load-balancer-attributes: ` +
        `got '${policy}' expected one of ${among}`,
    );
  }
  return chosen;
}
