/**
 * load-balancer/service/health-check — how targets are asked whether they live. Nodes of a Service
 * with externalTrafficPolicy Local are asked for kube-proxy's answer at healthCheckNodePort.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:161-233,
 * 432-503, model_builder.go:108-128.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import { parseIntOrString } from '../annotations/go-literals.ts';
import { BuildError, within } from '../build-error.ts';
import type { HealthCheckSpec } from '../stack/target-group-spec.ts';
import { annotated, type ServiceBuild } from './service-build.ts';
import { servicePortOf } from './service-port.ts';

type Protocol = NonNullable<HealthCheckSpec['protocol']>;

interface Defaults {
  readonly protocol: Protocol;
  readonly port: string;
  readonly path: string;
  readonly interval: number;
  readonly timeout: number;
  readonly threshold: number;
}

const DEFAULTS: Defaults = {
  protocol: 'TCP',
  port: 'traffic-port',
  path: '/',
  interval: 10,
  timeout: 10,
  threshold: 3,
};

/** The port is that of the Service that owns the load balancer, whoever's the targets are. */
const localDefaults = ({ spec }: Service): Defaults => ({
  protocol: 'HTTP',
  port: String(spec.healthCheckNodePort ?? 0),
  path: '/healthz',
  interval: 10,
  timeout: 6,
  threshold: 2,
});

/** @throws BuildError  where an annotation says what cannot be */
export function healthCheckOf(
  build: ServiceBuild,
  service: Service,
  targetType: 'instance' | 'ip',
): HealthCheckSpec {
  const { annotations, settings } = build;
  const isLocal =
    targetType === 'instance' &&
    service.spec.externalTrafficPolicy === 'Local' &&
    service.spec.type === 'LoadBalancer';
  const defaults = isLocal ? localDefaults(build.service) : DEFAULTS;
  const text = (name: string, fallback: string): string =>
    annotated.string(`aws-load-balancer-healthcheck-${name}`, annotations) ?? fallback;
  const number = (name: string, fallback: number): number =>
    annotated.int32(`aws-load-balancer-healthcheck-${name}`, annotations) ?? fallback;

  const protocol = protocolOf(text('protocol', defaults.protocol));
  const isTcp = protocol === 'TCP';
  const hasMore = settings.featureGates.NLBHealthCheckAdvancedConfig;
  return {
    port: portOf(service, text('port', defaults.port), targetType),
    protocol,
    path: isTcp ? undefined : text('path', defaults.path),
    matcher: isTcp || !hasMore ? undefined : { httpCode: text('success-codes', '200-399') },
    intervalSeconds: number('interval', defaults.interval),
    timeoutSeconds: hasMore ? number('timeout', defaults.timeout) : defaults.timeout,
    healthyThresholdCount: number('healthy-threshold', defaults.threshold),
    unhealthyThresholdCount: number('unhealthy-threshold', defaults.threshold),
  };
}

function protocolOf(raw: string): Protocol {
  const protocol = raw.toUpperCase();
  if (protocol === 'TCP' || protocol === 'HTTP' || protocol === 'HTTPS') return protocol;
  throw new BuildError(`unsupported health check protocol ${raw}`);
}

/** A number, or the port that a name of the Service means for these targets. */
function portOf(service: Service, raw: string, targetType: 'instance' | 'ip'): number | string {
  const port = parseIntOrString(raw);
  if (raw === 'traffic-port' || typeof port === 'number') return port;
  const named = within('failed to resolve healthCheckPort', () => servicePortOf(service, port));
  if (targetType === 'instance') return named.nodePort ?? 0;
  const targetPort = named.targetPort ?? named.port;
  if (typeof targetPort === 'number') return targetPort;
  throw new BuildError(
    "cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port",
  );
}
