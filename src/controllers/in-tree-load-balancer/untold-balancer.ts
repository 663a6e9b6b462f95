/**
 * controllers/in-tree-load-balancer/untold-balancer — a load balancer that exports tell of without
 * showing it: the Service has its name, the subnets have its interfaces, but there is no
 * `aws elb describe-load-balancers` among the input.
 *
 * The controller of the real cluster sees it. Making a second one here would take addresses that
 * nobody takes.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { balancerName } from './provider.ts';

/** True where only the load balancer itself is missing from what was told. */
export function isUntold(store: TwinStore, service: Service): boolean {
  if (service.status?.loadBalancer?.ingress?.[0]?.hostname === undefined) return false;
  const name = balancerName(service);
  if (store.get('elbv2/classic-load-balancer', name) !== undefined) return false;
  if (store.lookup('elbv2/load-balancer', 'name', name).length > 0) return false;
  return store
    .list('ec2/network-interface')
    .some(({ description }) => isNamedIn(description, name));
}

/** `ELB aNAME`, or `ELB net/aNAME/0123456789abcdef`. */
const isNamedIn = (description: string, name: string): boolean =>
  description === `ELB ${name}` || description.startsWith(`ELB net/${name}/`);
