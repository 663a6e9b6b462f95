/**
 * analysis/load-balancer/lint/claimed-service — who will make a load balancer of a Service of the
 * files: the AWS Load Balancer Controller's webhook sees new Services, and gives them its class.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import {
  DEFAULT_CLAIM_RULES,
  type ServiceClaim,
  serviceClaim,
} from '../../../model/kubernetes/service-claim.ts';
import type { LintInput } from './linted.ts';

/** The class that the AWS Load Balancer Controller takes. */
export const NLB_CLASS = DEFAULT_CLAIM_RULES.loadBalancerClass;

/** Whose the Service is once it is made. */
export function claimOf(input: LintInput, service: Service): ServiceClaim {
  const { type, loadBalancerClass } = service.spec;
  const isMutated =
    type === 'LoadBalancer' && loadBalancerClass === undefined && hasController(input);
  if (!isMutated) return serviceClaim(service);
  const made = { ...service, spec: { ...service.spec, loadBalancerClass: NLB_CLASS } };
  const { by } = serviceClaim(made);
  return { by, reason: `the controller's webhook gives it loadBalancerClass ${NLB_CLASS}` };
}

/**
 * Whether that webhook sees Services made: where a cluster runs without the controller it does not;
 * files alone are taken for ones of a cluster with it.
 */
const hasController = ({ store }: LintInput): boolean =>
  store === undefined ||
  store.get('Deployment', 'kube-system/aws-load-balancer-controller') !== undefined;
