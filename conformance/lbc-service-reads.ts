/**
 * conformance/lbc-service-reads — what building a Service's stack asks, answered by the first
 * stubbed call of each method.
 *
 * Schema: shared vectors lbc/README.md, "service-build".
 */
import { BuildError } from '../src/controllers/load-balancer/build-error.ts';
import type { ServiceReads } from '../src/controllers/load-balancer/service/service-reads.ts';
import type { SubnetResolution } from '../src/controllers/load-balancer/subnets/subnet-resolution.ts';
import type { Service } from '../src/model/kubernetes/core.ts';
import { type Json, listOf, subnetOf } from './lbc-aws.ts';

/** The first stubbed call of a method; the error that it stubs is thrown. */
function stubbed(cluster: Json, method: string): Json {
  const call = listOf(cluster[method])[0] ?? {};
  for (const value of Object.values(call)) {
    const text = (value as { readonly $error?: unknown } | null)?.$error;
    if (text !== undefined) throw new BuildError(String(text));
  }
  return call;
}

const resolutionOf = (call: Json): SubnetResolution => ({
  kind: 'subnets',
  source: 'role-tag',
  subnets: listOf(call.subnets).map(subnetOf),
  considered: [],
});

const associated = (blocks: unknown, member: string, state: string): readonly string[] =>
  listOf(blocks)
    .filter((block) => (block[state] as Json | undefined)?.State === 'associated')
    .map((block) => String(block[member]));

/** @param objects  the Services there are */
export const stubbedServiceReads = (cluster: Json, objects: readonly Service[]): ServiceReads => ({
  existingLoadBalancer: async () => {
    const [found] = listOf(stubbed(cluster, 'listLoadBalancers').sdkLBs);
    if (found === undefined) return undefined;
    const balancer = (found.loadBalancer ?? {}) as Json;
    const zones = listOf(balancer.AvailabilityZones);
    return {
      scheme: balancer.Scheme as 'internal',
      securityGroups: (balancer.SecurityGroups ?? []) as never,
      zones: zones.map(({ SubnetId }) => ({ subnetId: SubnetId as never })),
    };
  },
  discoverSubnets: async () => resolutionOf(stubbed(cluster, 'resolveSubnetsViaDiscovery')),
  namedSubnets: async () => resolutionOf(stubbed(cluster, 'resolveSubnetsViaNameOrID')),
  securityGroups: async () => {
    const { want } = stubbed(cluster, 'resolveSecurityGroupsViaNameOrID');
    return { groupIds: (want ?? []) as readonly string[] };
  },
  vpcBlocks: async () => {
    const vpc = (stubbed(cluster, 'fetchVPCInfo').wantVPCInfo ?? {}) as Json;
    return {
      ipv4: associated(vpc.CidrBlockAssociationSet, 'CidrBlock', 'CidrBlockState'),
      ipv6: associated(vpc.Ipv6CidrBlockAssociationSet, 'Ipv6CidrBlock', 'Ipv6CidrBlockState'),
    };
  },
  backendSecurityGroup: async () => String((cluster.backendSecurityGroup as Json).id),
  service: (namespace, name) =>
    objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
});
