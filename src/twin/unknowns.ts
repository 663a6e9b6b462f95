/** twin/unknowns — what the files name and ekstwin has no facts about; said, never guessed over. */
import { isKnownRegion } from '../cloud/region.ts';
import { isUntold } from '../controllers/in-tree-load-balancer/untold-balancer.ts';
import { isKubeProxyUntold } from '../controllers/kube-proxy/node-proxies.ts';
import { instanceType, nearestInstanceTypes } from '../model/ec2/instance-type.ts';
import type { Note } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';
import { keyOf } from '../model/kubernetes/meta.ts';

/** Notes on the region, on instance types of exports, and on what an export leaves out. */
export function unknowns(store: TwinStore, region: string): Note[] {
  const notes: Note[] = [];
  if (!isKnownRegion(region)) {
    const text = `no region ekstwin knows: it is taken to have the zones ${region}a, b and c`;
    notes.push({ where: `region ${region}`, text });
  }
  const instancesOf = new Map<string, number>();
  for (const { instanceType: type } of store.list('ec2/instance')) {
    if (instanceType(type) === undefined) instancesOf.set(type, (instancesOf.get(type) ?? 0) + 1);
  }
  for (const [type, count] of instancesOf) {
    const near = nearestInstanceTypes(type).join(', ');
    const text =
      `not in ekstwin's table: the ENIs and addresses of its ${count} instances are shown, but ` +
      `no limit is known${near === '' ? '' : ` (near it: ${near})`}`;
    notes.push({ where: `instance type ${type}`, text });
  }
  for (const service of store.list('Service')) {
    if (service.spec.type !== 'LoadBalancer' || !isUntold(store, service)) continue;
    const text =
      'its load balancer has interfaces in the input but is not shown itself: nothing is known of ' +
      'its listeners, and none is made (add `aws elb describe-load-balancers`, for a network one ' +
      '`aws elbv2 describe-load-balancers`)';
    notes.push({ where: `service ${keyOf(service)}`, text });
  }
  if (isKubeProxyUntold(store)) {
    const text =
      'no kube-proxy and nothing else of kube-system is among the input: kube-proxy is taken to ' +
      'run on every node as EKS ships it';
    notes.push({ where: 'the input', text });
  }
  return notes;
}
