/**
 * load-balancer/security-groups/resolve-security-groups — security groups by what an annotation
 * calls them: an id, or the value of their Name tag.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/networking/security_group_resolver.go:38-146.
 */
import type { Filter } from '../../../cloud/ec2/operations.ts';
import { type AwsError, apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import type { SecurityGroup } from '../../../model/ec2/security-group.ts';

/** The call; an `Ec2` has it. */
export interface SecurityGroupReads {
  describeSecurityGroups(input: {
    readonly groupIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): Promise<readonly NamedGroup[] | AwsError>;
}

type NamedGroup = Pick<SecurityGroup, 'groupId' | 'tags'>;
type Found = { readonly groups: readonly NamedGroup[] } | { readonly problem: string };

/** Ids first, then the groups by name: not in the order of the annotation, as upstream. */
export async function resolveSecurityGroups(
  reads: SecurityGroupReads,
  vpcId: string,
  namesOrIds: readonly string[],
): Promise<{ readonly groupIds: readonly string[] } | { readonly problem: string }> {
  const ids = namesOrIds.filter((it) => it.startsWith('sg-'));
  const names = [...new Set(namesOrIds.filter((it) => !it.startsWith('sg-')))];
  const found = [await groupsById(reads, ids), await groupsByName(reads, vpcId, names)];
  const problems = found.flatMap((it) => ('problem' in it ? [it.problem] : []));
  if (problems.length > 0) {
    return { problem: `couldn't find all security groups: ${problems.join(', ')}` };
  }
  const groups = found.flatMap((it) => ('groups' in it ? it.groups : []));
  return { groupIds: groups.map(({ groupId }) => groupId) };
}

async function groupsById(reads: SecurityGroupReads, ids: readonly string[]): Promise<Found> {
  if (ids.length === 0) return { groups: [] };
  const groups = await reads.describeSecurityGroups({ groupIds: ids });
  if (isAwsError(groups)) return { problem: apiErrorText(groups) };
  if (groups.length === ids.length) return { groups };
  const found = groups.map(({ groupId }) => groupId).join(', ');
  return { problem: `requested ids [${ids.join(', ')}] but found [${found}]` };
}

async function groupsByName(
  reads: SecurityGroupReads,
  vpcId: string,
  names: readonly string[],
): Promise<Found> {
  if (names.length === 0) return { groups: [] };
  const groups = await reads.describeSecurityGroups({
    filters: [
      { name: 'tag:Name', values: names },
      { name: 'vpc-id', values: [vpcId] },
    ],
  });
  if (isAwsError(groups)) return { problem: apiErrorText(groups) };
  const found = [...new Set(groups.flatMap(({ tags }) => tags.Name ?? []))];
  if (found.length === names.length) return { groups };
  return { problem: `requested names [${names.join(', ')}] but found [${found.join(', ')}]` };
}
