/**
 * load-balancer/service/load-balancer-kind — internal or internet-facing, ipv4 or dualstack.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_load_balancer.go:185-290.
 */
import type { Scheme } from '../../../model/elbv2/load-balancer.ts';
import { BuildError } from '../build-error.ts';
import { annotated, type ServiceBuild } from './service-build.ts';
import type { ExistingLoadBalancer } from './service-reads.ts';

/** As annotated; else what the load balancer has, so that nobody loses one by leaving it out. */
export function schemeOf(
  { annotations, settings }: ServiceBuild,
  existing: ExistingLoadBalancer | undefined,
): Scheme {
  const scheme = annotated.string('aws-load-balancer-scheme', annotations);
  if (scheme === 'internal' || scheme === 'internet-facing') return scheme;
  if (scheme !== undefined) throw new BuildError(`unknown scheme: ${scheme}`);
  const isInternal = annotated.bool('aws-load-balancer-internal', annotations);
  if (isInternal !== undefined) return isInternal ? 'internal' : 'internet-facing';
  // The flag's value was looked at when the controller started.
  return existing?.scheme ?? (settings.defaultLoadBalancerScheme as Scheme);
}

/** A network load balancer is `ipv4` or `dualstack`. */
export function addressTypeOf({ annotations }: ServiceBuild): 'ipv4' | 'dualstack' {
  const type = annotated.string('aws-load-balancer-ip-address-type', annotations) ?? 'ipv4';
  if (type === 'ipv4' || type === 'dualstack') return type;
  throw new BuildError(`unknown IPAddressType: ${type}`);
}
