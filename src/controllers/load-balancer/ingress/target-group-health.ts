/**
 * load-balancer/ingress/target-group-health — how targets of an application load balancer are
 * asked whether they are well.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_target_group.go
 * buildTargetGroupHealthCheckConfig and what it calls.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import { parseIntOrString } from '../annotations/go-literals.ts';
import type { Annotations } from '../annotations/parser.ts';
import { BuildError, within } from '../build-error.ts';
import { servicePortOf } from '../service/service-port.ts';
import type { HealthCheckSpec } from '../stack/target-group-spec.ts';
import { alb } from './alb-annotations.ts';

export const TRAFFIC_PORT = 'traffic-port';
const PATH_OF_GRPC = '/AWS.ALB/healthcheck';
const CODE_OF_GRPC = '12';

interface TargetKind {
  readonly targetType: 'instance' | 'ip';
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
}

/** @throws BuildError  where the port cannot be told, or a number is none */
export function healthCheckOf(
  service: Service,
  annotations: Annotations,
  { targetType, protocol, protocolVersion }: TargetKind,
): HealthCheckSpec {
  const port = portOf(service, annotations, targetType);
  const isGrpc = protocolVersion === 'GRPC';
  const code = alb.string('success-codes', annotations) ?? (isGrpc ? CODE_OF_GRPC : '200');
  return {
    port,
    protocol: checkProtocolOf(alb.string('healthcheck-protocol', annotations) ?? protocol),
    path: alb.string('healthcheck-path', annotations) ?? (isGrpc ? PATH_OF_GRPC : '/'),
    matcher: isGrpc ? { grpcCode: code } : { httpCode: code },
    intervalSeconds: alb.int32('healthcheck-interval-seconds', annotations) ?? 15,
    timeoutSeconds: alb.int32('healthcheck-timeout-seconds', annotations) ?? 5,
    healthyThresholdCount: alb.int32('healthy-threshold-count', annotations) ?? 2,
    unhealthyThresholdCount: alb.int32('unhealthy-threshold-count', annotations) ?? 2,
  };
}

/** @throws BuildError  where no application load balancer checks so */
export function checkProtocolOf(raw: string): 'HTTP' | 'HTTPS' {
  if (raw === 'HTTP' || raw === 'HTTPS') return raw;
  throw new BuildError('healthCheckProtocol must be within [HTTP, HTTPS]');
}

function portOf(
  service: Service,
  annotations: Annotations,
  targetType: 'instance' | 'ip',
): number | string {
  const raw = alb.string('healthcheck-port', annotations) ?? TRAFFIC_PORT;
  if (raw === TRAFFIC_PORT) return raw;
  const port = parseIntOrString(raw);
  if (typeof port === 'number') return port;
  const found = within('failed to resolve healthCheckPort', () => servicePortOf(service, port));
  if (targetType === 'instance') return found.nodePort ?? 0;
  const { targetPort = 0 } = found;
  if (typeof targetPort === 'number') return targetPort;
  throw new BuildError(
    "cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port",
  );
}
