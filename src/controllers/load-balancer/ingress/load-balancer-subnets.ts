/**
 * load-balancer/ingress/load-balancer-subnets — the group's subnets: of a class, named, those the
 * load balancer has already, or discovered. A subnet that is tagged later is never added.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_load_balancer.go
 * buildLoadBalancerSubnetMappings.
 */
import type { LoadBalancerAddressType, Scheme } from '../../../model/elbv2/load-balancer.ts';
import type { SubnetSelector } from '../../../model/kubernetes/ingress.ts';
import { listText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import type { SubnetMappingSpec } from '../stack/load-balancer-spec.ts';
import type { SubnetDemand } from '../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';
import { alb } from './alb-annotations.ts';
import { annotationsOf, type GroupBuild, paramsOf } from './group-build.ts';

/** @throws BuildError  where members disagree, or the search's own words */
export async function subnetMappingOf(
  { group, reads, stack }: GroupBuild,
  kind: { readonly scheme: Scheme; readonly ipAddressType: LoadBalancerAddressType },
): Promise<readonly SubnetMappingSpec[]> {
  const demand: SubnetDemand = { type: 'application', ...kind };
  const selectors: SubnetSelector[] = [];
  const named: (readonly string[])[] = [];
  for (const member of group.members) {
    const { subnets } = paramsOf(member);
    const own = alb.stringList('subnets', annotationsOf(member));
    if (subnets !== undefined) selectors.push(subnets);
    else if (own !== undefined) named.push(own);
  }
  const selector = agreedSelector(selectors, named.length > 0);
  if (selector !== undefined) return mappingsOf(await reads.selectSubnets(demand, selector));
  const chosen = agreedNames(named);
  if (chosen !== undefined) return mappingsOf(await reads.namedSubnets(demand, chosen));
  const existing = await reads.existingLoadBalancer(stack.id);
  if (existing === undefined || existing.scheme !== kind.scheme) {
    return mappingsOf(await reads.discoverSubnets(demand), "couldn't auto-discover subnets: ");
  }
  return existing.zones.map(({ subnetId }) => ({ subnetID: subnetId }));
}

function agreedSelector(
  selectors: readonly SubnetSelector[],
  isNamedToo: boolean,
): SubnetSelector | undefined {
  const [first, ...others] = selectors;
  if (first === undefined) return undefined;
  if (isNamedToo) {
    throw new BuildError('conflicting subnet specifications: IngressClassParams versus annotation');
  }
  const text = selectorText(first);
  if (others.some((other) => selectorText(other) !== text)) {
    throw new BuildError('conflicting IngressClassParams subnet specifications');
  }
  return first;
}

const selectorText = ({ ids, tags = {} }: SubnetSelector): string =>
  JSON.stringify([ids, Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** The members' common list, in the first one's order. @throws BuildError */
export function agreedNames(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const [first, ...others] = lists;
  if (first === undefined) return undefined;
  const other = others.find((it) => !isSameSet(it, first));
  if (other === undefined) return first;
  throw new BuildError(`conflicting subnets: ${listText(first)} | ${listText(other)}`);
}

/** The same texts, in whatever order. */
export const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.toSorted().join('\n') === b.toSorted().join('\n');

function mappingsOf(resolution: SubnetResolution, tried = ''): readonly SubnetMappingSpec[] {
  if (resolution.kind === 'unresolved') throw new BuildError(`${tried}${resolution.text}`);
  return resolution.subnets.map(({ subnetId }) => ({ subnetID: subnetId }));
}
