/**
 * load-balancer/gateway/model/target-groups — a target group for each route and backend of a
 * Gateway, with the binding that fills it, or with the load balancer that is its target.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_target_group.go.
 */
import type { TargetGroupProtocol } from '../../../../model/elbv2/target-group.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type { AnyRoute, RouteKind } from '../../../../model/kubernetes/route.ts';
import { BuildError } from '../../build-error.ts';
import { isDualStack } from '../../ingress/group-build.ts';
import { digestOf, nameOfObject } from '../../stack/names.ts';
import type { FrontendTargetGroups, TargetGroupSpec } from '../../stack/target-group-spec.ts';
import { fieldOf, type Token } from '../../stack/token.ts';
import type { GatewayBackend, LoadedBackend, ServiceBackend } from '../attachment/loaded-route.ts';
import { type GatewayBalancer, type GatewayBuild, tagsOf } from './gateway-build.ts';
import { healthCheckOf } from './target-group-health.ts';
import { networkingOf } from './target-networking.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::TargetGroup';

type OwnTarget = ServiceBackend | GatewayBackend;

/** Where a backend is used: by which route, at which listener. */
export interface TargetUse {
  readonly route: AnyRoute;
  readonly listenerPort: number;
  /** As the listener has it in AWS: `TCP_UDP`, `QUIC`. */
  readonly listenerProtocol: string;
}

/** Adds target groups, each once. */
export class TargetGroups {
  readonly #build: GatewayBuild;
  readonly #balancer: GatewayBalancer;
  readonly #frontends: Record<string, FrontendTargetGroups['TargetGroups'][string]> = {};

  constructor(build: GatewayBuild, balancer: GatewayBalancer) {
    this.#build = build;
    this.#balancer = balancer;
  }

  /** Those whose target is a load balancer, by name. */
  get frontends(): FrontendTargetGroups['TargetGroups'] {
    return this.#frontends;
  }

  /** The backend's target group. @throws BuildError */
  async arnOf({ target }: LoadedBackend, use: TargetUse): Promise<Token> {
    if (target.kind === 'target-group') return this.#build.reads.targetGroupArn(target.name);
    const { stack } = this.#build;
    const spec = this.#specOf(target, use);
    const id = this.#idOf(target, use);
    const arn = fieldOf(TYPE, id, 'targetGroupARN');
    if (stack.get(TYPE, id) !== undefined) return arn;
    stack.add(TYPE, id, spec);
    if (target.kind === 'service') await this.#bind(target, { id, arn, spec });
    else {
      this.#frontends[spec.name] = {
        Name: spec.name,
        ARN: arn,
        Port: use.listenerPort,
        TargetARN: target.loadBalancerArn,
        TargetPort: spec.port,
      };
    }
    return arn;
  }

  #idOf(target: OwnTarget, { route }: TargetUse): string {
    const { namespace = '', name } = route.metadata;
    const backend = objectOf(target);
    const of = `${namespace}-${name}:${route.kind}-${backend.namespace}-${backend.name}`;
    return `${keyOf(this.#build.gateway)}:${of}:${identifyingPort(target)}`;
  }

  #specOf(target: OwnTarget, use: TargetUse): TargetGroupSpec {
    const { type, settings } = this.#build;
    const { props } = target;
    const targetType =
      target.kind === 'gateway'
        ? 'alb'
        : (props.targetType ?? (settings.defaultTargetType as 'instance' | 'ip'));
    const protocol = protocolOf(type, target, use);
    const protocolVersion = versionOf(type, target, use);
    const kind = { targetType, protocol, protocolVersion } as const;
    const healthCheckConfig = healthCheckOf(type, target, kind);
    const ipAddressType = this.#addressTypeOf(target);
    const tags = tagsOf(this.#build, props.tags);
    const port = portOf(target, targetType);
    const controlPort = controlPortOf(target, kind);
    const name = props.targetGroupName ?? this.#nameOf(target, use, { ...kind, port, controlPort });
    if (port === 0) throw new BuildError(emptyPortText(targetType));
    const targetGroupAttributes = [...(props.targetGroupAttributes ?? [])].sort((a, b) =>
      a.key < b.key ? -1 : 1,
    );
    return {
      name,
      ...kind,
      port,
      ipAddressType,
      healthCheckConfig,
      targetGroupAttributes,
      tags,
    };
  }

  #addressTypeOf(target: OwnTarget): 'ipv4' | 'ipv6' {
    if (target.kind === 'gateway') return 'ipv4';
    if (!(target.service.spec.ipFamilies ?? []).includes('IPv6')) return 'ipv4';
    if (isDualStack(this.#balancer.ipAddressType)) return 'ipv6';
    throw new BuildError('unsupported IPv6 configuration, lb not dual-stack');
  }

  /** Any change of what it is made of makes another target group. */
  #nameOf(
    target: OwnTarget,
    { route }: TargetUse,
    kind: Pick<TargetGroupSpec, 'targetType' | 'protocol' | 'protocolVersion' | 'port'> & {
      readonly controlPort: number | undefined;
    },
  ): string {
    const { gateway, settings } = this.#build;
    const { namespace = '', name } = route.metadata;
    const backend = objectOf(target);
    const digest = digestOf(
      settings.clusterName,
      gateway.metadata.namespace ?? '',
      gateway.metadata.name,
      namespace,
      name,
      route.kind,
      backend.namespace ?? '',
      backend.name,
      kind.targetType === 'instance' ? kind.port : identifyingPort(target),
      kind.targetType,
      kind.protocol,
      kind.protocolVersion ?? '',
      kind.controlPort ?? '',
    );
    return nameOfObject(namespace, name, digest);
  }

  async #bind(
    { service, port, props }: ServiceBackend,
    { id, arn, spec }: { readonly id: string; readonly arn: Token; readonly spec: TargetGroupSpec },
  ): Promise<void> {
    const { gateway, settings, stack } = this.#build;
    const { namespace = '', name } = service.metadata;
    const targetType = spec.targetType as 'instance' | 'ip';
    const targetPort = targetType === 'instance' ? (port.nodePort ?? 0) : (port.targetPort ?? 0);
    const { annotations, labels } = gateway.spec.infrastructure ?? {};
    stack.add('K8S::ElasticLoadBalancingV2::TargetGroupBinding', id, {
      template: {
        metadata: { name: spec.name, namespace, labels, annotations },
        spec: {
          targetGroupARN: arn,
          targetType,
          serviceRef: { name, port: port.port },
          networking: await networkingOf(this.#build, this.#balancer, spec, targetPort),
          nodeSelector: targetType === 'instance' ? props.nodeSelector : undefined,
          ipAddressType: spec.ipAddressType,
          vpcID: settings.vpcId,
          multiClusterTargetGroup: props.enableMultiCluster === true ? true : undefined,
          targetGroupProtocol: spec.protocol,
        },
      },
    });
  }
}

const objectOf = (target: OwnTarget) =>
  (target.kind === 'service' ? target.service : target.gateway).metadata;

/** The pods' port, or the name they give it; of a Gateway its listener's. */
const identifyingPort = (target: OwnTarget): number | string =>
  target.kind === 'service' ? (target.port.targetPort ?? 0) : target.port;

/** Targets are registered each with its port: 1 stands where pods give it a name. */
function portOf(target: OwnTarget, targetType: TargetGroupSpec['targetType']): number {
  if (target.kind === 'gateway') return target.port;
  const { nodePort = 0, targetPort = 0 } = target.port;
  if (targetType === 'instance') return nodePort;
  return typeof targetPort === 'number' ? targetPort : 1;
}

const PROTOCOL_OF_ROUTE: Readonly<Record<RouteKind, TargetGroupProtocol>> = {
  TCPRoute: 'TCP',
  UDPRoute: 'UDP',
  TLSRoute: 'TLS',
  HTTPRoute: 'HTTP',
  GRPCRoute: 'HTTP',
};

const SET_BY_LISTENER = ['TCP_UDP', 'QUIC', 'TCP_QUIC'];

function protocolOf(
  type: 'application' | 'network',
  { props: { protocol } }: OwnTarget,
  { listenerProtocol, route }: TargetUse,
): TargetGroupProtocol {
  if (type === 'network' && SET_BY_LISTENER.includes(listenerProtocol)) {
    return listenerProtocol as TargetGroupProtocol;
  }
  if (protocol === undefined) return PROTOCOL_OF_ROUTE[route.kind];
  const known = type === 'application' ? ['HTTP', 'HTTPS'] : ['TCP', 'UDP', 'TCP_UDP', 'TLS'];
  if (known.includes(protocol)) return protocol;
  const told = type === 'application' ? known : [...known, 'QUIC', 'TCP_QUIC'];
  throw new BuildError(`backend protocol must be within [${told.join(', ')}]: ${protocol}`);
}

/** Behind plain listeners everything is HTTP1, gRPC too. */
function versionOf(
  type: 'application' | 'network',
  target: OwnTarget,
  { listenerProtocol, route }: TargetUse,
): TargetGroupSpec['protocolVersion'] {
  if (type === 'network') return undefined;
  if (listenerProtocol !== 'HTTPS') return 'HTTP1';
  const { protocolVersion } = target.props;
  if (protocolVersion !== undefined) return protocolVersion;
  if (route.kind === 'GRPCRoute') return 'GRPC';
  const isH2c = target.kind === 'service' && target.port.appProtocol === 'kubernetes.io/h2c';
  return isH2c ? 'HTTP2' : 'HTTP1';
}

/** In the name only: upstream never asks AWS for it. */
function controlPortOf(
  { props: { targetControlPort } }: OwnTarget,
  { protocol, targetType }: Pick<TargetGroupSpec, 'protocol' | 'targetType'>,
): number | undefined {
  if (targetControlPort === undefined) return undefined;
  const no = 'target control port is';
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw new BuildError(`${no} only supported for HTTP and HTTPS protocols, got: ${protocol}`);
  }
  if (targetType === 'ip') return targetControlPort;
  const what = targetType === 'alb' ? 'ALB' : targetType;
  throw new BuildError(`${no} not supported for ${what} target target group`);
}

const emptyPortText = (targetType: TargetGroupSpec['targetType']): string =>
  targetType === 'ip'
    ? 'TargetGroup port is empty. Are you using the correct service type?'
    : 'TargetGroup port is empty. When using Instance targets, your service must be of type ' +
      "'NodePort' or 'LoadBalancer'";
