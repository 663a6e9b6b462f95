/** cloud/elbv2/forwards — which load balancers forward to a target group, and to which one does. */
import type { Listener, ListenerRule } from '../../model/elbv2/listener.ts';
import { targetGroupsOf } from '../../model/elbv2/listener.ts';
import type { TwinStore } from '../../model/kinds.ts';

const listenersTo = (store: TwinStore, targetGroupArn: string): readonly Listener[] =>
  store.lookup('elbv2/listener', 'target-group', targetGroupArn);
const rulesTo = (store: TwinStore, targetGroupArn: string): readonly ListenerRule[] =>
  store.lookup('elbv2/rule', 'target-group', targetGroupArn);

/** The load balancers whose listeners and rules forward to the group. */
export function loadBalancersTo(store: TwinStore, targetGroupArn: string): readonly string[] {
  const found = new Set(listenersTo(store, targetGroupArn).map((it) => it.loadBalancerArn));
  for (const { listenerArn } of rulesTo(store, targetGroupArn)) {
    const listener = store.get('elbv2/listener', listenerArn);
    if (listener !== undefined) found.add(listener.loadBalancerArn);
  }
  return [...found];
}

/** The groups a load balancer's listeners and rules forward to, each once. */
export function groupsForwardedTo(store: TwinStore, loadBalancerArn: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const listener of store.lookup('elbv2/listener', 'load-balancer', loadBalancerArn)) {
    for (const arn of targetGroupsOf(listener.defaultActions)) found.add(arn);
    for (const rule of store.lookup('elbv2/rule', 'listener', listener.listenerArn))
      for (const arn of targetGroupsOf(rule.actions)) found.add(arn);
  }
  return found;
}
