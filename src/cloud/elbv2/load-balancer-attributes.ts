/** cloud/elbv2/load-balancer-attributes — what a new load balancer's attributes are. */
import type { LoadBalancer, LoadBalancerType, Scheme } from '../../model/elbv2/load-balancer.ts';
import { LOAD_BALANCER_ATTRIBUTES } from './load-balancer-attributes.data.ts';

/** The attributes of a new load balancer, all of its type. */
export const attributesOfNewBalancer = (
  type: LoadBalancerType,
  scheme: Scheme,
): LoadBalancer['attributes'] => ({
  ...LOAD_BALANCER_ATTRIBUTES[type],
  // "The default is false for internet-facing load balancers and true for internal ones."
  'ipv6.deny_all_igw_traffic': String(scheme === 'internal'),
});
