/**
 * cloud/elbv2/target-use — whether a target is asked for at all: its group has to be used by a
 * listener or rule, and its zone by that load balancer. Health checks (the twin's) judge the rest.
 *
 * Codes and texts: ELB API 2015-12-01, TargetHealth.
 */
import type { Target, TargetHealth } from '../../model/elbv2/target-group.ts';
import { targetKeyOf } from '../../model/elbv2/target-group.ts';
import type { Region } from '../region.ts';
import { loadBalancersTo } from './forwards.ts';

const REGISTERING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};

const GROUP_UNUSED: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};

const ZONE_UNUSED: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target is in an Availability Zone that is not enabled for the load balancer',
};

/** Why a target is not used; undefined when it is. */
function unusedBecause(
  region: Region,
  { targetGroupArn, availabilityZone }: Target,
): TargetHealth | undefined {
  const arns = loadBalancersTo(region.store, targetGroupArn);
  if (arns.length === 0) return GROUP_UNUSED;
  if (availabilityZone === undefined || availabilityZone === 'all') return undefined;
  const isEnabled = arns.some((arn) =>
    region.store
      .get('elbv2/load-balancer', arn)
      ?.zones.some((zone) => zone.zoneName === availabilityZone),
  );
  return isEnabled ? undefined : ZONE_UNUSED;
}

/** What a target that is being registered says first. */
export const healthAtFirst = (region: Region, target: Target): TargetHealth =>
  unusedBecause(region, target) ?? REGISTERING;

/** Lets the targets of groups follow: unused ones that are used now begin, others end. */
export function followUse(region: Region, targetGroupArns: Iterable<string>): void {
  for (const arn of targetGroupArns) {
    for (const target of region.store.lookup('elbv2/target', 'target-group', arn)) {
      if (target.health.state === 'draining') continue;
      const unused = unusedBecause(region, target);
      const isUnused = target.health.state === 'unused';
      const health = unused ?? (isUnused ? REGISTERING : target.health);
      if (health.description === target.health.description) continue;
      region.store.put('elbv2/target', targetKeyOf(target), { ...target, health });
    }
  }
}
