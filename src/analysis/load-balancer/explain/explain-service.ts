/**
 * analysis/load-balancer/explain/explain-service — a Service: who makes its load
 * balancer, that line by line, or why it has none.
 */
import type { Cloud } from '../../../cloud/cloud.ts';
import { tagTerm } from '../../../model/ec2/tags.ts';
import type { Listener } from '../../../model/elbv2/listener.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { TargetGroup } from '../../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { type ServiceClaim, serviceClaim } from '../../../model/kubernetes/service-claim.ts';
import { warningsOf } from '../warnings.ts';
import { explainClassic } from './explain-classic.ts';
import { type BalancerSetting, explainLoadBalancer } from './explain-load-balancer.ts';
import { explainSecurityGroups } from './explain-security-group.ts';
import {
  explainTargetGroup,
  registered,
  resourceIdOf,
  type TargetSetting,
  targetGroupsOf,
} from './explain-target-group.ts';
import type { ExplainedResource, Explanation, Origin, Places } from './explanation.ts';
import { shortName } from './explanation.ts';
import { controllerTroubles, searchedSubnets } from './no-load-balancer.ts';
import { byDefault, defaultOf, ofAnnotation, ofField } from './origins.ts';
import { remediesOf } from './remedies.ts';

const NLB = 'service.beta.kubernetes.io/aws-load-balancer-';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** What became of one Service. */
export async function explainService(
  cloud: Cloud,
  store: TwinStore,
  service: Service,
  places: Places,
): Promise<Explanation> {
  const object = shortName(service);
  const claim = serviceClaim(service);
  const said = claimText(claim);
  const warnings = warningsOf(store, service);
  const classic = store
    .list('elbv2/classic-load-balancer')
    .find(({ tags }) => tags['kubernetes.io/service-name'] === keyOf(service));
  if (classic !== undefined) {
    const resources = explainClassic(classic, service, places);
    const loadBalancer = {
      name: classic.loadBalancerName,
      dnsName: classic.dnsName,
      state: 'active',
    };
    return { object, claim: said, loadBalancer, resources, reasons: warnings };
  }
  const balancer = balancerOf(store, service);
  if (balancer !== undefined) {
    const { loadBalancerName: name, dnsName, state } = balancer;
    const resources = resourcesOf(store, balancer, service, places);
    return {
      object,
      claim: said,
      loadBalancer: { name, dnsName, state },
      resources,
      reasons: warnings,
    };
  }
  const remedies = remediesOf(store, [service], places);
  if (claim.by !== 'load-balancer-controller') {
    const reasons = [...whyNot(claim), ...warnings];
    return { object, claim: said, resources: [], reasons, remedies };
  }
  const reasons = [...controllerTroubles(store), ...warnings];
  const subnets = await searchedSubnets(cloud, store, demandOf(service));
  return { object, claim: said, resources: [], reasons, remedies, subnets };
}

const TAKERS: Readonly<Record<ServiceClaim['by'], string>> = {
  'load-balancer-controller': 'the AWS Load Balancer Controller takes it',
  'in-tree': 'the in-tree controller takes it',
  another: 'another controller takes it',
  nobody: 'nobody makes a load balancer of it',
};

const claimText = ({ by, reason }: ServiceClaim): string => `${TAKERS[by]}: ${reason}`;

function whyNot({ by, reason }: ServiceClaim): string[] {
  if (by === 'another') return [`what takes it is not simulated: ${reason}`];
  if (by === 'in-tree') return ['the in-tree controller has made none of it (yet)'];
  return [`${reason}: write type: LoadBalancer to have one`];
}

/** The load balancer, by the tags of either controller. */
function balancerOf(store: TwinStore, service: Service): LoadBalancer | undefined {
  const key = keyOf(service);
  const terms = [tagTerm('service.k8s.aws/stack', key), tagTerm('kubernetes.io/service-name', key)];
  return terms.flatMap((term) => store.lookup('elbv2/load-balancer', 'tag', term))[0];
}

function demandOf(service: Service) {
  const { annotations } = service.metadata;
  const isPublic =
    annotations?.[`${NLB}scheme`] === 'internet-facing' ||
    annotations?.[`${NLB}internal`] === 'false';
  const isDual = annotations?.[`${NLB}ip-address-type`] === 'dualstack';
  return {
    type: 'network',
    scheme: isPublic ? 'internet-facing' : 'internal',
    ipAddressType: isDual ? 'dualstack' : 'ipv4',
  } as const;
}

/** An annotation of the Service, or what holds without it. */
function from(service: Service, suffix: string, places: Places, fallback?: string): Origin {
  const key = `${NLB}${suffix}`;
  return ofAnnotation(service, key, places) ?? defaultOf(key, fallback);
}

const BALANCER_KEYS: Readonly<Record<BalancerSetting, readonly [key: string, fallback: string]>> = {
  name: ['name', 'k8s-, the names cut, and a hash of cluster, uid and scheme'],
  scheme: ['scheme', 'internal'],
  'ip-address-type': ['ip-address-type', 'ipv4'],
  subnets: ['subnets', 'discovered when it was made, by role tag or by routes'],
  'security-groups': ['security-groups', 'made by the controller'],
  attributes: ['attributes', ''],
  tags: ['additional-resource-tags', 'default tags of the controller'],
};

/** What the in-tree controller does where nobody says anything. */
const IN_TREE: Readonly<Partial<Record<BalancerSetting, string>>> = {
  name: 'a, and the uid of the Service without dashes, cut at 32',
  scheme: 'internet-facing',
  subnets: 'one subnet a zone, those with a role tag first',
  'security-groups': 'none: rules go to the nodes',
};

function resourcesOf(
  store: TwinStore,
  balancer: LoadBalancer,
  service: Service,
  places: Places,
): ExplainedResource[] {
  const arn = balancer.loadBalancerArn;
  const listeners = store
    .lookup('elbv2/listener', 'load-balancer', arn)
    .sort((a, b) => a.port - b.port);
  const inbound = inboundOrigin(service, places);
  return [
    explainLoadBalancer(store, balancer, (setting) => {
      const [suffix, usual] = BALANCER_KEYS[setting];
      const isInTree = balancer.tags['kubernetes.io/service-name'] !== undefined;
      const fallback = (isInTree ? IN_TREE[setting] : undefined) ?? usual;
      const internal = ofAnnotation(service, `${NLB}internal`, places);
      const origin = from(service, suffix, places, fallback);
      return setting === 'scheme' && origin.object === undefined ? (internal ?? origin) : origin;
    }),
    ...listeners.map((listener) => ofListener(store, listener, service, places)),
    ...targetGroupsOf(store, arn).map((group) => ofTargets(store, group, service, places)),
    ...explainSecurityGroups(store, balancer, inbound),
  ];
}

function inboundOrigin(service: Service, places: Places): Origin {
  const { loadBalancerSourceRanges = [] } = service.spec;
  if (loadBalancerSourceRanges.length > 0) {
    const said = loadBalancerSourceRanges.join(',');
    return ofField(service, ['spec', 'loadBalancerSourceRanges'], said, places);
  }
  return ofAnnotation(service, SOURCE_RANGES, places) ?? defaultOf(SOURCE_RANGES);
}

function ofListener(
  store: TwinStore,
  { port, protocol, certificateArns, sslPolicy, defaultActions }: Listener,
  service: Service,
  places: Places,
): ExplainedResource {
  const index = (service.spec.ports ?? []).findIndex((it) => it.port === port);
  const ofPort = service.spec.ports?.[index];
  const said = `${ofPort?.name === undefined ? '' : `${ofPort.name} `}${port}/${ofPort?.protocol ?? 'TCP'}`;
  const origin = ofField(service, ['spec', 'ports', Math.max(index, 0)], said, places);
  const certificate = from(service, 'ssl-cert', places);
  const names = defaultActions.flatMap((action) =>
    action.type === 'forward'
      ? action.targetGroups.map(
          ({ targetGroupArn }) =>
            store.get('elbv2/target-group', targetGroupArn)?.targetGroupName ?? targetGroupArn,
        )
      : [],
  );
  return {
    name: `listener ${protocol}:${port}`,
    mappings: [
      {
        field: 'Protocol, Port',
        value: `${protocol}, ${port}`,
        origin: protocol === 'TLS' ? certificate : origin,
      },
      ...certificateArns.map((value) => ({ field: 'Certificates', value, origin: certificate })),
      ...(sslPolicy === undefined
        ? []
        : [
            {
              field: 'SslPolicy',
              value: sslPolicy,
              origin: from(service, 'ssl-negotiation-policy', places),
            },
          ]),
      { field: 'DefaultActions', value: `forward to ${names.join(', ')}`, origin },
    ],
  };
}

const TARGET_KEYS: Readonly<Partial<Record<TargetSetting, string>>> = {
  'target-type': 'nlb-target-type',
  protocol: 'backend-protocol',
  attributes: 'target-group-attributes',
  'healthcheck-protocol': 'healthcheck-protocol',
  'healthcheck-port': 'healthcheck-port',
  'healthcheck-path': 'healthcheck-path',
  'success-codes': 'healthcheck-success-codes',
  'healthcheck-interval': 'healthcheck-interval',
  'healthcheck-timeout': 'healthcheck-timeout',
  'healthy-threshold': 'healthcheck-healthy-threshold',
  'unhealthy-threshold': 'healthcheck-unhealthy-threshold',
};

function ofTargets(
  store: TwinStore,
  group: TargetGroup,
  service: Service,
  places: Places,
): ExplainedResource {
  const port = resourceIdOf(group)?.split(':')[1] ?? '';
  const isLocal = group.targetType === 'instance' && service.spec.externalTrafficPolicy === 'Local';
  return explainTargetGroup(store, group, (setting) => {
    if (setting === 'targets') return registered(group.targetType, shortName(service));
    if (setting === 'port') return portOrigin(service, port, group, places);
    if (isLocal && setting.startsWith('healthcheck-')) {
      const origin = from(service, TARGET_KEYS[setting]!, places);
      return origin.object === undefined ? localOrigin(service, setting, places) : origin;
    }
    return from(service, TARGET_KEYS[setting] ?? '', places);
  });
}

/** With externalTrafficPolicy Local the health check asks kube-proxy for pods of the node. */
function localOrigin(service: Service, setting: TargetSetting, places: Places): Origin {
  if (setting !== 'healthcheck-port') {
    return ofField(service, ['spec', 'externalTrafficPolicy'], 'Local', places);
  }
  const said = `${service.spec.healthCheckNodePort}`;
  return ofField(service, ['spec', 'healthCheckNodePort'], said, places);
}

function portOrigin(
  service: Service,
  port: string,
  { targetType }: TargetGroup,
  places: Places,
): Origin {
  const ports = service.spec.ports ?? [];
  const index = Math.max(
    ports.findIndex((it) => String(it.port) === port || it.name === port),
    0,
  );
  const found = ports[index];
  if (found === undefined) return byDefault('the port is gone');
  const field = targetType === 'instance' ? 'nodePort' : 'targetPort';
  const said = targetType === 'instance' ? found.nodePort : (found.targetPort ?? found.port);
  return ofField(service, ['spec', 'ports', index, field], `${said}`, places);
}
