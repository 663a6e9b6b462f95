/**
 * load-balancer/subnets/named-subnets — subnets by what an annotation calls them: an id, or the
 * value of their Name tag.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/networking/subnet_resolver.go:250-395. Several
 * subnets may share a name: each mention takes the next of them, by id.
 */
import { apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import type { CandidateSubnet, SubnetReads, SubnetRules } from './subnet-reads.ts';
import { idList } from './subnet-resolution.ts';

type Found = { readonly subnets: readonly CandidateSubnet[] } | { readonly problem: string };

const isId = (nameOrId: string): boolean => nameOrId.startsWith('subnet-');

/** The subnets as named, or which of them there is not. */
export async function subnetsByNameOrId(
  reads: SubnetReads,
  rules: SubnetRules,
  namesOrIds: readonly string[],
): Promise<Found> {
  const byId = await listByIds(reads, namesOrIds.filter(isId));
  if ('problem' in byId) return byId;
  const wantedNames = namesOrIds.filter((nameOrId) => !isId(nameOrId));
  const byName = await listByNames(reads, rules, wantedNames);
  if ('problem' in byName) return byName;

  const mentions = new Map<string, number>();
  const subnets: CandidateSubnet[] = [];
  for (const nameOrId of namesOrIds) {
    if (isId(nameOrId)) {
      const subnet = byId.subnets.find(({ subnetId }) => subnetId === nameOrId);
      if (subnet === undefined) return { problem: `subnet ID not found: ${nameOrId}` };
      subnets.push(subnet);
      continue;
    }
    const sharing = byName.subnets.filter(({ tags }) => tags.Name === nameOrId);
    const mention = mentions.get(nameOrId) ?? 0;
    const subnet = sharing[mention];
    if (subnet === undefined) {
      const asked = `subnet with Name tag "${nameOrId}" requested ${mention + 1} times`;
      const had = `only ${sharing.length} subnet(s) found with that name`;
      return { problem: `${asked} but ${had}` };
    }
    subnets.push(subnet);
    mentions.set(nameOrId, mention + 1);
  }
  return { subnets };
}

async function listByIds(reads: SubnetReads, subnetIds: readonly string[]): Promise<Found> {
  if (subnetIds.length === 0) return { subnets: [] };
  const subnets = await reads.describeSubnets({ subnetIds });
  if (isAwsError(subnets)) return { problem: apiErrorText(subnets) };
  if (subnets.length === subnetIds.length) return { subnets };
  const wanted = `want: [${subnetIds.join(' ')}], found: ${idList(subnets)}`;
  return { problem: `couldn't find all subnets, ${wanted}` };
}

async function listByNames(
  reads: SubnetReads,
  { vpcId }: SubnetRules,
  names: readonly string[],
): Promise<Found> {
  if (names.length === 0) return { subnets: [] };
  const distinct = [...new Set(names)];
  const subnets = await reads.describeSubnets({
    filters: [
      { name: 'vpc-id', values: [vpcId] },
      { name: 'tag:Name', values: distinct },
    ],
  });
  if (isAwsError(subnets)) return { problem: apiErrorText(subnets) };
  const missing = distinct.filter((name) => !subnets.some(({ tags }) => tags.Name === name));
  if (missing.length > 0) {
    return { problem: `couldn't find all subnets, missing names: [${missing.join(' ')}]` };
  }
  return { subnets: subnets.toSorted((one, other) => (one.subnetId < other.subnetId ? -1 : 1)) };
}
