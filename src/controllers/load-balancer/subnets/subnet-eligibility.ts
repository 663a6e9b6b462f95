/**
 * load-balancer/subnets/subnet-eligibility — of the candidates, which may carry a load balancer,
 * and which one of each zone does.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/networking/subnet_resolver.go:531-667.
 */
import type { CandidateSubnet, SubnetDemand, SubnetRules } from './subnet-reads.ts';
import type { ConsideredSubnet, SubnetFate } from './subnet-resolution.ts';

/** subnet_resolver.go:42: both kinds of load balancer want as many free. */
const LEAST_FREE_ADDRESSES = 8;
const CLUSTER_TAG_PREFIX = 'kubernetes.io/cluster';

const ownTag = ({ clusterName }: SubnetRules): string => `${CLUSTER_TAG_PREFIX}/${clusterName}`;

/** True where every subnet of the load balancer must have an IPv6 block. */
export const needsIpv6 = ({ ipAddressType }: SubnetDemand): boolean => ipAddressType !== 'ipv4';

/** The candidates, each with what became of it; the chosen ones are one per zone. */
export function considerCandidates(
  candidates: readonly CandidateSubnet[],
  rules: SubnetRules,
  demand: SubnetDemand,
): readonly ConsideredSubnet[] {
  const refusals = candidates.map((subnet) => refusalOf(subnet, rules, demand));
  const taken = new Map<string, CandidateSubnet>();
  for (const [i, subnet] of candidates.entries()) {
    if (refusals[i] !== undefined) continue;
    const rival = taken.get(subnet.availabilityZone);
    if (rival === undefined || comesFirst(subnet, rival, rules)) {
      taken.set(subnet.availabilityZone, subnet);
    }
  }
  return candidates.map((subnet, i) => {
    const refusal = refusals[i];
    if (refusal !== undefined) return { subnet, ...refusal };
    const winner = taken.get(subnet.availabilityZone)!;
    return winner === subnet ? chosen(subnet) : { subnet, ...outdone(subnet, winner, rules) };
  });
}

const chosen = (subnet: CandidateSubnet): ConsideredSubnet => ({
  subnet,
  fate: 'chosen',
  reason: `chosen for ${subnet.availabilityZone}`,
});

type Refusal = { readonly fate: SubnetFate; readonly reason: string };

/** The first thing that speaks against a subnet. */
function refusalOf(
  subnet: CandidateSubnet,
  rules: SubnetRules,
  demand: SubnetDemand,
): Refusal | undefined {
  const foreign = Object.keys(subnet.tags).filter((key) => key.startsWith(CLUSTER_TAG_PREFIX));
  const isForeign = foreign.length > 0 && subnet.tags[ownTag(rules)] === undefined;
  if (rules.featureGates.SubnetsClusterTagCheck && isForeign) {
    const reason = `tagged for another cluster: ${foreign.join(', ')}`;
    return { fate: 'other-cluster', reason };
  }
  const free = subnet.availableIpAddressCount;
  if (free < LEAST_FREE_ADDRESSES) {
    const reason = `${free} free addresses, ${LEAST_FREE_ADDRESSES} are needed`;
    return { fate: 'few-addresses', reason };
  }
  if (needsIpv6(demand) && subnet.ipv6CidrBlock === undefined) {
    return { fate: 'no-ipv6', reason: `no IPv6 block, ${demand.ipAddressType} needs one` };
  }
  return undefined;
}

/** This cluster's tag first, then the lower id. */
function comesFirst(one: CandidateSubnet, other: CandidateSubnet, rules: SubnetRules): boolean {
  const oneIsOwn = one.tags[ownTag(rules)] !== undefined;
  const otherIsOwn = other.tags[ownTag(rules)] !== undefined;
  return oneIsOwn === otherIsOwn ? one.subnetId < other.subnetId : oneIsOwn;
}

function outdone(subnet: CandidateSubnet, winner: CandidateSubnet, rules: SubnetRules): Refusal {
  const tag = ownTag(rules);
  const isByTag = (winner.tags[tag] === undefined) !== (subnet.tags[tag] === undefined);
  const why = isByTag ? `has the tag ${tag}` : 'has the lower id';
  const reason = `${subnet.availabilityZone} went to ${winner.subnetId}, which ${why}`;
  return { fate: 'zone-taken', reason };
}
