/**
 * controllers/in-tree-load-balancer/node-groups — the security group of a node that lets load
 * balancers in: the only one it has, or the only one with the cluster's tag.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:2906-2975.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { SecurityGroup } from '../../model/ec2/security-group.ts';
import { hasClusterTag, type Provider } from './provider.ts';
import { must, ProviderError } from './provider-error.ts';

/** Every group with the cluster's tag, by id. */
export async function taggedGroups(
  provider: Provider,
): Promise<ReadonlyMap<string, SecurityGroup>> {
  const groups = must(
    await provider.ec2.describeSecurityGroups({}),
    'error querying for tagged security groups',
  );
  const tagged = groups.filter(({ tags }) => hasClusterTag(provider, tags));
  return new Map(tagged.map((group) => [group.groupId, group]));
}

/**
 * The groups of the instances, one each.
 *
 * @throws ProviderError  where an instance has several that could be it
 */
export function instanceGroups(
  provider: Provider,
  instances: readonly Instance[],
  tagged: ReadonlyMap<string, SecurityGroup>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const instance of instances) {
    const group = groupOf(provider, instance, tagged);
    if (group !== undefined) found.add(group);
  }
  return found;
}

function groupOf(
  { store }: Provider,
  { instanceId }: Instance,
  tagged: ReadonlyMap<string, SecurityGroup>,
): string | undefined {
  // DescribeInstances shows the groups of the first interface.
  const primary = store
    .lookup('ec2/network-interface', 'instance', instanceId)
    .find(({ attachment }) => attachment?.deviceIndex === 0);
  const groups = primary?.groups ?? [];
  const ours = groups.filter((groupId) => tagged.has(groupId));
  if (ours.length > 1) {
    const named = ours.map((groupId) => `${groupId}(${tagged.get(groupId)!.groupName}) `).join('');
    throw new ProviderError(
      `Multiple tagged security groups found for instance ${instanceId}; ensure only the k8s ` +
        `security group is tagged; the tagged groups were ${named}`,
    );
  }
  if (ours.length === 1) return ours[0];
  if (groups.length > 1) {
    throw new ProviderError(
      `Multiple untagged security groups found for instance ${instanceId}; ensure the k8s ` +
        'security group is tagged',
    );
  }
  return groups[0];
}
