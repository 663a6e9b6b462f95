/** analysis/load-balancer/target-groups — the target groups that a load balancer may send to. */
import type { TwinStore } from '../../model/kinds.ts';
import type { ListenerAction } from '../../model/elbv2/listener.ts';

/** ARNs, each once, in the order of listeners' ports and rules' priorities. */
export function targetGroupArnsOf(store: TwinStore, loadBalancerArn: string): readonly string[] {
  const listeners = store
    .lookup('elbv2/listener', 'load-balancer', loadBalancerArn)
    .sort((a, b) => a.port - b.port);
  const arns = listeners.flatMap(({ listenerArn, defaultActions }) => {
    const rules = store
      .lookup('elbv2/rule', 'listener', listenerArn)
      .sort((a, b) => a.priority - b.priority);
    return [...rules.flatMap(({ actions }) => forwarded(actions)), ...forwarded(defaultActions)];
  });
  return [...new Set(arns)];
}

const forwarded = (actions: readonly ListenerAction[]): string[] =>
  actions.flatMap((action) =>
    action.type === 'forward'
      ? action.targetGroups.map(({ targetGroupArn }) => targetGroupArn)
      : [],
  );
