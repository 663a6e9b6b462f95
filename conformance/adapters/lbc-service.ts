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
import {
  type ControllerSettings,
  defaultSettings,
} from '../../src/controllers/load-balancer/settings/settings.ts';
import { stackJson } from '../../src/controllers/load-balancer/stack/stack-json.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import type { Json } from '../lbc-aws.ts';
import { stubbedServiceReads } from '../lbc-service-reads.ts';
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

async function runVariant(vector: ServiceVector, mergesTcpUdp: boolean): Promise<CaseResult> {
  const name = `${vector.name} (TCP_UDP ${mergesTcpUdp ? 'on' : 'off'})`;
  const settings = settingsOf(vector, mergesTcpUdp);
  // Go's zero value of a spec is an empty one.
  const service: Service = { ...vector.objects[0]!, spec: vector.objects[0]!.spec ?? {} };
  const built = await buildService(
    service,
    settings,
    stubbedServiceReads(vector.cluster, vector.objects),
  );
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
