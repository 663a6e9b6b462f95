/**
 * load-balancer/gateway/model/load-balancer-subnets — the subnets of a Gateway's load balancer, and
 * what it asks of each: named, selected by tags, those it has already, or discovered.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_subnet.go, subnet/*_mutator.go.
 */
import type { SubnetConfiguration } from '../../../../model/kubernetes/gateway-configuration.ts';
import { BuildError } from '../../build-error.ts';
import { addressIn, addressOf, checkPrefix, ipv6BlocksOf } from '../../service/subnet-mappings.ts';
import type { SubnetMappingSpec } from '../../stack/load-balancer-spec.ts';
import type { CandidateSubnet, SubnetDemand } from '../../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../../subnets/subnet-resolution.ts';
import type { GatewayBuild } from './gateway-build.ts';

export interface GatewaySubnets {
  readonly resolution: SubnetResolution & { readonly kind: 'subnets' };
  readonly mapping: readonly SubnetMappingSpec[];
  readonly hasSourceNat: boolean;
}

/** @throws BuildError  where the configuration contradicts itself, or the search's own words */
export async function subnetsOf(
  build: GatewayBuild,
  demand: SubnetDemand,
): Promise<GatewaySubnets> {
  const wishes = build.configuration.loadBalancerSubnets ?? [];
  checkWishes(wishes, demand);
  const resolution = await resolve(build, demand, wishes);
  if (resolution.kind === 'unresolved') throw new BuildError(resolution.text);
  const { subnets } = resolution;
  const mapping =
    demand.type === 'network'
      ? mappings(subnets, wishes)
      : subnets.map(({ subnetId }) => ({ subnetID: subnetId }));
  return { resolution, mapping, hasSourceNat: wishes[0]?.sourceNatIPv6Prefix !== undefined };
}

type Field = 'eipAllocation' | 'ipv6Allocation' | 'privateIPv4Allocation' | 'sourceNatIPv6Prefix';

/** In upstream's order: of two mistakes the first is told. */
const FIELDS: readonly {
  readonly field: Field;
  readonly all: string;
  readonly networkOnly: string;
  readonly fits?: (demand: SubnetDemand) => boolean;
  readonly misfit?: string;
}[] = [
  {
    field: 'eipAllocation',
    all: 'eip allocations',
    networkOnly: 'EIP Allocation is only allowed for Network LoadBalancers',
    fits: ({ scheme }) => scheme === 'internet-facing',
    misfit: 'EIPAllocation can only be set for internet facing load balancers',
  },
  {
    field: 'ipv6Allocation',
    all: 'ipv6 allocations',
    networkOnly: 'IPv6Allocation is only supported for Network LoadBalancers',
    fits: ({ ipAddressType }) => ipAddressType === 'dualstack',
    misfit: 'IPv6Allocation can only be set for dualstack load balancers',
  },
  {
    field: 'privateIPv4Allocation',
    all: 'private ipv4 allocations',
    networkOnly: 'PrivateIPv4Allocation is only supported for Network LoadBalancers',
    fits: ({ scheme }) => scheme === 'internal',
    misfit: 'PrivateIPv4Allocation can only be set for internal load balancers',
  },
  {
    field: 'sourceNatIPv6Prefix',
    all: 'source nat prefixes',
    networkOnly: 'SourceNatIPv6Prefix is only supported for Network LoadBalancers',
  },
];

function checkWishes(wishes: readonly SubnetConfiguration[], demand: SubnetDemand): void {
  const [first] = wishes;
  if (first === undefined) return;
  for (const { field, networkOnly, fits, misfit = '' } of FIELDS) {
    if (first[field] === undefined) continue;
    if (demand.type !== 'network') throw new BuildError(networkOnly);
    if (fits?.(demand) === false) throw new BuildError(misfit);
  }
  for (const wish of wishes) {
    if (!wish.identifier !== !first.identifier) {
      throw new BuildError('Either specify all subnet identifiers or none.');
    }
    const halved = FIELDS.find(
      ({ field }) => (wish[field] === undefined) !== (first[field] === undefined),
    );
    if (halved !== undefined) throw new BuildError(`Either specify all ${halved.all} or none.`);
  }
}

async function resolve(
  { configuration, reads, stack }: GatewayBuild,
  demand: SubnetDemand,
  wishes: readonly SubnetConfiguration[],
): Promise<SubnetResolution> {
  const names = wishes.flatMap(({ identifier }) => identifier || []);
  if (names.length > 0) return reads.namedSubnets(demand, names);
  const tags = configuration.loadBalancerSubnetsSelector ?? {};
  if (Object.keys(tags).length > 0) return reads.selectSubnets(demand, { tags });
  const existing = await reads.existingLoadBalancer(stack.id);
  if (existing === undefined || existing.scheme !== demand.scheme) {
    return reads.discoverSubnets(demand);
  }
  const ids = existing.zones.map(({ subnetId }) => subnetId);
  return reads.namedSubnets(demand, ids);
}

function mappings(
  subnets: readonly CandidateSubnet[],
  wishes: readonly SubnetConfiguration[],
): readonly SubnetMappingSpec[] {
  const listOf = (field: Field, what: string, things = what): readonly string[] | undefined => {
    const values = wishes.flatMap((wish) => wish[field] ?? []);
    if (values.length === 0) return undefined;
    if (values.length === subnets.length) return values;
    const counts = `we have ${subnets.length} subnets and ${values.length} ${things}`;
    throw new BuildError(`Unable to assign ${what} ${counts}`);
  };
  const allocations = listOf('eipAllocation', 'EIP allocations');
  const ipv4 = listOf('privateIPv4Allocation', 'private IPv4 addresses', 'addresses')?.map((text) =>
    addressOf(text, 4, 'private IPv4 addresses'),
  );
  const privateAddresses =
    ipv4 && subnets.map((it) => addressIn(it, [it.cidrBlock], ipv4, 'private IPv4'));
  const ipv6 = listOf('ipv6Allocation', 'IPv6 addresses', 'addresses')?.map((text) =>
    addressOf(text, 6, 'IPv6 addresses'),
  );
  const ipv6Addresses = ipv6 && subnets.map((it) => addressIn(it, ipv6BlocksOf(it), ipv6, 'IPv6'));
  const prefixes = listOf('sourceNatIPv6Prefix', 'Source NAT prefix because', 'prefixes');
  for (const [i, prefix] of (prefixes ?? []).entries()) checkPrefix(prefix, subnets[i]!);
  return subnets.map(({ subnetId }, i) => ({
    allocationID: allocations?.[i],
    privateIPv4Address: privateAddresses?.[i],
    ipv6Address: ipv6Addresses?.[i],
    sourceNatIpv6Prefix: prefixes?.[i],
    subnetID: subnetId,
  }));
}
