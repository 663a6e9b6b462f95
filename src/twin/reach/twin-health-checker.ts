/**
 * twin/reach/twin-health-checker — health checks of a twin's load balancers, answered by the
 * datapath: each is a connection of its own from the load balancer's interface.
 *
 * Reads: target groups, targets, and everything a packet passes.
 */
import { type HealthFinding, healthCheckFlow } from '../../datapath/walk/health-check-flow.ts';
import type { HealthChecker } from '../../model/elbv2/health-checker.ts';
import type { Target, TargetHealth } from '../../model/elbv2/target-group.ts';
import type { Datapath } from '../datapath.ts';
import { BalancerNodeClasses } from './balancer-node-class.ts';

type TargetKey = Pick<Target, 'targetGroupArn' | 'id' | 'port'>;

export class TwinHealthChecker implements HealthChecker {
  readonly #datapath: () => Datapath;
  #classes: BalancerNodeClasses | undefined;

  /** @param datapath  made when the first check is walked */
  constructor(datapath: () => Datapath) {
    this.#datapath = datapath;
  }

  check(balancerKey: string, target: TargetKey): TargetHealth | undefined {
    const { store, world } = this.#datapath();
    this.#classes ??= new BalancerNodeClasses(store);
    const classes = this.#classes;
    const { targetGroupArn, id, port } = target;
    const question = { balancerKey, targetGroupArn, id, port };
    return healthCheckFlow(world, question, (zones) => classes.distinct(zones, id))?.health;
  }
}

/** A check with its walk: what a person is shown who asks why a target is unhealthy. */
export function healthFinding(
  { world }: Datapath,
  balancerKey: string,
  { targetGroupArn, id, port }: TargetKey,
): HealthFinding | undefined {
  return healthCheckFlow(world, { balancerKey, targetGroupArn, id, port });
}
