/**
 * analysis/load-balancer/service-claim — who makes a load balancer of a Service.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/k8s/service_utils.go:46,
 * webhooks/core/service_mutator.go:41 (a new Service of type LoadBalancer gets the class), and
 * docs/guide/service/annotations.md "Legacy Cloud Provider" for what the in-tree controller leaves.
 */
import type { Service } from '../../model/kubernetes/core.ts';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';
/** The class that the AWS Load Balancer Controller takes. */
export const NLB_CLASS = 'service.k8s.aws/nlb';
/** That of EKS Auto Mode's own controller. */
const AUTO_MODE_CLASS = 'eks.amazonaws.com/nlb';

export interface ServiceClaim {
  readonly by: 'aws-load-balancer-controller' | 'in-tree' | 'eks-auto-mode' | 'another' | 'nobody';
  /** The field that decides. */
  readonly because: string;
}

/**
 * @param hasWebhook  the controller's webhook sees the Service made, as it does from version 2.5 on
 */
export function serviceClaim({ metadata, spec }: Service, hasWebhook: boolean): ServiceClaim {
  const { loadBalancerClass } = spec;
  if (loadBalancerClass !== undefined) return claimOfClass(loadBalancerClass);
  const type = metadata.annotations?.[`${PREFIX}type`];
  const targets = metadata.annotations?.[`${PREFIX}nlb-target-type`];
  const isBalanced = spec.type === 'LoadBalancer';
  if (type === 'nlb-ip' || (type === 'external' && (targets === 'ip' || targets === 'instance'))) {
    return { by: 'aws-load-balancer-controller', because: `${PREFIX}type: ${type}` };
  }
  if (!isBalanced) return { by: 'nobody', because: `spec.type: ${spec.type ?? 'ClusterIP'}` };
  if (hasWebhook) {
    const because = `spec.loadBalancerClass: ${NLB_CLASS}, set when it is made`;
    return { by: 'aws-load-balancer-controller', because };
  }
  if (type === 'external') {
    return { by: 'nobody', because: `${PREFIX}type: external, without ${PREFIX}nlb-target-type` };
  }
  const because = type === undefined ? 'spec.type: LoadBalancer' : `${PREFIX}type: ${type}`;
  return { by: 'in-tree', because };
}

function claimOfClass(loadBalancerClass: string): ServiceClaim {
  const because = `spec.loadBalancerClass: ${loadBalancerClass}`;
  if (loadBalancerClass === NLB_CLASS) return { by: 'aws-load-balancer-controller', because };
  if (loadBalancerClass === AUTO_MODE_CLASS) return { by: 'eks-auto-mode', because };
  return { by: 'another', because };
}
