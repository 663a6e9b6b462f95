/**
 * conformance/adapters/lbc-service — a Service and what AWS is said to answer, built into a stack
 * and compared with upstream's, once for every value of the gate EnableTCPUDPListener.
 *
 * Schema: shared vectors lbc/README.md, "service-build". Of an error upstream asserts only that
 * there is one.
 */
import { BuildError } from '../../src/controllers/load-balancer/build-error.ts';
import { FEATURE_GATES } from '../../src/controllers/load-balancer/config/flags.data.ts';
import { buildService } from '../../src/controllers/load-balancer/service/build-service.ts';
import type { ServiceReads } from '../../src/controllers/load-balancer/service/service-reads.ts';
import {
  type ControllerSettings,
  defaultSettings,
} from '../../src/controllers/load-balancer/settings/settings.ts';
import { stackJson } from '../../src/controllers/load-balancer/stack/stack-json.ts';
import type { SubnetResolution } from '../../src/controllers/load-balancer/subnets/subnet-resolution.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { type Json, listOf, subnetOf } from '../lbc-aws.ts';
import { sortedJson } from '../sorted-json.ts';

interface ServiceVector {
  readonly name: string;
  readonly kind: 'service-build';
  readonly objects: readonly Service[];
  readonly cluster: Json;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly config: Json;
  readonly expected: { readonly stack: unknown };
  readonly expectedError: string | true | null;
}

const isVector = (json: unknown): json is ServiceVector =>
  (json as Partial<ServiceVector> | null)?.kind === 'service-build';

function settingsOf({ cluster, config, featureGates }: ServiceVector, mergesTcpUdp: boolean) {
  const place = { region: 'us-west-2', vpcId: String(cluster.vpcID) };
  const defaults = defaultSettings({ ...place, clusterName: String(cluster.clusterName) });
  const settings: ControllerSettings = {
    ...defaults,
    featureGates: {
      ...FEATURE_GATES,
      ...featureGates,
      EnableIPTargetType: config.enableIPTargetType === true,
      EnableTCPUDPListener: mergesTcpUdp,
    },
    defaultTags: (config.defaultTags ?? {}) as ControllerSettings['defaultTags'],
    externalManagedTags: (config.externalManagedTags ?? []) as readonly string[],
    defaultTargetType: config.defaultTargetType as 'instance',
    defaultLoadBalancerScheme: config.defaultLoadBalancerScheme as 'internal',
    defaultSslPolicy: String(config.defaultSSLPolicy),
    enableBackendSecurityGroup: config.enableBackendSG === true,
    enableManageBackendSecurityGroupRules: config.enableManageBackendSGRules === true,
    disableRestrictedSgRules: config.disableRestrictedSGRules === true,
    loadBalancerClass: String(config.loadBalancerClass),
  };
  return settings;
}

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

const readsOf = ({ cluster, objects }: ServiceVector): ServiceReads => ({
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

async function runVariant(vector: ServiceVector, mergesTcpUdp: boolean): Promise<CaseResult> {
  const name = `${vector.name} (TCP_UDP ${mergesTcpUdp ? 'on' : 'off'})`;
  const settings = settingsOf(vector, mergesTcpUdp);
  const built = await buildService(vector.objects[0]!, settings, readsOf(vector));
  const { expectedError } = vector;
  if (built instanceof BuildError) {
    const isWanted = expectedError === true || expectedError === built.message;
    return isWanted ? { name } : { name, failure: `got the error: ${built.message}` };
  }
  if (expectedError !== null) return { name, failure: 'an error was wanted, none came' };
  const wanted = sortedJson(vector.expected.stack);
  const got = sortedJson(JSON.parse(stackJson(built.stack)));
  return wanted === got ? { name } : { name, failure: `wanted ${wanted}, got ${got}` };
}

export const adapter: Adapter = {
  name: 'lbc/service',
  accepts: (_path, json) => isVector(json),
  async run(json) {
    if (!isVector(json)) return [];
    const variants = json.config.enableTCPUDPListenerVariants as readonly boolean[];
    return Promise.all(variants.map((variant) => runVariant(json, variant)));
  },
};
