/**
 * conformance/adapters/lbc-ingress-balancers — upstream's table tests of a group's load balancer,
 * its listeners, target groups, tags and add-ons (pkg/ingress).
 *
 * Schema: shared vectors lbc/README.md, "tables". Gates that are Go functions are told by the
 * case's name.
 */
import { BuildError } from '../../src/controllers/load-balancer/build-error.ts';
import { addAddOns } from '../../src/controllers/load-balancer/ingress/add-ons.ts';
import { createdCertificate } from '../../src/controllers/load-balancer/ingress/certificates.ts';
import {
  addFrontendNlb,
  frontendAttributes,
  frontendName,
  frontendScheme,
  frontendSubnets,
  frontendTags,
  wantsFrontendNlb,
} from '../../src/controllers/load-balancer/ingress/frontend-nlb.ts';
import { FrontendHealth } from '../../src/controllers/load-balancer/ingress/frontend-nlb-health.ts';
import {
  addFrontendListeners,
  frontendTargetGroupName,
} from '../../src/controllers/load-balancer/ingress/frontend-nlb-listeners.ts';
import {
  refuseManagedElsewhere,
  tagsOfBackend,
  tagsOfMember,
  tagsOfMembers,
} from '../../src/controllers/load-balancer/ingress/group-tags.ts';
import { mergedListenPort } from '../../src/controllers/load-balancer/ingress/listen-port-merge.ts';
import { listenPortsOf } from '../../src/controllers/load-balancer/ingress/listen-ports.ts';
import { attributesOfListener } from '../../src/controllers/load-balancer/ingress/listeners.ts';
import { addLoadBalancer } from '../../src/controllers/load-balancer/ingress/load-balancer.ts';
import { managesBackendRules } from '../../src/controllers/load-balancer/ingress/load-balancer-groups.ts';
import { checkMutualAuthentication } from '../../src/controllers/load-balancer/ingress/mutual-authentication.ts';
import { sslRedirectPort } from '../../src/controllers/load-balancer/ingress/ssl-redirect.ts';
import { healthCheckOf } from '../../src/controllers/load-balancer/ingress/target-group-health.ts';
import {
  controlPortOf,
  isMultiCluster,
  networkingOf,
  nodeSelectorOf,
  portOf,
  targetGroupName,
  targetGroupSpec,
} from '../../src/controllers/load-balancer/ingress/target-groups.ts';
import { Stack } from '../../src/controllers/load-balancer/stack/stack.ts';
import type { Token } from '../../src/controllers/load-balancer/stack/token.ts';
import type { SubnetResolution } from '../../src/controllers/load-balancer/subnets/subnet-resolution.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { Labels } from '../../src/model/kubernetes/meta.ts';
import { type Json, listOf, subnetOf } from '../lbc-aws.ts';
import { groupOf, memberOf, settingsOf } from '../lbc-ingress.ts';
import { stubbedReads } from '../lbc-ingress-reads.ts';
import { errorOnly, SKIPPED, type TableRule, tableAdapter } from '../lbc-table.ts';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

const argsOf = ({ args }: Json): Json => (args ?? {}) as Json;
const fieldsOf = ({ fields }: Json): Json => (fields ?? {}) as Json;

/** Settings of a case; the gate for tags is on where its name says so. */
const settingsOfCase = (it: Json) =>
  settingsOf({
    ...it,
    ...fieldsOf(it),
    featureGates: {
      ...(it.featureGates as Json | undefined),
      EnableDefaultTagsLowPriority: String(it.name).includes('feature gate enabled'),
    },
  });

const found = (...ids: readonly string[]): SubnetResolution => ({
  kind: 'subnets',
  source: 'named',
  subnets: ids.map((SubnetId) => subnetOf({ SubnetId })),
  considered: [],
});

/** A build of the case's group over AWS that has two subnets and nothing else. */
function buildOf(it: Json, stubs: Parameters<typeof stubbedReads>[0] = {}) {
  const json = (fieldsOf(it).ingGroup ?? it.ingGroup ?? {}) as Json;
  const members = fieldsOf(it).ingList ?? argsOf(it).ingList;
  const group = groupOf(members === undefined ? json : { ...json, members });
  return {
    group,
    settings: settingsOfCase(it),
    stack: new Stack(group.id),
    reads: stubbedReads({
      existingLoadBalancer: async () => undefined,
      discoverSubnets: async () => found('subnet-1', 'subnet-2'),
      namedSubnets: async (_demand, names) => found(...names),
      selectSubnets: async () => found('subnet-1', 'subnet-2'),
      securityGroups: async (names) => ({ groupIds: names }),
      backendSecurityGroup: async () => 'sg-backend',
      ...stubs,
    }),
  };
}

/** A field of the load balancer that the case's group makes. */
const balancerField = (read: (spec: Json, it: Json) => unknown): TableRule => ({
  run: async (it) => {
    const build = buildOf(it);
    await addLoadBalancer(build, new Map());
    return read(build.stack.get(LOAD_BALANCER, 'LoadBalancer')?.spec as unknown as Json, it);
  },
});

const attributeMap = (list: unknown): Json =>
  Object.fromEntries(listOf(list).map(({ key, value }) => [String(key), value]));

const capacityMap = (spec: Json): Json => ({
  CapacityUnits: (spec.minimumLoadBalancerCapacity as Json | undefined)?.capacityUnits?.toString(),
});

/** One member, which the case has as `ing` or only as its class's configuration. */
const alone = (it: Json): Json => {
  const { ing, ingClassConfig } = argsOf(it);
  const member = ing ?? { ing: { metadata: { name: 'a', namespace: 'a' } }, ingClassConfig };
  return { ...it, fields: { ...fieldsOf(it), ingGroup: { members: [member] } } };
};

const aloneField = (read: (spec: Json) => unknown): TableRule => ({
  run: (it) => balancerField(read).run(alone(it)),
});

const groupTags: TableRule = {
  run: (it) => {
    const { group, settings } = buildOf(it);
    return tagsOfMembers(group.members, settings);
  },
};

const addOn = (
  type:
    | 'AWS::WAFv2::WebACLAssociation'
    | 'AWS::WAFRegional::WebACLAssociation'
    | 'AWS::Shield::Protection',
): TableRule => ({
  run: async (it) => {
    const known = new Map(Object.entries((argsOf(it).cache ?? {}) as Record<string, string>));
    for (const call of listOf(argsOf(it).getWebACLCalls)) {
      const answer = (call.resp ?? call.output ?? {}) as Json;
      for (const { Name, ARN } of listOf(answer.WebACLs)) known.set(String(Name), String(ARN));
    }
    const build = buildOf(it, {
      webAclArn: async (name) => {
        const arn = known.get(name);
        if (arn === undefined) throw new BuildError(`Unable to find web acl named ${name}`);
        return arn;
      },
    });
    await addAddOns(build);
    const spec = build.stack.get(type, 'LoadBalancer')?.spec;
    return spec === undefined ? undefined : { spec: { ...spec, resourceARN: 'awesome-lb-arn' } };
  },
});

/** Of a certificate the identity counts: its ARN, or the resource it will be. */
const certificateOf = (json: unknown, i: number): Token => {
  if (typeof json === 'string') return { certificateArn: json };
  const { status, spec } = ((json as Json).res ?? {}) as { status?: Json; spec?: Json };
  return status === undefined
    ? {
        resourceType: 'AWS::ACM::Certificate',
        resourceId: String(spec?.domainName ?? i),
        field: 'certificateARN',
      }
    : { certificateArn: String(status.certificateARN) };
};

const certificateText = (token: Token): string =>
  typeof token === 'string' ? token : JSON.stringify(token);

/** The wanted fields of each port, of those that the case lists. */
const listenPorts = (
  read: (
    port: Awaited<ReturnType<typeof listenPortsOf>> extends ReadonlyMap<number, infer Port>
      ? Port
      : never,
  ) => unknown,
  wantedOf: (entry: Json) => unknown,
): TableRule => ({
  run: async (it) => {
    const build = buildOf(it);
    const { modelCert } = it;
    const created = modelCert == null ? undefined : certificateOf({ res: modelCert }, 0);
    const wanted: unknown[] = [];
    for (const member of build.group.members) {
      const ports = await listenPortsOf(build, member, created);
      for (const { port } of listOf(it.want)) {
        const found = ports.get(Number(port ?? 0));
        wanted.push(found === undefined ? undefined : read(found));
      }
    }
    return wanted;
  },
  wanted: ({ want }) => listOf(want).map(wantedOf),
});

const healthField = (field: 'matcher' | 'path'): TableRule => ({
  run: (it) => {
    const { svcAndIngAnnotations, tgProtocolVersion } = argsOf(it);
    const service = { metadata: { name: 'a' }, spec: {} } as Service;
    return healthCheckOf(service, (svcAndIngAnnotations ?? {}) as Labels, {
      targetType: 'ip',
      protocol: 'HTTP',
      protocolVersion: tgProtocolVersion as 'HTTP1',
    })[field];
  },
});

const serviceOf = (json: unknown): Service => {
  const service = (json ?? {}) as Service;
  return { ...service, metadata: service.metadata ?? { name: '' }, spec: service.spec ?? {} };
};

const RULES: Readonly<Record<string, TableRule>> = {
  Test_buildACMCertificates: {
    run: (it) => {
      const build = buildOf(it);
      const featureGates = { ...build.settings.featureGates, EnableCertificateManagement: true };
      const defaultPcaArn = String(fieldsOf(it).defaultCAArn ?? '');
      const settings = { ...build.settings, featureGates, defaultPcaArn };
      for (const member of build.group.members) createdCertificate({ ...build, settings }, member);
      return build.stack.list('AWS::ACM::Certificate')[0]?.spec;
    },
    wanted: ({ wantCertSpec }) => wantCertSpec,
  },
  Test_buildEnableFrontendNlbViaAnnotation: {
    run: (it) => wantsFrontendNlb(buildOf(it).group.members),
    wanted: ({ wantEnabled }) => wantEnabled,
  },
  Test_buildFrontendNLBTargetGroupName: {
    run: ({ clusterName, namespace, ingName, port, wantPrefix }) =>
      frontendTargetGroupName(
        {
          group: groupOf({ id: { namespace, name: ingName } }),
          settings: settingsOf({ clusterName }),
        },
        Number(port),
        { port: 'traffic-port', protocol: 'HTTP' },
      ).startsWith(String(wantPrefix)),
    wanted: () => true,
  },
  Test_buildFrontendNlbName: {
    run: ({ clusterName, namespace, ingName, alb, wantPrefix }) =>
      frontendName(
        {
          group: groupOf({ id: { namespace, name: ingName } }),
          settings: settingsOf({ clusterName }),
        },
        'internal',
        String(((alb as Json).spec as Json).name ?? ''),
      ).startsWith(String(wantPrefix)),
    wanted: () => true,
  },
  Test_buildFrontendNlbSchemeViaAnnotation: {
    run: ({ annotations, defaultScheme }) =>
      frontendScheme({
        group: groupOf({ members: [{ ing: { metadata: { name: 'a', annotations } } }] }),
        settings: settingsOf({ defaultLoadBalancerScheme: defaultScheme }),
      }),
    wanted: ({ wantScheme }) => wantScheme,
  },
  Test_buildFrontendNlbSubnetMappings: {
    run: (it) =>
      frontendSubnets(buildOf(it), {
        type: 'network',
        scheme: fieldsOf(it).scheme as 'internal',
        ipAddressType: 'ipv4',
      }),
    wanted: ({ wantMappings }) => wantMappings,
  },
  Test_buildFrontendNlbTags: {
    run: (it) => frontendTags(buildOf(it)),
    wanted: ({ wantTags }) => wantTags,
  },
  Test_buildFrontendNlbTargetGroupSpecTags: {
    run: ({ annotations, ...it }) =>
      frontendTags(
        buildOf({
          ...it,
          ingGroup: { members: [{ ing: { metadata: { name: 'a', annotations } } }] },
        }),
      ),
    wanted: ({ wantTags }) => wantTags,
  },
  Test_buildIPv4IPAMPoolID: {
    ...balancerField(({ ipv4IPAMPool }) => ipv4IPAMPool),
    wanted: ({ expectedPoolId }) => expectedPoolId,
  },
  Test_buildListenerAttributes: {
    run: (it) => {
      const { members } = buildOf(it).group;
      const attributes = attributesOfListener({ port: 80, protocol: 'HTTP', members });
      return attributes.map(({ Key, Value }) => ({ key: Key, value: Value }));
    },
    wanted: ({ wantValue }) => wantValue,
  },
  Test_computeIngressListenPortConfigByPort_Certificates: listenPorts(
    ({ certificates }) => certificates.map(certificateText),
    ({ port, certificates }) =>
      // Port 80 is not listened on where a certificate makes it 443 alone.
      port === 80
        ? undefined
        : listOf(certificates).map((it, i) => certificateText(certificateOf(it, i))),
  ),
  Test_computeIngressListenPortConfigByPort_MutualAuthentication: listenPorts(
    ({ mutualAuthentication }) => mutualAuthentication,
    ({ mutualAuth }) => mutualAuth,
  ),
  Test_defaultModelBuildTask_buildFrontendNlbListeners: {
    run: (it) => {
      const ports = Object.entries((it.listenerPortConfigByIngress ?? {}) as Record<string, Json>);
      const listened = new Map(
        ports.map(([key, byPort]) => [
          key,
          new Map(Object.keys(byPort).map((port) => [Number(port), {} as never])),
        ]),
      );
      addFrontendListeners(buildOf(it), listened);
    },
    wanted: errorOnly,
  },
  Test_defaultModelBuildTask_buildFrontendNlbSecurityGroups: {
    run: async (it) => {
      const build = buildOf(it);
      const securityGroups: readonly Token[] = [];
      await addFrontendNlb(build, {
        name: 'a',
        scheme: 'internal',
        ipAddressType: 'ipv4',
        securityGroups,
        backendGroup: undefined,
        usesBackendSecurityGroup: false,
      });
      // Without the annotation upstream's mock refuses to be asked; nothing is asked here.
      const groups = build.stack.get(LOAD_BALANCER, 'FrontendNlb')?.spec.securityGroups ?? [];
      return groups.length === 0 ? SKIPPED : groups;
    },
    wanted: ({ wantSGTokens }) => wantSGTokens,
  },
  Test_defaultModelBuildTask_buildIngressBackendResourceTags: {
    run: (it) =>
      tagsOfBackend(
        memberOf(argsOf(it).ing as Json),
        serviceOf(argsOf(it).backend),
        settingsOfCase(it),
      ),
  },
  Test_defaultModelBuildTask_buildIngressClassLoadBalancerAttributes: aloneField((spec) =>
    attributeMap(spec.loadBalancerAttributes),
  ),
  Test_defaultModelBuildTask_buildIngressLoadBalancerAttributes: aloneField((spec) =>
    attributeMap(spec.loadBalancerAttributes),
  ),
  Test_defaultModelBuildTask_buildIngressGroupLoadBalancerAttributes: balancerField((spec) =>
    attributeMap(spec.loadBalancerAttributes),
  ),
  Test_defaultModelBuildTask_buildIngressClassLoadBalancerMinimumCapacity: aloneField(capacityMap),
  Test_defaultModelBuildTask_buildIngressLoadBalancerMinimumCapacity: aloneField(capacityMap),
  Test_defaultModelBuildTask_buildIngressGroupLoadBalancerMinimumCapacity:
    balancerField(capacityMap),
  Test_defaultModelBuildTask_buildIngressClassResourceTags: {
    run: (it) => groupTags.run(alone(it)),
  },
  Test_defaultModelBuildTask_buildIngressResourceTags: { run: (it) => groupTags.run(alone(it)) },
  Test_defaultModelBuildTask_buildIngressGroupResourceTags: groupTags,
  Test_defaultModelBuildTask_buildListenerTags: groupTags,
  Test_defaultModelBuildTask_buildListenerTags_FeatureGate: groupTags,
  Test_defaultModelBuildTask_buildLoadBalancerTags: groupTags,
  Test_defaultModelBuildTask_buildLoadBalancerTags_FeatureGate: groupTags,
  Test_defaultModelBuildTask_buildManagedSecurityGroupTags: groupTags,
  Test_defaultModelBuildTask_buildManagedSecurityGroupTags_FeatureGate: groupTags,
  Test_defaultModelBuildTask_buildResourceTagsPriority: groupTags,
  Test_defaultModelBuildTask_buildListenerRuleTags: {
    run: (it) => tagsOfMember(memberOf(fieldsOf(it).ing as Json), settingsOfCase(it)),
  },
  Test_defaultModelBuildTask_buildListenerRuleTags_FeatureGate: {
    run: (it) => tagsOfMember(memberOf(fieldsOf(it).ing as Json), settingsOfCase(it)),
  },
  Test_defaultModelBuildTask_buildTargetGroupTags: {
    run: (it) =>
      tagsOfBackend(
        memberOf(argsOf(it).ing as Json),
        serviceOf(argsOf(it).svc),
        settingsOfCase(it),
      ),
  },
  Test_defaultModelBuildTask_buildTargetGroupTags_FeatureGate: {
    run: (it) =>
      tagsOfBackend(
        memberOf(argsOf(it).ing as Json),
        serviceOf(argsOf(it).svc),
        settingsOfCase(it),
      ),
  },
  Test_defaultModelBuildTask_validateTagCollisionWithExternalManagedTags: {
    run: (it) => {
      refuseManagedElsewhere((argsOf(it).tags ?? {}) as Labels, settingsOfCase(it));
    },
    wanted: errorOnly,
  },
  Test_defaultModelBuildTask_buildLoadBalancerCOIPv4Pool: balancerField(
    ({ customerOwnedIPv4Pool }) => customerOwnedIPv4Pool,
  ),
  Test_defaultModelBuildTask_buildLoadBalancerIPAddressType: {
    ...balancerField(({ ipAddressType }) => ipAddressType),
    // Upstream's task has no default there.
    wanted: ({ want }) => want || 'ipv4',
  },
  Test_defaultModelBuildTask_buildLoadBalancerMinimumCapacity: balancerField(
    ({ minimumLoadBalancerCapacity }) => minimumLoadBalancerCapacity,
  ),
  Test_defaultModelBuildTask_buildLoadBalancerName: {
    run: (it) =>
      balancerField(({ name }) => name).run({
        ...it,
        clusterName: '',
        defaultLoadBalancerScheme: fieldsOf(it).scheme,
      }),
  },
  Test_defaultModelBuildTask_buildManageSecurityGroupRulesFlag: {
    run: (it) => managesBackendRules(buildOf(it)),
  },
  Test_defaultModelBuildTask_buildSSLRedirectConfig: {
    run: (it) => {
      const { listenPortConfigByPort } = argsOf(it);
      const ports = new Map(
        Object.entries((listenPortConfigByPort ?? {}) as Record<string, Json>).map(
          ([port, config]) => [Number(port), config as never],
        ),
      );
      return sslRedirectPort(buildOf(it).group.members, ports);
    },
    wanted: ({ want }) => (want as Json | null)?.sslPort,
  },
  Test_defaultModelBuildTask_buildShieldProtection: addOn('AWS::Shield::Protection'),
  Test_defaultModelBuildTask_buildWAFRegionalWebACLAssociation: addOn(
    'AWS::WAFRegional::WebACLAssociation',
  ),
  Test_defaultModelBuildTask_buildWAFv2WebACLAssociation: addOn('AWS::WAFv2::WebACLAssociation'),
  Test_defaultModelBuildTask_buildWAFv2WebACLAssociationFromWAFv2Name: addOn(
    'AWS::WAFv2::WebACLAssociation',
  ),
  Test_defaultModelBuildTask_buildTargetGroupBindingMultiClusterFlag: {
    run: ({ ing, svc }) =>
      isMultiCluster(
        memberOf(ing as Json).ingress.metadata.annotations,
        serviceOf(svc).metadata.annotations,
      ),
  },
  Test_defaultModelBuildTask_buildTargetGroupBindingNetworking: {
    run: (it) =>
      networkingOf(
        it.backendSGIDToken as string | undefined,
        it.disableRestrictedSGRules === true,
        {
          targetPort: it.targetPort as number,
          healthCheckConfig: { port: it.healthCheckPort as number },
          targetControlPort: (it.targetControlPort ?? undefined) as number | undefined,
        },
      ),
    wanted: ({ expected }) => expected,
  },
  Test_defaultModelBuildTask_buildTargetGroupBindingNodeSelector: {
    run: (it) => {
      const { ing, svc, targetType } = argsOf(it);
      const annotations = {
        ...memberOf(ing as Json).ingress.metadata.annotations,
        ...serviceOf(svc).metadata.annotations,
      };
      return nodeSelectorOf(targetType as 'instance', annotations);
    },
  },
  Test_defaultModelBuildTask_buildTargetGroupHealthCheckMatcher: healthField('matcher'),
  Test_defaultModelBuildTask_buildTargetGroupHealthCheckPath: healthField('path'),
  Test_defaultModelBuildTask_buildTargetGroupName: {
    run: (it) => {
      const args = argsOf(it);
      const group = groupOf({ id: args.groupID });
      return targetGroupName(
        { group, settings: settingsOf({ clusterName: '' }) },
        {
          member: memberOf({ ing: { metadata: args.ingKey } }),
          service: serviceOf(args.svc),
          port: args.port as string,
        },
        {
          targetType: args.targetType as 'ip',
          port: Number(args.tgPort),
          protocol: args.tgProtocol as 'HTTP',
          protocolVersion: args.tgProtocolVersion as 'HTTP1',
          targetControlPort: (args.controlPort ?? undefined) as number | undefined,
        },
      );
    },
  },
  Test_defaultModelBuildTask_buildTargetGroupPort: {
    run: (it) => portOf(argsOf(it).targetType as 'ip', argsOf(it).svcPort as never),
  },
  Test_defaultModelBuildTask_buildTargetGroupSpec: {
    run: (it) => {
      const { ing, svc, port, svcPort } = argsOf(it);
      const member = memberOf(ing as Json);
      const annotations = member.ingress.metadata.annotations ?? {};
      targetGroupSpec(
        buildOf(it),
        { ipAddressType: 'ipv4' },
        { member, service: serviceOf(svc), port: port as number },
        svcPort as never,
        annotations,
      );
    },
    wanted: errorOnly,
  },
  Test_defaultModelBuildTask_buildTargetGroupTargetControlPort: {
    run: (it) => {
      const { svcAndIngAnnotations, svc, port } = argsOf(it);
      return controlPortOf(serviceOf(svc), port as string, svcAndIngAnnotations as Labels);
    },
  },
  Test_defaultModelBuildTask_getFrontendNlbAttributes: {
    run: (it) => frontendAttributes(buildOf(it).group.members),
    wanted: ({ wantAttributes }) => wantAttributes,
  },
  Test_mergeFrontendNlbListenPortConfigs: {
    run: ({ configs }) => {
      const health = new FrontendHealth();
      const ports = listOf(configs).map((it) => it.frontendNlbListenerConfig as Json);
      for (const { healthCheckConfig, healthCheckConfigExplicit } of ports) {
        const explicit = Object.entries((healthCheckConfig ?? {}) as Json).filter(
          ([field]) =>
            ((healthCheckConfigExplicit ?? {}) as Json)[
              field[0]!.toUpperCase() + field.slice(1)
            ] === true,
        );
        health.merge(Object.fromEntries(explicit));
      }
      // What nobody says outright comes from the defaults, which these cases do not have.
      return undefined;
    },
    wanted: errorOnly,
  },
  Test_mergeListenPortConfigs_CertDedup: {
    run: ({ configs }) => {
      const wishes = listOf(configs).map(({ ingKey, listenPortConfig }, i) => ({
        key: `${(ingKey as Json).namespace}/${(ingKey as Json).name}`,
        listenPort: {
          protocol: (listenPortConfig as Json).protocol as 'HTTPS',
          inboundIpv4: [],
          inboundIpv6: [],
          prefixLists: [],
          certificates: listOf((listenPortConfig as Json).tlsCerts).map((it) =>
            certificateOf(it, i),
          ),
        },
      }));
      return mergedListenPort(wishes, '').certificates.length;
    },
    wanted: ({ expectedCertCount }) => expectedCertCount,
  },
  Test_validateMutualAuthenticationConfig: {
    run: ({ port, mode, trustStoreARN, ignoreClientCert, advertiseCANames }) => {
      checkMutualAuthentication({
        port: Number(port ?? 0),
        mode: String(mode ?? ''),
        trustStore: String(trustStoreARN ?? ''),
        ...(ignoreClientCert == null
          ? {}
          : { ignoreClientCertificateExpiry: ignoreClientCert === true }),
        ...(advertiseCANames == null
          ? {}
          : { advertiseTrustStoreCaNames: String(advertiseCANames) }),
      });
    },
    wanted: errorOnly,
  },
};

export const adapter = tableAdapter('pkg/ingress', RULES);
