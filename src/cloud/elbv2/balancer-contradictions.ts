/** cloud/elbv2/balancer-contradictions — where exports of load balancers do not fit together. */

import { targetGroupsOf } from '../../model/elbv2/listener.ts';
import type { TwinStore } from '../../model/kinds.ts';

/** One sentence each. */
export function* balancerContradictions(store: TwinStore): Iterable<string> {
  for (const kind of ['elbv2/load-balancer', 'elbv2/classic-load-balancer'] as const)
    for (const { loadBalancerName: name, zones } of store.list(kind))
      for (const { subnetId, networkInterfaceId } of zones) {
        if (store.get('ec2/network-interface', networkInterfaceId) === undefined)
          yield `load balancer ${name} has no interface in ${subnetId} in the export: its address there is unknown`;
      }
  for (const { listenerArn, loadBalancerArn, defaultActions } of store.list('elbv2/listener')) {
    if (store.get('elbv2/load-balancer', loadBalancerArn) === undefined)
      yield `listener ${listenerArn} is of a load balancer that is not in the export`;
    yield* unknownGroups(store, `listener ${listenerArn}`, targetGroupsOf(defaultActions));
  }
  for (const { ruleArn, listenerArn, actions } of store.list('elbv2/rule')) {
    if (store.get('elbv2/listener', listenerArn) === undefined)
      yield `rule ${ruleArn} is of a listener that is not in the export`;
    yield* unknownGroups(store, `rule ${ruleArn}`, targetGroupsOf(actions));
  }
  for (const { id, targetGroupArn } of store.list('elbv2/target'))
    if (store.get('elbv2/target-group', targetGroupArn) === undefined)
      yield `target ${id} is of group ${targetGroupArn}, which is not in the export`;
}

function* unknownGroups(
  store: TwinStore,
  who: string,
  targetGroupArns: readonly string[],
): Iterable<string> {
  for (const arn of targetGroupArns)
    if (store.get('elbv2/target-group', arn) === undefined)
      yield `${who} forwards to ${arn}, which is not in the export`;
}
