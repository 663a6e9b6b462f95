/**
 * controllers/in-tree-load-balancer/classic-node-rules — nodes let a Classic load balancer in: one
 * rule for everything from its security group, on the group of every node.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:2978-3100.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { SecurityGroup } from '../../model/ec2/security-group.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { firstGroup, groupsLettingIn } from './balancer-groups.ts';
import { addRules, allFromGroup, removeRules } from './group-rules.ts';
import { instanceGroups, taggedGroups } from './node-groups.ts';
import { hasClusterTag, type Provider } from './provider.ts';
import { ProviderError } from './provider-error.ts';

/**
 * Adds the rule where nodes are, and takes it away where none are any more.
 *
 * @param isGoing  the load balancer's group is about to be deleted: every rule for it goes
 */
export async function reconcileClassicNodeRules(
  provider: Provider,
  service: Service,
  balancer: ClassicLoadBalancer,
  instances: readonly Instance[],
  isGoing = false,
): Promise<void> {
  const source = firstGroup(service, balancer.securityGroups);
  if (source === undefined) {
    const name = balancer.loadBalancerName;
    throw new ProviderError(`could not determine security group for load balancer: ${name}`);
  }
  const rule = [allFromGroup(source as SecurityGroup['groupId'])];
  const tagged = await taggedGroups(provider);
  const current = await groupsLettingIn(provider, source);
  const wanted = instanceGroups(provider, instances, tagged);
  const has = new Set<string>(current.map(({ groupId }) => groupId));
  for (const groupId of wanted) if (!has.has(groupId)) await addRules(provider, groupId, rule);
  for (const { groupId, tags } of current) {
    if (wanted.has(groupId) || !(hasClusterTag(provider, tags) || isGoing)) continue;
    await removeRules(provider, groupId, rule);
  }
}
