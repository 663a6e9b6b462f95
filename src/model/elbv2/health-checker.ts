/**
 * model/elbv2/health-checker — what a load balancer's health check of a target finds. Whoever keeps
 * targets' health is given one; who walks the packets is none of theirs.
 */
import type { Target, TargetHealth } from './target-group.ts';

export interface HealthChecker {
  /**
   * What the load balancer's nodes find when they ask the target now: healthy, or unhealthy with
   * AWS's reason and description. A single check: thresholds and time are the asker's.
   *
   * @param balancerKey  an ARN, or the name of a Classic Load Balancer
   * @returns undefined where nobody asks: the group, the load balancer or the target is not there
   */
  check(
    balancerKey: string,
    target: Pick<Target, 'targetGroupArn' | 'id' | 'port'>,
  ): TargetHealth | undefined;
}
