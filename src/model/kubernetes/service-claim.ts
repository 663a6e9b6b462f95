/**
 * model/kubernetes/service-claim — which controller makes the load balancer of a Service: the AWS
 * Load Balancer Controller, the cloud provider that is part of EKS, another one, or none.
 *
 * Below both of them, so that they cannot disagree. Follows
 * aws-load-balancer-controller@225f4456 pkg/service/service_utils.go:46-90,
 * cloud-provider@v0.31 controllers/service/controller.go (wantsLoadBalancer) and
 * cloud-provider-aws pkg/providers/v1/aws.go (isLBExternal).
 */
import type { Service } from './core.ts';

const TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';
const TARGET_TYPE = 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type';

/** How the AWS Load Balancer Controller was started, as far as its Services go. */
export interface ClaimRules {
  /** Flag --load-balancer-class. */
  readonly loadBalancerClass: string;
  /** Gate ServiceTypeLoadBalancerOnly. */
  readonly isTypeLoadBalancerOnly: boolean;
}

/** As it starts without flags. */
export const DEFAULT_CLAIM_RULES: ClaimRules = {
  loadBalancerClass: 'service.k8s.aws/nlb',
  isTypeLoadBalancerOnly: false,
};

export interface ServiceClaim {
  readonly by: 'load-balancer-controller' | 'in-tree' | 'another' | 'nobody';
  /** The field or annotation that decides, in a sentence without its full stop. */
  readonly reason: string;
}

/** Whose the Service is. One that is being deleted is nobody's to build; its finalizers stay. */
export function serviceClaim(
  service: Service,
  rules: ClaimRules = DEFAULT_CLAIM_RULES,
): ServiceClaim {
  const { spec, metadata } = service;
  if (metadata.deletionTimestamp !== undefined) {
    return { by: 'nobody', reason: 'it is being deleted' };
  }
  const type = spec.type ?? 'ClusterIP';
  if (rules.isTypeLoadBalancerOnly && type !== 'LoadBalancer') {
    const gate = 'the gate ServiceTypeLoadBalancerOnly is on';
    return { by: 'nobody', reason: `its type is ${type} and ${gate}` };
  }
  const { loadBalancerClass } = spec;
  if (loadBalancerClass !== undefined) {
    const reason = `its loadBalancerClass is ${loadBalancerClass}`;
    const isOwn = loadBalancerClass === rules.loadBalancerClass;
    return { by: isOwn ? 'load-balancer-controller' : 'another', reason };
  }
  return claimByAnnotation(type, metadata.annotations ?? {});
}

function claimByAnnotation(
  serviceType: string,
  annotations: Readonly<Record<string, string>>,
): ServiceClaim {
  const kind = annotations[TYPE];
  const target = annotations[TARGET_TYPE];
  if (kind === 'nlb-ip') {
    return { by: 'load-balancer-controller', reason: `${TYPE} is nlb-ip` };
  }
  if (kind === 'external') {
    if (target === 'ip' || target === 'instance') {
      const reason = `${TYPE} is external and ${TARGET_TYPE} is ${target}`;
      return { by: 'load-balancer-controller', reason };
    }
    const found = target === undefined ? 'is missing' : `is ${target}, neither ip nor instance`;
    return { by: 'nobody', reason: `${TYPE} is external, but ${TARGET_TYPE} ${found}` };
  }
  if (serviceType !== 'LoadBalancer') {
    return { by: 'nobody', reason: `its type is ${serviceType}` };
  }
  const without = 'it has no loadBalancerClass';
  if (kind === undefined) return { by: 'in-tree', reason: `${without} and no ${TYPE}` };
  return { by: 'in-tree', reason: `${without} and ${TYPE} is ${kind}` };
}
