/**
 * datapath/elb/zones-in-service — which of a load balancer's nodes its name stands for: a zone
 * whose node has no healthy target to send to is left out, unless that would leave none.
 *
 * Source: Elastic Load Balancing, "Target group health" (unhealthy state actions, DNS failover).
 */
import type { LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import type { Balancers } from './balancers.ts';
import { isCrossZone } from './candidates.ts';
import type { ReadyBalancer } from './ready-balancer.ts';
import type { ReadyGroup, ReadyTarget } from './ready-group.ts';

export interface ZonesInService {
  readonly zones: readonly LoadBalancerZone[];
  readonly leftOut: readonly { readonly zoneName: string; readonly group: ReadyGroup }[];
  /** Targets without any one of which the answer is another. */
  readonly deciding: readonly ReadyTarget[];
}

/** The zones a name of the load balancer leads to. */
export function zonesInService(balancers: Balancers, balancer: ReadyBalancer): ZonesInService {
  const groups = groupsOf(balancers, balancer).filter((it) => !isCrossZone(balancer, it));
  const leftOut = leftOutOf(balancer, groups, undefined);
  const named = leftOut.map(({ zoneName }) => zoneName);
  const deciding = groups.flatMap((group) =>
    lonely(balancer, group).filter((target) => {
      const others = leftOutOf(balancer, groups, target).map(({ zoneName }) => zoneName);
      return others.join() !== named.join();
    }),
  );
  const zones = balancer.zones.filter(({ zoneName }) => !named.includes(zoneName));
  return { zones, leftOut, deciding };
}

/** Targets that nothing of their group stands in for: alone, or alone healthy in a zone. */
function lonely({ zones }: ReadyBalancer, { targets }: ReadyGroup): readonly ReadyTarget[] {
  if (targets.length === 1) return targets;
  const alone = zones.flatMap(({ zoneName }) => {
    const healthy = targets.filter((it) => isHealthyIn(it, zoneName));
    return healthy.length === 1 ? healthy : [];
  });
  return [...new Set(alone)];
}

/** Zones without a healthy target of some group; none where that would be all. */
function leftOutOf(
  { zones }: ReadyBalancer,
  groups: readonly ReadyGroup[],
  without: ReadyTarget | undefined,
): ZonesInService['leftOut'] {
  const leftOut = zones.flatMap(({ zoneName }) => {
    const group = groups.find(({ targets }) => {
      const left = targets.filter((it) => it !== without);
      return left.length > 0 && !left.some((it) => isHealthyIn(it, zoneName));
    });
    return group === undefined ? [] : [{ zoneName, group }];
  });
  return leftOut.length === zones.length ? [] : leftOut;
}

const isHealthyIn = ({ zone, health }: ReadyTarget, zoneName: string): boolean =>
  (zone === undefined || zone === zoneName) && health.state === 'healthy';

/** Every group that a listener or a rule of the load balancer forwards to. */
export function groupsOf(
  balancers: Balancers,
  { listeners }: ReadyBalancer,
): readonly ReadyGroup[] {
  const arns = new Set<string>();
  for (const { rules, defaultRule } of listeners)
    for (const { actions } of [...rules, defaultRule])
      for (const action of actions)
        if (action.type === 'forward')
          for (const { targetGroupArn } of action.targetGroups) arns.add(targetGroupArn);
  return [...arns].flatMap((arn) => balancers.group(arn) ?? []);
}
