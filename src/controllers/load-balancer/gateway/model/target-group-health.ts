/**
 * load-balancer/gateway/model/target-group-health — how a Gateway's targets are asked whether they
 * live. Nodes of a Service with externalTrafficPolicy Local behind a network load balancer are
 * asked for kube-proxy's answer.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_target_group.go buildTargetGroupHealthCheck*, pkg/gateway/routeutils/
 * backend_service.go, backend_gateway.go GetHealthCheckPort.
 */
import { BuildError } from '../../build-error.ts';
import { servicePortOf } from '../../service/service-port.ts';
import type { HealthCheckSpec, TargetGroupSpec } from '../../stack/target-group-spec.ts';
import type { GatewayBackend, ServiceBackend } from '../attachment/loaded-route.ts';

const TRAFFIC_PORT = 'traffic-port';

type Protocol = NonNullable<HealthCheckSpec['protocol']>;

interface Defaults {
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly threshold: number;
}

const DEFAULTS: Defaults = { path: '/', intervalSeconds: 15, timeoutSeconds: 5, threshold: 3 };
const LOCAL: Defaults = { path: '/healthz', intervalSeconds: 10, timeoutSeconds: 6, threshold: 2 };
const GRPC_PATH = '/AWS.ALB/healthcheck';

/** The target group, as far as its health checks depend on it. */
export type CheckedGroup = Pick<TargetGroupSpec, 'protocol' | 'protocolVersion' | 'targetType'>;

/** @throws BuildError  where the port's name is no port of the Service */
export function healthCheckOf(
  type: 'application' | 'network',
  backend: ServiceBackend | GatewayBackend,
  group: CheckedGroup,
): HealthCheckSpec {
  const config = backend.props.healthCheckConfig ?? {};
  const isLocal = type === 'network' && asksNodes(backend, group);
  const defaults = isLocal ? LOCAL : DEFAULTS;
  const protocol = config.healthCheckProtocol ?? protocolOf(type, group, isLocal);
  const isTcp = protocol === 'TCP';
  const isGrpc = group.protocolVersion === 'GRPC';
  return {
    port: checkPortOf(backend, group, isLocal),
    protocol,
    path: isTcp ? undefined : (config.healthCheckPath ?? (isGrpc ? GRPC_PATH : defaults.path)),
    matcher: isTcp ? undefined : matcherOf(config.matcher, isGrpc),
    intervalSeconds: config.healthCheckInterval ?? defaults.intervalSeconds,
    timeoutSeconds: config.healthCheckTimeout ?? defaults.timeoutSeconds,
    healthyThresholdCount: config.healthyThresholdCount ?? defaults.threshold,
    unhealthyThresholdCount: config.unhealthyThresholdCount ?? defaults.threshold,
  };
}

const asksNodes = (backend: ServiceBackend | GatewayBackend, { targetType }: CheckedGroup) =>
  targetType === 'instance' &&
  backend.kind === 'service' &&
  backend.service.spec.externalTrafficPolicy === 'Local';

function protocolOf(
  type: 'application' | 'network',
  { protocol, targetType }: CheckedGroup,
  isLocal: boolean,
): Protocol {
  if (type === 'application') return protocol as Protocol;
  // A load balancer as target is asked by HTTP only.
  return isLocal || targetType === 'alb' ? 'HTTP' : 'TCP';
}

const matcherOf = (
  matcher: { readonly httpCode?: string | undefined; readonly grpcCode?: string | undefined } = {},
  isGrpc: boolean,
): HealthCheckSpec['matcher'] =>
  isGrpc ? { grpcCode: matcher.grpcCode ?? '12' } : { httpCode: matcher.httpCode ?? '200-399' };

function checkPortOf(
  backend: ServiceBackend | GatewayBackend,
  { targetType }: CheckedGroup,
  isLocal: boolean,
): number | string {
  const raw = backend.props.healthCheckConfig?.healthCheckPort;
  if (raw === undefined && isLocal && backend.kind === 'service') {
    return backend.service.spec.healthCheckNodePort ?? 0;
  }
  if (raw === undefined || raw === TRAFFIC_PORT) return TRAFFIC_PORT;
  // Whatever another number says: upstream asks the listener's.
  if (backend.kind === 'gateway') return backend.port;
  if (/^[+-]?\d+$/.test(raw)) return Number(raw);
  const port = servicePortOf(backend.service, raw);
  if (targetType === 'instance') return port.nodePort ?? 0;
  if (typeof port.targetPort === 'number') return port.targetPort;
  throw new BuildError(
    "cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port",
  );
}
