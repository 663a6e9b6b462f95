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
import type { ReadyGroup } from './ready-group.ts';

export interface ZonesInService {
  readonly zones: readonly LoadBalancerZone[];
  readonly leftOut: readonly { readonly zoneName: string; readonly group: ReadyGroup }[];
}

/** The zones a name of the load balancer leads to. */
export function zonesInService(balancers: Balancers, balancer: ReadyBalancer): ZonesInService {
  const groups = groupsOf(balancers, balancer).filter(
    (group) => group.targets.length > 0 && !isCrossZone(balancer, group),
  );
  const leftOut = balancer.zones.flatMap(({ zoneName }) => {
    const group = groups.find((it) => !hasHealthy(it, zoneName));
    return group === undefined ? [] : [{ zoneName, group }];
  });
  if (leftOut.length === 0 || leftOut.length === balancer.zones.length)
    return { zones: balancer.zones, leftOut: [] };
  const zones = balancer.zones.filter(
    ({ zoneName }) => !leftOut.some((it) => it.zoneName === zoneName),
  );
  return { zones, leftOut };
}

const hasHealthy = ({ targets }: ReadyGroup, zoneName: string): boolean =>
  targets.some(
    ({ zone, health }) => (zone === undefined || zone === zoneName) && health.state === 'healthy',
  );

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
