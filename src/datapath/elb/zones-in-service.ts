/**
 * datapath/elb/zones-in-service — which of a load balancer's nodes its name stands for: a zone
 * whose node has no healthy target to send to is left out, unless that would leave none.
 *
 * Source: Elastic Load Balancing, "Target group health" (unhealthy state actions, DNS failover).
 */
import type { LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import type { Element } from '../trace.ts';
import type { Balancers } from './balancers.ts';
import { isCrossZone } from './candidates.ts';
import type { ReadyBalancer } from './ready-balancer.ts';
import type { ReadyGroup, ReadyTarget } from './ready-group.ts';

export interface ZonesInService {
  readonly zones: readonly LoadBalancerZone[];
  readonly leftOut: readonly { readonly zoneName: string; readonly group: ReadyGroup }[];
  /** The groups that zones are judged by, and the targets that keep one in. */
  readonly evidence: readonly Element[];
}

/** The zones a name of the load balancer leads to. */
export function zonesInService(balancers: Balancers, balancer: ReadyBalancer): ZonesInService {
  const uses = usesOf(balancers, balancer).filter(({ group }) => !isCrossZone(balancer, group));
  const groups = [...new Set(uses.map(({ group }) => group))];
  const evidence = [
    ...uses.map(({ by }) => by),
    ...groups.flatMap(({ element, targets }) => {
      const healthy = targets.filter(({ health }) => health.state === 'healthy');
      return [element, ...(healthy.length > 0 ? healthy : targets).map((it) => it.element)];
    }),
  ];
  const leftOut = balancer.zones.flatMap(({ zoneName }) => {
    const group = groups.find(
      ({ targets }) => targets.length > 0 && !targets.some((it) => isHealthyIn(it, zoneName)),
    );
    return group === undefined ? [] : [{ zoneName, group }];
  });
  if (leftOut.length === 0 || leftOut.length === balancer.zones.length)
    return { zones: balancer.zones, leftOut: [], evidence };
  const zones = balancer.zones.filter(
    ({ zoneName }) => !leftOut.some((it) => it.zoneName === zoneName),
  );
  return { zones, leftOut, evidence };
}

const isHealthyIn = ({ zone, health }: ReadyTarget, zoneName: string): boolean =>
  (zone === undefined || zone === zoneName) && health.state === 'healthy';

/** Every group that a listener or a rule of the load balancer forwards to, by which of them. */
function usesOf(
  balancers: Balancers,
  { listeners }: ReadyBalancer,
): readonly { readonly group: ReadyGroup; readonly by: Element }[] {
  const actions = listeners.flatMap(({ rules, defaultRule }) =>
    [...rules, defaultRule].flatMap((rule) =>
      rule.actions.map((action) => ({ action, by: rule.element })),
    ),
  );
  return actions.flatMap(({ action, by }) =>
    action.type === 'forward'
      ? action.targetGroups.flatMap(({ targetGroupArn }) => {
          const group = balancers.group(targetGroupArn);
          return group === undefined ? [] : [{ group, by }];
        })
      : [],
  );
}
