/** cloud/elbv2/target-quota — how many targets a group and a load balancer may have. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import { type Target, type TargetGroup, targetKeyOf } from '../../model/elbv2/target-group.ts';
import type { Region } from '../region.ts';
import { groupsForwardedTo, loadBalancersTo } from './forwards.ts';

/** Refuses targets that would be too many for the group or its load balancer. */
export function targetQuotaRefusal(
  region: Region,
  { targetGroupArn }: TargetGroup,
  added: readonly Target[],
): AwsError | undefined {
  const { store, quotas } = region;
  const count = (arn: string) => store.lookupKeys('elbv2/target', 'target-group', arn).size;
  const draining = added.filter(
    (it) => store.get('elbv2/target', targetKeyOf(it)) !== undefined,
  ).length;
  const more = added.length - draining;
  if (more === 0) return undefined;
  if (count(targetGroupArn) + more > quotas.targetsPerTargetGroup)
    return awsError(
      'TooManyTargets',
      `The maximum number of targets per target group '${quotas.targetsPerTargetGroup}' has been ` +
        `reached on target group '${targetGroupArn}'`,
    );
  for (const arn of loadBalancersTo(store, targetGroupArn)) {
    const refusal = balancerTargetRefusal(region, arn, more);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/**
 * Refuses what would give a load balancer too many targets (text: kubernetes/kubernetes#86441).
 *
 * @param more    targets besides those of the groups it forwards to
 * @param groups  groups it is about to forward to as well
 */
export function balancerTargetRefusal(
  { store, quotas }: Region,
  loadBalancerArn: string,
  more: number,
  groups: readonly string[] = [],
): AwsError | undefined {
  const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
  if (balancer === undefined) return undefined;
  const limit =
    balancer.type === 'application'
      ? quotas.targetsPerApplicationLoadBalancer
      : quotas.targetsPerNetworkLoadBalancer;
  let count = more;
  for (const arn of new Set([...groupsForwardedTo(store, loadBalancerArn), ...groups]))
    count += store.lookupKeys('elbv2/target', 'target-group', arn).size;
  if (count <= limit) return undefined;
  return awsError(
    'TooManyTargets',
    `The maximum number of targets per load balancer '${limit}' has been reached on load ` +
      `balancer '${loadBalancerArn}'`,
  );
}
