/** controllers/elb-health/health-checks — AWS's health checks of every sort, started together. */
import type { TargetHealthWriter } from '../../cloud/elbv2/target-actions.ts';
import type { HealthChecker } from '../../model/elbv2/health-checker.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock } from '../../sim/clock.ts';
import { ClassicHealth } from './classic-health.ts';
import { ElbHealth } from './elb-health.ts';

/** Checks from now on; what is known already stays known until something changes. */
export function startHealthChecks(
  clock: Clock,
  store: TwinStore,
  checker: HealthChecker,
  writer: TargetHealthWriter,
): { stop(): void } {
  const checks = [
    new ElbHealth(clock, store, checker, writer),
    new ClassicHealth(clock, store, checker, writer),
  ];
  return {
    stop: () => {
      for (const it of checks) it.stop();
    },
  };
}
