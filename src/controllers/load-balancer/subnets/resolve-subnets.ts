/**
 * load-balancer/subnets/resolve-subnets — the subnets of a load balancer: found by the role tag or
 * by their routes, by tags of a class, or named by id or Name tag.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/networking/subnet_resolver.go:171-454,507-529.
 * Reads EC2 only.
 */
import type { Filter } from '../../../cloud/ec2/operations.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { RouteTable } from '../../../model/ec2/route-table.ts';
import type { Scheme } from '../../../model/elbv2/load-balancer.ts';
import { subnetsByNameOrId } from './named-subnets.ts';
import { considerCandidates, needsIpv6 } from './subnet-eligibility.ts';
import type { CandidateSubnet, SubnetDemand, SubnetReads, SubnetRules } from './subnet-reads.ts';
import {
  type ConsideredSubnet,
  idList,
  type SubnetFate,
  type SubnetResolution,
  type SubnetSource,
  unlisted,
  unresolved,
} from './subnet-resolution.ts';
import { chosenProblem, namedProblem } from './subnet-validation.ts';

/** The tag that offers a subnet to load balancers of a scheme. */
export const roleTag = (scheme: Scheme): string =>
  scheme === 'internal' ? 'kubernetes.io/role/internal-elb' : 'kubernetes.io/role/elb';

const inVpc = ({ vpcId }: SubnetRules): Filter => ({ name: 'vpc-id', values: [vpcId] });

/** Subnets nobody named: with the role tag, or where there are none such, by their routes. */
export async function discoverSubnets(
  reads: SubnetReads,
  rules: SubnetRules,
  demand: SubnetDemand,
): Promise<SubnetResolution> {
  const tagged = await reads.describeSubnets({
    filters: [inVpc(rules), { name: `tag:${roleTag(demand.scheme)}`, values: ['', '1'] }],
  });
  if (isAwsError(tagged)) {
    return unlisted('role-tag', 'failed to list subnets by role tag', tagged);
  }
  if (tagged.length > 0 || !rules.featureGates.SubnetDiscoveryByReachability) {
    return choose(reads, 'role-tag', tagged, rules, demand);
  }
  return discoverByReachability(reads, rules, demand);
}

async function discoverByReachability(
  reads: SubnetReads,
  rules: SubnetRules,
  demand: SubnetDemand,
): Promise<SubnetResolution> {
  const tried = 'failed to list subnets by reachability';
  const filters = [inVpc(rules)];
  const subnets = await reads.describeSubnets({ filters });
  if (isAwsError(subnets)) return unlisted('reachability', tried, subnets);
  const tables = await reads.describeRouteTables({ filters });
  if (isAwsError(tables)) return unlisted('reachability', tried, tables);
  const isWanted = (subnet: CandidateSubnet): boolean =>
    hasInternetGateway(subnet, tables) === (demand.scheme === 'internet-facing');
  return choose(reads, 'reachability', subnets.filter(isWanted), rules, demand);
}

/** Subnets of an IngressClassParams: by ids, or by tags, each tag with the values it may have. */
export async function selectSubnets(
  reads: SubnetReads,
  rules: SubnetRules,
  demand: SubnetDemand,
  selector: {
    readonly ids?: readonly string[] | undefined;
    readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
  },
): Promise<SubnetResolution> {
  const { ids = [], tags = {} } = selector;
  if (ids.length > 0) {
    const found = await reads.describeSubnets({ subnetIds: ids });
    const tried = 'failed to list subnets by IDs';
    if (isAwsError(found)) return unlisted('named', tried, found);
    if (found.length !== ids.length) {
      const text = `couldn't find all subnets, want: [${ids.join(' ')}], found: ${idList(found)}`;
      return unresolved('named', `${tried}: ${text}`);
    }
    return named(reads, found, rules, demand);
  }
  const byTag = Object.entries(tags).map(([key, values]) => ({ name: `tag:${key}`, values }));
  const found = await reads.describeSubnets({ filters: [inVpc(rules), ...byTag] });
  if (isAwsError(found)) return unlisted('tags', 'failed to list subnets by tag filters', found);
  return choose(reads, 'tags', found, rules, demand);
}

/** Subnets by id or by Name tag, in the order they were named. */
export async function resolveNamedSubnets(
  reads: SubnetReads,
  rules: SubnetRules,
  demand: SubnetDemand,
  namesOrIds: readonly string[],
): Promise<SubnetResolution> {
  const found = await subnetsByNameOrId(reads, rules, namesOrIds);
  if ('problem' in found) {
    return unresolved('named', `failed to list subnets by names or IDs: ${found.problem}`);
  }
  return named(reads, found.subnets, rules, demand);
}

async function named(
  reads: SubnetReads,
  subnets: readonly CandidateSubnet[],
  rules: SubnetRules,
  demand: SubnetDemand,
): Promise<SubnetResolution> {
  const considered = subnets.map((subnet): ConsideredSubnet => {
    return { subnet, fate: 'chosen', reason: 'named' };
  });
  const problem = await namedProblem(reads, subnets, rules, demand);
  if (problem !== undefined) return unresolved('named', problem, considered);
  return { kind: 'subnets', source: 'named', subnets, considered };
}

/** One of each zone's candidates, or the sum of what spoke against them. */
async function choose(
  reads: SubnetReads,
  source: SubnetSource,
  candidates: readonly CandidateSubnet[],
  rules: SubnetRules,
  demand: SubnetDemand,
): Promise<SubnetResolution> {
  const considered = considerCandidates(candidates, rules, demand);
  const subnets = considered
    .filter(({ fate }) => fate === 'chosen')
    .map(({ subnet }) => subnet)
    .sort((one, other) => (one.subnetId < other.subnetId ? -1 : 1));
  if (subnets.length === 0) return unresolved(source, noneLeft(considered, demand), considered);
  const problem = await chosenProblem(reads, subnets, rules, demand);
  if (problem !== undefined) return unresolved(source, problem, considered);
  return { kind: 'subnets', source, subnets, considered };
}

function noneLeft(considered: readonly ConsideredSubnet[], demand: SubnetDemand): string {
  const count = (wanted: SubnetFate): number =>
    considered.filter(({ fate }) => fate === wanted).length;
  const evaluated = `unable to resolve at least one subnet. Evaluated ${considered.length} subnets`;
  const others = `${count('other-cluster')} are tagged for other clusters`;
  const full = `${count('few-addresses')} have insufficient available IP addresses`;
  // IPv4's text stays as it was before the controller knew of IPv6.
  if (!needsIpv6(demand)) return `${evaluated}: ${others}, and ${full}`;
  const without = `${count('no-ipv6')} don't have an associated IPv6 CIDR block`;
  const needed = `which is required for ${demand.ipAddressType} load balancers`;
  return `${evaluated}: ${others}, ${full}, and ${without}, ${needed}`;
}

/** True for a subnet whose route table has a route to an internet gateway. */
export function hasInternetGateway(
  { subnetId }: { readonly subnetId: string },
  tables: readonly RouteTable[],
): boolean {
  const own = tables.find((table) => table.associations.some((it) => it.subnetId === subnetId));
  const table = own ?? tables.find((it) => it.associations.some(({ main }) => main));
  return table?.routes.some(({ target }) => target.kind === 'internet-gateway') ?? false;
}
