/**
 * load-balancer/ingress/target-groups — a target group and its binding for each Ingress, Service
 * and port, once.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_target_group.go.
 */
import type { TargetGroupProtocol } from '../../../model/elbv2/target-group.ts';
import type { Service, ServicePort } from '../../../model/kubernetes/core.ts';
import type { LabelSelector, Labels } from '../../../model/kubernetes/meta.ts';
import { type Annotations, mergeStringMaps } from '../annotations/parser.ts';
import { BuildError } from '../build-error.ts';
import { servicePortOf } from '../service/service-port.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { nameOfObject } from '../stack/names.ts';
import type {
  HealthCheckSpec,
  NetworkingSpec,
  TargetGroupSpec,
} from '../stack/target-group-spec.ts';
import { fieldOf, type Token } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import {
  annotationsOf,
  attributesOf,
  type GroupBuild,
  groupDigest,
  isDualStack,
  paramsOf,
} from './group-build.ts';
import { tagsOfBackend } from './group-tags.ts';
import type { GroupBalancer } from './load-balancer.ts';
import { healthCheckOf, TRAFFIC_PORT } from './target-group-health.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::TargetGroup';

export type BackendProtocolVersion = 'HTTP1' | 'HTTP2' | 'GRPC';

/** What a target group is of. */
export interface Backend {
  readonly member: ClassifiedIngress;
  readonly service: Service;
  /** As the Ingress names it: a name and a number of one port are two target groups. */
  readonly port: number | string;
}

/** Adds the backend's target group with its binding, where it is not there yet. */
export function targetGroupArn(
  build: GroupBuild,
  balancer: GroupBalancer,
  backend: Backend,
): Token {
  const { member, service, port } = backend;
  const id = `${memberKey(member)}-${service.metadata.name}:${port}`;
  const arn = fieldOf(TYPE, id, 'targetGroupARN');
  if (build.stack.get(TYPE, id) !== undefined) return arn;
  const servicePort = servicePortOf(service, port);
  const annotations = mergeStringMaps(service.metadata.annotations, annotationsOf(member));
  const spec = targetGroupSpec(build, balancer, backend, servicePort, annotations);
  const nodeSelector = nodeSelectorOf(spec.targetType, annotations);
  build.stack.add(TYPE, id, spec);
  addBinding(build, balancer, backend, { id, arn, spec, servicePort, nodeSelector });
  return arn;
}

/** @param annotations  the Service's over the Ingress's */
export function targetGroupSpec(
  build: Pick<GroupBuild, 'settings' | 'group'>,
  balancer: Pick<GroupBalancer, 'ipAddressType'>,
  backend: Backend,
  servicePort: ServicePort,
  annotations: Labels,
): TargetGroupSpec {
  const { member, service, port } = backend;
  const targetType = targetTypeOf(member, build.settings, annotations);
  const protocol = protocolOf(annotations);
  const protocolVersion = protocolVersionOf(annotations);
  const healthCheckConfig = healthCheckOf(service, annotations, {
    targetType,
    protocol,
    protocolVersion,
  });
  const attributes = alb.stringMap('target-group-attributes', annotations) ?? {};
  const tags = tagsOfBackend(member, service, build.settings);
  const ipAddressType = addressTypeOf(service, balancer);
  const targetPort = portOf(targetType, servicePort);
  const targetControlPort = controlPortOf(service, port, annotations);
  if (targetType === 'instance' && targetControlPort !== undefined) {
    throw new BuildError('target control port is not supported for instance target target group');
  }
  if (targetPort === 0) throw new BuildError(emptyPortText(targetType));
  const kind = { targetType, port: targetPort, protocol, protocolVersion, targetControlPort };
  return {
    name: targetGroupName(build, backend, kind),
    targetType,
    port: targetPort,
    protocol,
    protocolVersion,
    ipAddressType,
    healthCheckConfig,
    targetGroupAttributes: attributesOf(attributes),
    tags,
    targetControlPort,
  };
}

const emptyPortText = (targetType: 'instance' | 'ip'): string =>
  targetType === 'ip'
    ? 'TargetGroup port is empty. Are you using the correct service type?'
    : 'TargetGroup port is empty. When using Instance targets, ' +
      "your service be must of type 'NodePort' or 'LoadBalancer'";

/** A name of what the target group is of and like: any change of these makes another one. */
export function targetGroupName(
  build: Pick<GroupBuild, 'settings' | 'group'>,
  { member, service, port }: Backend,
  kind: Pick<
    TargetGroupSpec,
    'targetType' | 'port' | 'protocol' | 'protocolVersion' | 'targetControlPort'
  >,
): string {
  const { namespace = '', name } = member.ingress.metadata;
  const { namespace: serviceNamespace = '', name: serviceName, uid = '' } = service.metadata;
  const digest = groupDigest(
    build,
    namespace,
    name,
    uid,
    port,
    kind.port,
    kind.targetType,
    kind.protocol,
    kind.protocolVersion ?? '',
    kind.targetControlPort ?? '',
  );
  return nameOfObject(serviceNamespace, serviceName, digest);
}

function targetTypeOf(
  member: ClassifiedIngress,
  { defaultTargetType, featureGates }: ControllerSettings,
  annotations: Annotations,
): 'instance' | 'ip' {
  const raw =
    paramsOf(member).targetType || (alb.string('target-type', annotations) ?? defaultTargetType);
  if (raw === 'instance') return raw;
  if (raw !== 'ip') throw new BuildError(`unknown targetType: ${raw}`);
  if (!featureGates.EnableIPTargetType) {
    throw new BuildError('unsupported targetType: ip when EnableIPTargetType is false');
  }
  return raw;
}

function protocolOf(annotations: Annotations): 'HTTP' | 'HTTPS' {
  const raw = alb.string('backend-protocol', annotations) ?? 'HTTP';
  if (raw === 'HTTP' || raw === 'HTTPS') return raw;
  throw new BuildError(`backend protocol must be within [HTTP, HTTPS]: ${raw}`);
}

function protocolVersionOf(annotations: Annotations): BackendProtocolVersion {
  const raw = alb.string('backend-protocol-version', annotations) ?? 'HTTP1';
  if (raw === 'HTTP1' || raw === 'HTTP2' || raw === 'GRPC') return raw;
  throw new BuildError(`backend protocol version must be within [HTTP1, HTTP2, GRPC]: ${raw}`);
}

function addressTypeOf(
  { spec }: Service,
  { ipAddressType }: Pick<GroupBalancer, 'ipAddressType'>,
): 'ipv4' | 'ipv6' {
  if (!(spec.ipFamilies ?? []).includes('IPv6')) return 'ipv4';
  if (isDualStack(ipAddressType)) return 'ipv6';
  throw new BuildError('unsupported IPv6 configuration, lb not dual-stack');
}

/** Targets are registered each with its port: 1 stands where pods give it a name. */
export const portOf = (
  targetType: TargetGroupSpec['targetType'],
  { nodePort = 0, targetPort = 0 }: Pick<ServicePort, 'nodePort' | 'targetPort'>,
): number => {
  if (targetType === 'instance') return nodePort;
  return typeof targetPort === 'number' ? targetPort : 1;
};

/** target-control-port.SERVICE.PORT */
export const controlPortOf = (
  service: Service,
  port: number | string,
  annotations: Annotations,
): number | undefined =>
  alb.int32(`target-control-port.${service.metadata.name}.${port}`, annotations);

/** Nodes that are targets, where the annotation asks for some only. */
export function nodeSelectorOf(
  targetType: TargetGroupSpec['targetType'],
  annotations: Annotations,
): LabelSelector | undefined {
  if (targetType !== 'instance') return undefined;
  const matchLabels = alb.stringMap('target-node-labels', annotations) ?? {};
  return Object.keys(matchLabels).length === 0 ? undefined : { matchLabels };
}

interface Bound {
  readonly id: string;
  readonly arn: Token;
  readonly spec: TargetGroupSpec;
  readonly servicePort: ServicePort;
  readonly nodeSelector: LabelSelector | undefined;
}

function addBinding(
  { settings, stack }: GroupBuild,
  { backendGroup }: GroupBalancer,
  { member, service, port }: Backend,
  { id, arn, spec, servicePort, nodeSelector }: Bound,
): void {
  const { namespace = '', name } = service.metadata;
  const targetType = spec.targetType as 'instance' | 'ip';
  const targetPort =
    targetType === 'instance' ? (servicePort.nodePort ?? 0) : (servicePort.targetPort ?? 0);
  const isShared = isMultiCluster(annotationsOf(member), service.metadata.annotations);
  stack.add('K8S::ElasticLoadBalancingV2::TargetGroupBinding', id, {
    template: {
      metadata: { name: spec.name, namespace },
      spec: {
        targetGroupARN: arn,
        targetType,
        serviceRef: { name, port },
        networking: networkingOf(backendGroup, settings.disableRestrictedSgRules, {
          targetPort,
          healthCheckConfig: spec.healthCheckConfig,
          targetControlPort: spec.targetControlPort,
        }),
        nodeSelector,
        ipAddressType: spec.ipAddressType,
        vpcID: settings.vpcId,
        multiClusterTargetGroup: isShared ? true : undefined,
        targetGroupProtocol: spec.protocol as TargetGroupProtocol,
      },
    },
  });
}

/** Do other clusters register targets here too? Either may say so. */
export function isMultiCluster(ofIngress: Annotations, ofService: Annotations): boolean {
  const suffix = 'multi-cluster-target-group';
  return alb.bool(suffix, ofIngress) === true || alb.bool(suffix, ofService) === true;
}

/** What targets let in: one rule a port, from the load balancer's own or the shared group. */
export function networkingOf(
  backendGroup: Token | undefined,
  isUnrestricted: boolean,
  needs: {
    readonly targetPort: number | string;
    readonly healthCheckConfig?: HealthCheckSpec | undefined;
    readonly targetControlPort?: number | undefined;
  },
): NetworkingSpec | undefined {
  if (backendGroup === undefined) return undefined;
  const from = [{ securityGroup: { groupID: backendGroup } }];
  if (isUnrestricted) return { ingress: [{ from, ports: [{ protocol: 'TCP' }] }] };
  const { targetPort, healthCheckConfig, targetControlPort } = needs;
  const checked = healthCheckConfig?.port ?? TRAFFIC_PORT;
  const ports = [
    targetPort,
    ...(checked === TRAFFIC_PORT ? [] : [checked]),
    ...(targetControlPort === undefined ? [] : [targetControlPort]),
  ];
  return { ingress: ports.map((port) => ({ from, ports: [{ protocol: 'TCP', port }] })) };
}
