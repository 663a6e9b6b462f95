/**
 * controllers/in-tree-load-balancer/classic-plan — the Classic load balancer that a Service asks
 * for: listeners, attributes, health check. Nothing is asked of AWS.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:302-307,2097-2131,
 * 2565-2790 and aws_loadbalancer.go:60-80,1538-1630,1861-1912.
 */
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Service, ServicePort } from '../../model/kubernetes/core.ts';
import {
  annotation,
  hasTlsPort,
  PREFIX,
  settingBool,
  settingNumber,
  wholeNumber,
} from './annotations.ts';
import { ProviderError } from './provider-error.ts';

export type ClassicListener = ClassicLoadBalancer['listeners'][number];
export type ClassicHealthCheck = ClassicLoadBalancer['healthCheck'];
type Protocol = ClassicListener['protocol'];

/** What clients speak where the annotation says what instances do and there is a certificate. */
const CLIENT_PROTOCOLS: Readonly<Record<string, Protocol>> = {
  https: 'HTTPS',
  http: 'HTTPS',
  ssl: 'SSL',
  tcp: 'SSL',
};

/** One listener for every port that has a node port. */
export const classicListeners = (service: Service): readonly ClassicListener[] =>
  (service.spec.ports ?? []).flatMap((port) => (port.nodePort ? [listenerOf(service, port)] : []));

function listenerOf(service: Service, { name = '', port, nodePort }: ServicePort): ClassicListener {
  const ports = { loadBalancerPort: port, instancePort: nodePort ?? 0 };
  const certificate = annotation(service, 'ssl-cert');
  const backend = annotation(service, 'backend-protocol');
  if (certificate !== undefined && hasTlsPort(service, port, name.toLowerCase())) {
    const protocol = backend === undefined ? 'SSL' : CLIENT_PROTOCOLS[backend];
    if (protocol === undefined) {
      const where = `for ${certificate} in ${PREFIX}backend-protocol`;
      throw new ProviderError(`Invalid backend protocol ${backend} ${where}`);
    }
    const instanceProtocol = (backend ?? 'tcp').toUpperCase() as Protocol;
    return { protocol, instanceProtocol, ...ports, sslCertificateId: certificate };
  }
  const protocol = backend === 'http' ? 'HTTP' : 'TCP';
  return { protocol, instanceProtocol: protocol, ...ports };
}

/** All that the provider sets, under the names of `ClassicLoadBalancer.attributes`. */
export function classicAttributes(service: Service): Readonly<Record<string, string>> {
  const interval = settingNumber(service, 'access-log-emit-interval');
  const isLogged = settingBool(service, 'access-log-enabled') ?? false;
  const bucket = annotation(service, 'access-log-s3-bucket-name');
  const prefix = annotation(service, 'access-log-s3-bucket-prefix');
  const drains = settingBool(service, 'connection-draining-enabled') ?? false;
  const drainingSeconds = settingNumber(service, 'connection-draining-timeout');
  const idleSeconds = settingNumber(service, 'connection-idle-timeout') ?? 60;
  const isCrossZone = settingBool(service, 'cross-zone-load-balancing-enabled') ?? false;
  return {
    'access_logs.s3.enabled': String(isLogged),
    ...(interval === undefined ? {} : { 'access_logs.s3.emit_interval_minutes': String(interval) }),
    ...(bucket === undefined ? {} : { 'access_logs.s3.bucket': bucket }),
    ...(prefix === undefined ? {} : { 'access_logs.s3.prefix': prefix }),
    'connection_draining.enabled': String(drains),
    ...(drainingSeconds === undefined
      ? {}
      : { 'connection_draining.timeout_seconds': String(drainingSeconds) }),
    'idle_timeout.timeout_seconds': String(idleSeconds),
    'load_balancing.cross_zone.enabled': String(isCrossZone),
  };
}

/** Where a Service with externalTrafficPolicy Local is asked for; undefined for others. */
export function localHealthCheckPort({ spec }: Service): number | undefined {
  const isLocal = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  return (isLocal && spec.healthCheckNodePort) || undefined;
}

/** One for the load balancer as a whole: the first port's, or kube-proxy's own where Local. */
export function classicHealthCheck(
  service: Service,
  listeners: readonly ClassicListener[],
): ClassicHealthCheck {
  const trafficPort = listeners[0]?.instancePort ?? 0;
  const localPort = localHealthCheckPort(service);
  const wantedPort = annotation(service, 'healthcheck-port');
  const backend = (annotation(service, 'backend-protocol') ?? '').toLowerCase();
  const isTls = backend === 'https' || backend === 'ssl';
  const usual = localPort !== undefined ? 'HTTP' : isTls ? 'SSL' : 'TCP';
  const protocol = annotation(service, 'healthcheck-protocol') ?? usual;
  const usualPort = wantedPort === 'traffic-port' ? trafficPort : (localPort ?? trafficPort);
  const isNumbered = wantedPort !== undefined && wantedPort !== 'traffic-port';
  const numbered = isNumbered ? wholeNumber(service, 'healthcheck-port', portText) : undefined;
  const port = numbered ?? usualPort;
  const hasPath = /^https?$/i.test(protocol);
  const usualPath = localPort === undefined ? '/' : '/healthz';
  const path = hasPath ? (annotation(service, 'healthcheck-path') ?? usualPath) : '';
  return timedCheck(service, `${protocol}:${port}${path}`);
}

const portText = (value: string): string =>
  `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`;

function timedCheck(service: Service, target: string): ClassicHealthCheck {
  const wrong = (value: string): string =>
    `failed parsing health check annotation value: ${portText(value)}`;
  const number = (name: string, usual: number): number =>
    wholeNumber(service, `healthcheck-${name}`, wrong) ?? usual;
  const check = {
    target,
    healthyThreshold: number('healthy-threshold', 2),
    unhealthyThreshold: number('unhealthy-threshold', 6),
    timeoutSeconds: number('timeout', 5),
    intervalSeconds: number('interval', 10),
  };
  const problems = [
    check.healthyThreshold < 2 ? 'HealthyThreshold must be at least 2' : undefined,
    check.intervalSeconds < 5 ? 'Interval must be at least 5' : undefined,
    check.timeoutSeconds < 2 ? 'Timeout must be at least 2' : undefined,
    check.unhealthyThreshold < 2 ? 'UnhealthyThreshold must be at least 2' : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length === 0) return check;
  const found = `HealthCheck validation errors: ${problems.join('; ')}`;
  throw new ProviderError(
    `some of the load balancer health check parameters are invalid: ${found}`,
  );
}
