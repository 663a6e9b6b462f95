/**
 * cloud/under-way — what AWS was about to do when a store was left: load balancers in the making,
 * targets that drain, interfaces that outlive their load balancer. A cloud over that store goes on
 * with it.
 */
import { removeWhenDue } from './elbv2/load-balancer-interfaces.ts';
import { becomeActive } from './elbv2/new-load-balancer.ts';
import { removeDrained } from './elbv2/target-actions.ts';
import type { Region } from './region.ts';

/** Sets the clock for everything that has a time to happen at. */
export function goOnWith(region: Region): void {
  const { store } = region;
  for (const balancer of store.list('elbv2/load-balancer'))
    if (balancer.state === 'provisioning') becomeActive(region, balancer);
  for (const target of store.list('elbv2/target')) removeDrained(region, target);
  for (const eni of store.list('ec2/network-interface')) removeWhenDue(region, eni);
}
