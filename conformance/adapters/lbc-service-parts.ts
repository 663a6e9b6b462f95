/**
 * conformance/adapters/lbc-service-parts — upstream's table tests of what a Service's stack is made
 * of (pkg/service, and the ports of pkg/k8s), each table by its function.
 *
 * Not run: tables whose feature gates are Go functions, of which the vectors keep no source.
 */
import { FEATURE_GATES } from '../../src/controllers/load-balancer/config/flags.data.ts';
import { claimOf } from '../../src/controllers/load-balancer/service/build-service.ts';
import { healthCheckOf } from '../../src/controllers/load-balancer/service/health-check.ts';
import {
  alpnPolicyOf,
  termsOf,
  wantsTcpUdp,
} from '../../src/controllers/load-balancer/service/listeners.ts';
import {
  attributesOf,
  capacityOf,
  nameOf,
} from '../../src/controllers/load-balancer/service/load-balancer.ts';
import { clientRules } from '../../src/controllers/load-balancer/service/load-balancer-groups.ts';
import { addressTypeOf } from '../../src/controllers/load-balancer/service/load-balancer-kind.ts';
import { resolveSubnets } from '../../src/controllers/load-balancer/service/load-balancer-subnets.ts';
import {
  additionalTags,
  type ServiceBuild,
} from '../../src/controllers/load-balancer/service/service-build.ts';
import {
  prefixForSourceNat,
  subnetMappings,
} from '../../src/controllers/load-balancer/service/subnet-mappings.ts';
import {
  nodeSelectorOf,
  targetTypeOf,
} from '../../src/controllers/load-balancer/service/target-group.ts';
import {
  preservesClientIp,
  targetGroupAttributes,
} from '../../src/controllers/load-balancer/service/target-group-attributes.ts';
import { networkingOf } from '../../src/controllers/load-balancer/service/target-networking.ts';
import { checkMerging } from '../../src/controllers/load-balancer/service/tcp-udp-ports.ts';
import {
  type ControllerSettings,
  defaultSettings,
} from '../../src/controllers/load-balancer/settings/settings.ts';
import { Stack } from '../../src/controllers/load-balancer/stack/stack.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import { type Json, listOf, subnetOf } from '../lbc-aws.ts';
import { stubbedServiceReads } from '../lbc-service-reads.ts';
import { errorOnly, tableAdapter } from '../lbc-table.ts';

/** A build of the case's Service, with the settings that upstream's loop sets. */
function buildOf(
  svc: unknown,
  changed: Partial<ControllerSettings> = {},
  it: Json = {},
): ServiceBuild {
  const given = svc as Service;
  const metadata = { ...given.metadata, name: given.metadata?.name ?? '' };
  const service: Service = { ...given, metadata, spec: given.spec ?? {} };
  const place = { region: 'us-west-2', vpcId: 'vpc-xxx' };
  const settings = { ...defaultSettings({ ...place, clusterName: '' }), ...changed };
  return {
    service,
    settings,
    annotations: service.metadata.annotations ?? {},
    reads: stubbedServiceReads(it, []),
    stack: new Stack({ namespace: 'ns', name: 'name' }),
  };
}

const gates = (changed: Partial<Record<keyof typeof FEATURE_GATES, boolean>>) => ({
  featureGates: { ...FEATURE_GATES, ...changed },
});

const demandOf = (it: Json) => ({
  type: 'network' as const,
  scheme: (it.scheme ?? 'internal') as 'internal',
  ipAddressType: (it.ipAddressType ?? 'ipv4') as 'ipv4',
});

const subnetsOf = (it: Json) => listOf(it.subnets).map(subnetOf);
const wantValue = (it: Json): unknown => it.wantValue;
/** Upstream's tests sort attributes on both sides. */
const byKey = (it: Json): unknown =>
  listOf(it.wantValue).toSorted((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
const targetTypeIn = (it: Json) => (it.targetType ?? 'instance') as 'instance';

/** Networking by a load balancer with or without security groups. */
function networking(it: Json, hasGroups: boolean): unknown {
  const flags = { disableRestrictedSgRules: it.disableRestrictedRules === true };
  const build = buildOf(it.svc ?? { metadata: {} }, flags, { fetchVPCInfo: it.fetchVPCInfoCalls });
  const token = it.backendSGIDToken as string | undefined;
  const balancer = {
    ...demandOf({ scheme: 'internet-facing', ...it }),
    subnets: subnetsOf(it),
    securityGroups: hasGroups ? ['sg-lb'] : [],
    backendGroup: token,
    usesBackendSecurityGroup: token !== undefined,
  };
  return networkingOf(build, balancer, {
    service: build.service,
    protocol: it.tgProtocol as 'TCP',
    targetPort: it.tgPort as number,
    healthCheckPort: it.hcPort as number,
    ipAddressType: (it.ipAddressType ?? 'ipv4') as 'ipv4',
    keepsClientIp: it.preserveClientIP === true,
  });
}

export const adapter = tableAdapter('pkg/service', {
  Test_buildCIDRsFromSourceRanges_buildManagedSecurityGroupIngressPermissions: {
    run: ({ fields }) => {
      const { svc, ipAddressType } = fields as Json;
      return clientRules(buildOf(svc), String(ipAddressType));
    },
    // The API server fills a port's protocol in; upstream's test leaves it out.
    wanted: ({ want }) =>
      listOf(want).map((rule) => ({ ...rule, ipProtocol: rule.ipProtocol || 'tcp' })),
  },
  Test_defaultModelBuildTask_buildAdditionalResourceTags: {
    run: ({ fields }) => {
      const { service, defaultTags, externalManagedTags } = fields as Json;
      return additionalTags(
        buildOf(service, {
          defaultTags: (defaultTags ?? {}) as Record<string, string>,
          externalManagedTags: (externalManagedTags ?? []) as readonly string[],
        }),
      );
    },
  },
  Test_defaultModelBuildTask_buildLoadBalancerEnablePrefixForIpv6SourceNat: {
    run: (it) => prefixForSourceNat(buildOf(it.service), demandOf(it).ipAddressType, subnetsOf(it)),
  },
  Test_defaultModelBuildTask_buildLoadBalancerIPAddressType: {
    run: (it) => addressTypeOf(buildOf(it.service)),
  },
  Test_defaultModelBuildTask_buildLoadBalancerName: {
    run: (it) => nameOf(buildOf(it.service), demandOf(it)),
  },
  Test_defaultModelBuilderTask_buildLBAttributes: {
    run: (it) => attributesOf(buildOf(it.svc)),
    wanted: byKey,
  },
  Test_defaultModelBuilderTask_buildLbCapacity: {
    run: (it) => capacityOf(buildOf(it.svc)),
    wanted: wantValue,
  },
  Test_defaultModelBuilderTask_buildListenerALPNPolicy: {
    run: (it) =>
      it.listenerProtocol === 'TLS' ? alpnPolicyOf(buildOf(it.svc).annotations) : undefined,
  },
  Test_defaultModelBuilderTask_buildListenerConfig: {
    run: (it) => {
      const terms = termsOf(buildOf(it.svc, { defaultSslPolicy: '' }), new Set());
      const { tlsPorts, quicPorts, certificates } = terms;
      return { tlsPortsSet: tlsPorts, quicPortsSet: quicPorts, certificates };
    },
  },
  Test_defaultModelBuilderTask_buildLoadBalancerSubnets: {
    run: async (it) => {
      const cluster = {
        listLoadBalancers: it.listLoadBalancersCalls,
        resolveSubnetsViaDiscovery: it.resolveViaDiscoveryCalls,
        resolveSubnetsViaNameOrID: it.resolveViaNameOrIDSliceCalls,
      };
      const build = buildOf(it.svc, {}, cluster);
      const existing = await build.reads.existingLoadBalancer(build.stack.id);
      const found = await resolveSubnets(build, existing, demandOf(it));
      return found.subnets.map(({ subnetId }) => subnetId);
    },
    wanted: ({ want }) => listOf(want).map(({ SubnetId }) => SubnetId),
  },
  Test_defaultModelBuilderTask_buildSubnetMappings: {
    run: (it) => {
      const prefix = (it.enablePrefixForIpv6SourceNat ?? 'off') as 'off';
      return subnetMappings(buildOf(it.svc), demandOf(it), subnetsOf(it), prefix);
    },
  },
  Test_defaultModelBuilderTask_buildTargetGroupBindingNetworking: {
    run: (it) => networking(it, true),
  },
  Test_defaultModelBuilderTask_buildTargetGroupBindingNetworkingLegacy: {
    run: (it) => networking(it, false),
  },
  Test_defaultModelBuilderTask_buildTargetHealthCheck: {
    run: (it) => {
      const build = buildOf(it.svc);
      return healthCheckOf(build, build.service, targetTypeIn(it));
    },
    wanted: wantValue,
  },
  Test_defaultModelBuilderTask_targetGroupAttrs: {
    run: (it) =>
      targetGroupAttributes(buildOf(it.svc), (it.port ?? { port: 0 }) as { port: number }),
    wanted: byKey,
  },
  Test_defaultModelBuilder_buildPreserveClientIPFlag: {
    run: (it) => preservesClientIp(listOf(it.tgAttrs) as never, targetTypeIn(it)),
  },
  Test_defaultModelBuilder_buildTargetGroupBindingNodeSelector: {
    run: (it) => (it.targetType === 'ip' ? undefined : nodeSelectorOf(buildOf(it.svc))),
  },
  Test_defaultModelBuilder_buildTargetGroupHealthCheckPort: {
    run: (it) => {
      const build = buildOf(it.svc);
      // Upstream's function gets the default that another of its functions chose.
      const port = {
        'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port': it.defaultPort,
      };
      const annotations = { ...port, ...build.annotations } as ServiceBuild['annotations'];
      return healthCheckOf({ ...build, annotations }, build.service, targetTypeIn(it)).port;
    },
  },
  Test_defaultModelBuilder_buildTargetType: {
    run: (it) => {
      const build = buildOf(it.svc, {
        defaultTargetType: String(it.defaultTargetType || 'instance'),
        ...gates({ EnableIPTargetType: it.enableIPTargetType !== false }),
      });
      const port = build.service.spec.ports![0]!;
      return targetTypeOf(build, { service: build.service, port, protocol: 'TCP' });
    },
  },
  Test_defaultServiceUtils_IsServiceSupported: {
    run: (it) => {
      const isRestricted = it.restrictToTypeLoadBalancer === true;
      const { service, settings } = buildOf(
        it.svc,
        gates({ ServiceTypeLoadBalancerOnly: isRestricted }),
      );
      return claimOf(service, settings).by === 'load-balancer-controller';
    },
  },
  Test_shouldUseTCPUDP: {
    run: (it) =>
      wantsTcpUdp(buildOf(it.svc, gates({ EnableTCPUDPListener: it.defaultValue === true }))),
    wanted: ({ expected }) => expected,
  },
  Test_validateMultiProtocolUsage: {
    run: (it) => checkMerging(listOf(it.ports) as never),
    wanted: errorOnly,
  },
});
