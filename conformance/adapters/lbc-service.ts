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

/** The same cases as upstream's table has them (tables/pkg/service). */
interface ServiceTable {
  readonly test: 'Test_defaultModelBuilderTask_Build';
  readonly cases: readonly { readonly case: Json }[];
}

const isTable = (json: unknown): json is ServiceTable => {
  const { test, package: name } = (json ?? {}) as { test?: unknown; package?: unknown };
  return name === 'pkg/service' && test === 'Test_defaultModelBuilderTask_Build';
};

/** What upstream's loop makes of a case (pkg/service/model_builder_test.go:7080-7140). */
const vectorOf = ({ case: it }: { readonly case: Json }): ServiceVector => ({
  name: String(it.testName),
  kind: 'service-build',
  objects: [it.svc as Service],
  cluster: {
    clusterName: 'my-cluster',
    vpcID: 'vpc-xxx',
    resolveSubnetsViaDiscovery: it.resolveViaDiscoveryCalls,
    resolveSubnetsViaNameOrID: it.resolveViaNameOrIDSliceCalls,
    listLoadBalancers: it.listLoadBalancerCalls,
    fetchVPCInfo: it.fetchVPCInfoCalls,
    resolveSecurityGroupsViaNameOrID: it.resolveSGViaNameOrIDCall,
    backendSecurityGroup: { id: it.backendSecurityGroup ?? '' },
  },
  featureGates: (it.featureGates ?? {}) as Readonly<Record<string, boolean>>,
  config: {
    ...it,
    loadBalancerClass: 'service.k8s.aws/nlb',
    defaultSSLPolicy: 'ELBSecurityPolicy-2016-08',
    defaultTargetType: it.defaultTargetType ?? 'instance',
    defaultLoadBalancerScheme: it.defaultLoadBalancerScheme ?? 'internal',
    enableIPTargetType: it.enableIPTargetType ?? true,
    enableTCPUDPListenerVariants: it.skipTCPUDPDisabled === true ? [true] : [true, false],
  },
  expected: { stack: it.wantError === true ? null : JSON.parse(String(it.wantValue)) },
  expectedError: it.wantError === true ? true : null,
});

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
  // Go's zero value of a spec is an empty one.
  const service: Service = { ...vector.objects[0]!, spec: vector.objects[0]!.spec ?? {} };
  const built = await buildService(service, settings, readsOf(vector));
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

function runVector(vector: ServiceVector): Promise<CaseResult[]> {
  const variants = vector.config.enableTCPUDPListenerVariants as readonly boolean[];
  return Promise.all(variants.map((variant) => runVariant(vector, variant)));
}

export const adapter: Adapter = {
  name: 'lbc/service',
  accepts: (_path, json) => isVector(json) || isTable(json),
  async run(json) {
    if (isTable(json)) return (await Promise.all(json.cases.map(vectorOf).map(runVector))).flat();
    return isVector(json) ? runVector(json) : [];
  },
};
