/**
 * load-balancer/subnets/subnet-validation — what must hold of the subnets together: one per zone,
 * one sort of zone, enough of them, IPv6 where it is needed.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/networking/subnet_resolver.go:456-505,669-745.
 */
import { type AwsError, apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import { needsIpv6 } from './subnet-eligibility.ts';
import type { CandidateSubnet, SubnetDemand, SubnetReads, SubnetRules } from './subnet-reads.ts';
import { idList } from './subnet-resolution.ts';

const ZONE_TYPES: readonly string[] = ['availability-zone', 'local-zone', 'wavelength-zone'];

/** What is wrong with subnets that discovery chose. */
export async function chosenProblem(
  reads: SubnetReads,
  subnets: readonly CandidateSubnet[],
  rules: SubnetRules,
  demand: SubnetDemand,
): Promise<string | undefined> {
  const locales = new Set<string>();
  for (const subnet of subnets) {
    const locale = await localeOf(reads, subnet);
    if (typeof locale !== 'string') return locale.problem;
    locales.add(locale);
  }
  if (locales.size > 1) return `subnets in multiple locales: [${[...locales].sort().join(' ')}]`;
  const needsTwo =
    demand.type === 'application' &&
    locales.has('availability-zone') &&
    !rules.featureGates.ALBSingleSubnet;
  const least = needsTwo ? 2 : 1;
  if (subnets.length >= least) return undefined;
  return `subnets count less than minimal required count: ${subnets.length} < ${least}`;
}

/** What is wrong with subnets that somebody named. */
export async function namedProblem(
  reads: SubnetReads,
  subnets: readonly CandidateSubnet[],
  rules: SubnetRules,
  demand: SubnetDemand,
): Promise<string | undefined> {
  if (subnets.length === 0) return 'unable to resolve at least one subnet';
  for (const { availabilityZone: zone } of subnets) {
    const sharing = subnets.filter((it) => it.availabilityZone === zone);
    if (sharing.length < 2) continue;
    return `multiple subnets in same Availability Zone ${zone}: ${idList(sharing)}`;
  }
  const problem = await chosenProblem(reads, subnets, rules, demand);
  if (problem !== undefined || !needsIpv6(demand)) return problem;
  const without = subnets.filter(({ ipv6CidrBlock }) => ipv6CidrBlock === undefined);
  if (without.length === 0) return undefined;
  const needed = `which is required for ${demand.ipAddressType} load balancers`;
  return `subnets ${idList(without)} do not have an associated IPv6 CIDR block, ${needed}`;
}

/** Which sort of place a subnet is in; two sorts never share a load balancer. */
export async function localeOf(
  reads: SubnetReads,
  subnet: CandidateSubnet,
): Promise<string | { readonly problem: string }> {
  if (subnet.outpostArn) return 'outpost';
  const zoneType: string | AwsError = await reads.zoneType(subnet.availabilityZoneId);
  if (isAwsError(zoneType)) return { problem: apiErrorText(zoneType) };
  if (ZONE_TYPES.includes(zoneType)) return zoneType;
  return { problem: `unknown zone type for subnet ${subnet.subnetId}: ${zoneType}` };
}
