/**
 * controllers/in-tree-load-balancer/delete-balancer — a load balancer taken away with everything
 * that was made for it.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:3277-3396.
 */
import type { ClassicLoadBalancer, LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { deleteGroups, firstGroup, groupsToDelete } from './balancer-groups.ts';
import { reconcileClassicNodeRules } from './classic-node-rules.ts';
import { reconcileNetworkNodeRules } from './network-node-rules.ts';
import { balancerName, type Provider } from './provider.ts';
import { must, ProviderError } from './provider-error.ts';

/** First what nodes let in, then the load balancer, at last its group. */
export async function deleteClassicBalancer(
  provider: Provider,
  service: Service,
  balancer: ClassicLoadBalancer,
): Promise<void> {
  const { loadBalancerName, securityGroups } = balancer;
  const groups = await groupsToDelete(provider, service, securityGroups);
  const isGoing = groups.has(firstGroup(service, securityGroups) ?? '');
  await reconcileClassicNodeRules(provider, service, balancer, [], isGoing);
  must(await provider.classicElb.deleteLoadBalancer({ loadBalancerName }));
  await deleteGroups(provider, service.metadata.name, groups);
}

/** First the load balancer, then its target groups, then what nodes let in. */
export async function deleteNetworkBalancer(
  provider: Provider,
  service: Service,
  balancer: LoadBalancer,
): Promise<void> {
  const { elbv2 } = provider;
  const { loadBalancerArn, securityGroups } = balancer;
  const targetGroups = must(
    await elbv2.describeTargetGroups({ loadBalancerArn }),
    'error listing target groups before deleting load balancer',
  );
  const groups =
    securityGroups.length > 0
      ? await groupsToDelete(provider, service, securityGroups)
      : new Set<string>();
  const name = balancerName(service);
  must(
    await elbv2.deleteLoadBalancer({ loadBalancerArn }),
    `error deleting load balancer "${name}"`,
  );
  for (const { targetGroupArn } of targetGroups) {
    must(
      await elbv2.deleteTargetGroup({ targetGroupArn }),
      'error deleting target groups after deleting load balancer',
    );
  }
  try {
    await reconcileNetworkNodeRules(provider, name);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const text = `error deleting instance security group rules: ${error.message}`;
    throw new ProviderError(text, error.code);
  }
  await deleteGroups(provider, service.metadata.name, groups);
}
