/**
 * load-balancer/service/target-group — the target group of a Service's port and the binding that
 * fills it.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:92-160,
 * 234-265,408-430,505-600.
 */
import type { TargetGroupProtocol } from '../../../model/elbv2/target-group.ts';
import type { Service, ServicePort } from '../../../model/kubernetes/core.ts';
import { BuildError } from '../build-error.ts';
import { digestOf, nameOfObject } from '../stack/names.ts';
import type { HealthCheckSpec } from '../stack/target-group-spec.ts';
import { fieldOf, type Token } from '../stack/token.ts';
import type { Balancer } from './balancer.ts';
import { healthCheckOf } from './health-check.ts';
import { additionalTags, annotated, keyOf, type ServiceBuild } from './service-build.ts';
import { preservesClientIp, targetGroupAttributes } from './target-group-attributes.ts';
import { networkingOf } from './target-networking.ts';

/** What a target group is for. */
export interface TargetGroupWish {
  /** Whose endpoints it gets; not always the Service that owns the load balancer. */
  readonly service: Service;
  readonly port: ServicePort;
  readonly protocol: TargetGroupProtocol;
  /** The owner of the load balancer, where `service` is another one. */
  readonly base?: Service | undefined;
}

type TargetType = 'instance' | 'ip';

const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

/** The target group's ARN; a group that another listener has made already is shared. */
export async function addTargetGroup(
  build: ServiceBuild,
  balancer: Balancer,
  wish: TargetGroupWish,
): Promise<Token> {
  const { stack } = build;
  const id = `${keyOf(wish.service)}:${wish.port.port}`;
  const arn = fieldOf(TARGET_GROUP, id, 'targetGroupARN');
  if (stack.get(TARGET_GROUP, id) !== undefined) return arn;
  const targetType = targetTypeOf(build, wish);
  const healthCheckConfig = healthCheckOf(build, wish.service, targetType);
  const attributes = targetGroupAttributes(build, wish.port);
  const keepsClientIp = preservesClientIp(attributes, targetType);
  const tags = additionalTags(build);
  const port = targetGroupPort(targetType, wish.port);
  const ipAddressType = addressTypeOf(wish.service, balancer);
  if (port === 0) throw new BuildError(noPortText(targetType));
  const name = nameOf(build, wish, port, targetType, healthCheckConfig);
  const { protocol } = wish;
  stack.add(TARGET_GROUP, id, {
    name,
    targetType,
    port,
    protocol,
    ipAddressType,
    healthCheckConfig,
    targetGroupAttributes: attributes,
    tags,
  });
  await addBinding(
    build,
    balancer,
    wish,
    { id, arn, name, targetType, ipAddressType },
    {
      healthCheckPort: healthCheckConfig.port ?? 'traffic-port',
      keepsClientIp,
    },
  );
  return arn;
}

interface MadeGroup {
  readonly id: string;
  readonly arn: Token;
  readonly name: string;
  readonly targetType: TargetType;
  readonly ipAddressType: 'ipv4' | 'ipv6';
}

async function addBinding(
  build: ServiceBuild,
  balancer: Balancer,
  { service, port, protocol }: TargetGroupWish,
  group: MadeGroup,
  traits: { readonly healthCheckPort: number | string; readonly keepsClientIp: boolean },
): Promise<void> {
  const { annotations, settings, stack } = build;
  const { targetType, ipAddressType } = group;
  const nodeSelector = targetType === 'instance' ? nodeSelectorOf(build) : undefined;
  const targetPort = targetType === 'instance' ? (port.nodePort ?? 0) : targetPortOf(port);
  const wish = { service, protocol, targetPort, ipAddressType, ...traits };
  const networking = await networkingOf(build, balancer, wish);
  const multiCluster = 'aws-load-balancer-multi-cluster-target-group';
  const isMultiCluster = annotated.bool(multiCluster, annotations);
  stack.add('K8S::ElasticLoadBalancingV2::TargetGroupBinding', group.id, {
    template: {
      metadata: { name: group.name, namespace: service.metadata.namespace ?? '' },
      spec: {
        targetGroupARN: group.arn,
        targetType,
        serviceRef: { name: service.metadata.name, port: port.port },
        networking,
        nodeSelector,
        ipAddressType,
        vpcID: settings.vpcId,
        multiClusterTargetGroup: isMultiCluster ? true : undefined,
        targetGroupProtocol: protocol,
      },
    },
  });
}

/** Nodes or pods. @throws BuildError  where the Service cannot have what is asked for */
export function targetTypeOf(
  { annotations, settings }: ServiceBuild,
  { service, port }: TargetGroupWish,
): TargetType {
  const isNlbIp = annotated.string('aws-load-balancer-type', annotations) === 'nlb-ip';
  const wanted =
    annotated.string('aws-load-balancer-nlb-target-type', annotations) ??
    settings.defaultTargetType;
  const { EnableIPTargetType } = settings.featureGates;
  if (wanted === 'ip' && !EnableIPTargetType) {
    throw new BuildError('unsupported targetType: ip when EnableIPTargetType is false');
  }
  if (isNlbIp || wanted === 'ip') return 'ip';
  const { type, allocateLoadBalancerNodePorts } = service.spec;
  if (type === 'ClusterIP') {
    throw new BuildError(
      `unsupported service type "${type}" for load balancer target type "${wanted}"`,
    );
  }
  if (!port.nodePort && allocateLoadBalancerNodePorts === false) {
    throw new BuildError('unable to support instance target type with an unallocated NodePort');
  }
  return 'instance';
}

/** What the API server fills in where the manifest says nothing. */
const targetPortOf = ({ targetPort, port }: ServicePort): number | string => targetPort ?? port;

/** Shown, never used: every target is registered with its own port. */
function targetGroupPort(targetType: TargetType, port: ServicePort): number {
  if (targetType === 'instance') return port.nodePort ?? 0;
  const targetPort = targetPortOf(port);
  return typeof targetPort === 'number' ? targetPort : 1;
}

const noPortText = (targetType: TargetType): string =>
  targetType === 'ip'
    ? 'TargetGroup port is empty. Are you using the correct service type?'
    : 'TargetGroup port is empty. When using Instance targets, your service be must of type ' +
      "'NodePort' or 'LoadBalancer'";

function addressTypeOf({ spec }: Service, balancer: Balancer): 'ipv4' | 'ipv6' {
  if (!spec.ipFamilies?.includes('IPv6')) return 'ipv4';
  if (balancer.ipAddressType === 'dualstack') return 'ipv6';
  throw new BuildError('unsupported IPv6 configuration, lb not dual-stack');
}

function nameOf(
  { settings }: ServiceBuild,
  { service, base, port, protocol }: TargetGroupWish,
  groupPort: number,
  targetType: TargetType,
  healthCheck: HealthCheckSpec,
): string {
  const { namespace = '', name, uid = '' } = service.metadata;
  const digest = digestOf(
    settings.clusterName,
    base?.metadata.uid ?? '',
    uid,
    groupPort,
    port.port,
    targetType,
    protocol,
    healthCheck.protocol ?? 'TCP',
    healthCheck.intervalSeconds ?? 10,
  );
  return nameOfObject(namespace, name, digest);
}

/** The nodes that are targets; undefined: all of them. */
export function nodeSelectorOf({ annotations }: ServiceBuild) {
  const suffix = 'aws-load-balancer-target-node-labels';
  const matchLabels = annotated.stringMap(suffix, annotations) ?? {};
  return Object.keys(matchLabels).length === 0 ? undefined : { matchLabels };
}
