/**
 * load-balancer/service/build-service — a Service and what AWS answers, made into the stack of its
 * network load balancer. Nothing is written anywhere.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_builder.go:85-300.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import { type ServiceClaim, serviceClaim } from '../../../model/kubernetes/service-claim.ts';
import { parseBool } from '../annotations/go-literals.ts';
import { BuildError, builtSoon } from '../build-error.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { Stack } from '../stack/stack.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';
import { addListeners } from './listeners.ts';
import { addLoadBalancer } from './load-balancer.ts';
import { addressTypeOf, schemeOf } from './load-balancer-kind.ts';
import { resolveSubnets } from './load-balancer-subnets.ts';
import { annotated, type ServiceBuild } from './service-build.ts';
import type { ServiceReads } from './service-reads.ts';

/** The finalizer that keeps a Service until its load balancer is gone. */
export const SERVICE_FINALIZER = 'service.k8s.aws/resources';

/** A stack, with what explanations want to know of how it came about. */
export interface ServiceStack {
  readonly stack: Stack;
  readonly claim: ServiceClaim;
  /** True where the load balancer carries the shared backend security group. */
  readonly usesBackendSecurityGroup: boolean;
  /** Undefined where the Service is not ours: its stack is empty. */
  readonly subnets?: SubnetResolution | undefined;
}

/** Whose the Service is, by the settings of this controller. */
export const claimOf = (service: Service, settings: ControllerSettings): ServiceClaim =>
  serviceClaim(service, {
    loadBalancerClass: settings.loadBalancerClass,
    isTypeLoadBalancerOnly: settings.featureGates.ServiceTypeLoadBalancerOnly,
  });

/** The Service's stack; empty where it is not ours, so that what there was is deleted. */
export const buildService = (
  service: Service,
  settings: ControllerSettings,
  reads: ServiceReads,
): Promise<ServiceStack | BuildError> =>
  builtSoon(async () => {
    const { namespace, name } = service.metadata;
    const stack = new Stack({ namespace: namespace ?? '', name });
    const annotations = service.metadata.annotations ?? {};
    const build: ServiceBuild = { settings, service, annotations, reads, stack };
    const claim = claimOf(service, settings);
    if (claim.by !== 'load-balancer-controller') {
      refuseProtected(build);
      return { stack, claim, usesBackendSecurityGroup: false };
    }
    const existing = await reads.existingLoadBalancer(stack.id);
    const scheme = schemeOf(build, existing);
    const ipAddressType = addressTypeOf(build);
    const demand = { type: 'network', scheme, ipAddressType } as const;
    const subnets = await resolveSubnets(build, existing, demand);
    const groups = await addLoadBalancer(build, existing, demand, subnets.subnets);
    const balancer = { ...demand, ...groups, subnets: subnets.subnets };
    await addListeners(build, balancer);
    return { stack, claim, usesBackendSecurityGroup: groups.usesBackendSecurityGroup, subnets };
  });

/** A load balancer that is protected is not taken down with its Service. */
function refuseProtected({ service, annotations }: ServiceBuild): void {
  if (!service.metadata.finalizers?.includes(SERVICE_FINALIZER)) return;
  const attributes = annotated.stringMap('aws-load-balancer-attributes', annotations);
  const isProtected = attributes?.['deletion_protection.enabled'];
  if (isProtected === undefined || !parseBool(isProtected)) return;
  const { name } = service.metadata;
  throw new BuildError(`deletion_protection is enabled, cannot delete the service: ${name}`);
}
