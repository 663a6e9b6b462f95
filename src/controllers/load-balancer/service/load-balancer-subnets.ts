/**
 * load-balancer/service/load-balancer-subnets — the Service's subnets: named, or those the load
 * balancer has already, or discovered. A subnet that is tagged later is never added.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_load_balancer.go:437-490.
 */
import { BuildError } from '../build-error.ts';
import type { SubnetDemand } from '../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';
import { annotated, type ServiceBuild } from './service-build.ts';
import type { ExistingLoadBalancer } from './service-reads.ts';

type Resolved = SubnetResolution & { readonly kind: 'subnets' };

/** @throws BuildError  the search's own words */
export async function resolveSubnets(
  { annotations, reads }: ServiceBuild,
  existing: ExistingLoadBalancer | undefined,
  demand: SubnetDemand,
): Promise<Resolved> {
  const named = annotated.stringList('aws-load-balancer-subnets', annotations);
  if (named !== undefined) return found(await reads.namedSubnets(demand, named));
  if (existing !== undefined && existing.scheme === demand.scheme) {
    const ids = existing.zones.map(({ subnetId }) => subnetId);
    return found(await reads.namedSubnets(demand, ids));
  }
  return found(await reads.discoverSubnets(demand));
}

function found(resolution: SubnetResolution): Resolved {
  if (resolution.kind === 'subnets') return resolution;
  throw new BuildError(resolution.text);
}
