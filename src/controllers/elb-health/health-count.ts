/**
 * controllers/elb-health/health-count — one target's checks counted: when it becomes healthy, when
 * it stops to be, and what is said of it until then.
 *
 * Source: Elastic Load Balancing, "Health checks for your target groups": a target that is new has
 * to pass one check; one that was unhealthy as many in a row as the healthy threshold says, and it
 * takes as many failures in a row as the unhealthy threshold says to take it out. Pure.
 */
import type { HealthCheck, TargetHealth } from '../../model/elbv2/target-group.ts';

/** Checks in a row with the same outcome. */
export interface HealthCount {
  readonly passes: number;
  readonly failures: number;
}

export const NO_CHECKS: HealthCount = { passes: 0, failures: 0 };

/** ELB API 2015-12-01 TargetHealth: the check that decides is still to come. */
const CHECKING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
};

/** The count after one more check. */
export const counted = ({ passes, failures }: HealthCount, finding: TargetHealth): HealthCount =>
  finding.state === 'healthy'
    ? { passes: passes + 1, failures: 0 }
    : { passes: 0, failures: failures + 1 };

/** What a target is after a check. @param count  with that check */
export function healthAfter(
  before: TargetHealth,
  count: HealthCount,
  finding: TargetHealth,
  { healthyThresholdCount, unhealthyThresholdCount }: HealthCheck,
): TargetHealth {
  const isNew = before.state !== 'healthy' && before.state !== 'unhealthy';
  if (finding.state === 'healthy') {
    const needed = isNew ? 1 : healthyThresholdCount;
    return before.state === 'healthy' || count.passes >= needed ? finding : before;
  }
  if (before.state === 'unhealthy' || count.failures >= unhealthyThresholdCount) return finding;
  return isNew ? CHECKING : before;
}

/** Another check like the last one would change nothing. */
export const isSettled = (health: TargetHealth, finding: TargetHealth): boolean =>
  health.state === finding.state && health.reason === finding.reason;
