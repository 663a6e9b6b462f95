/** cloud/classic-elb/named-balancer — a Classic Load Balancer by its name, and changes of it. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Region } from '../region.ts';

/** kubernetes/kubernetes#69310. */
export const noBalancer = (name: string): AwsError =>
  awsError('LoadBalancerNotFound', `There is no ACTIVE Load Balancer named '${name}'`);

/** Puts what `change` makes of the load balancer into the store, unless it is an error. */
export function changedBalancer(
  { store }: Region,
  name: string,
  change: (balancer: ClassicLoadBalancer) => ClassicLoadBalancer | AwsError,
): { readonly kind: 'done' } | AwsError {
  const before = store.get('elbv2/classic-load-balancer', name);
  if (before === undefined) return noBalancer(name);
  const after = change(before);
  if (isAwsError(after)) return after;
  if (after !== before) store.put('elbv2/classic-load-balancer', name, after);
  return { kind: 'done' };
}
