/**
 * controllers/in-tree-load-balancer/network-plan — the network load balancer that a Service asks
 * for: a listener and a target group of nodes for every port. Nothing is asked of AWS.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:2175-2262,2407-2440 and
 * aws_loadbalancer.go:60-80,444-520,685-705.
 */
import type { HealthCheck } from '../../model/elbv2/target-group.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { sha1 } from '../../sim/sha1.ts';
import { annotation, hasTlsPort, PREFIX, settingBool, wholeNumber } from './annotations.ts';
import { localHealthCheckPort } from './classic-plan.ts';
import type { Provider } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { protocolOf } from './service-checks.ts';

/** One port of the Service as the load balancer has it. */
export interface PortMapping {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'TLS';
  readonly nodePort: number;
  readonly targetProtocol: 'TCP' | 'UDP' | 'TLS';
  readonly certificateArn?: string | undefined;
  readonly sslPolicy?: string | undefined;
  readonly healthCheck: HealthCheck;
}

/** All ports that have a node port. */
export const portMappings = (service: Service): readonly PortMapping[] =>
  (service.spec.ports ?? []).flatMap((port): readonly PortMapping[] => {
    if (!port.nodePort) return [];
    const protocol = protocolOf(port) as 'TCP' | 'UDP';
    const plain = {
      port: port.port,
      protocol,
      nodePort: port.nodePort,
      targetProtocol: protocol,
      healthCheck: networkHealthCheck(service),
    };
    const certificateArn = annotation(service, 'ssl-cert');
    const isTls =
      protocol !== 'UDP' &&
      certificateArn !== undefined &&
      hasTlsPort(service, port.port, port.name ?? '');
    if (!isTls) return [plain];
    const isEncrypted = annotation(service, 'backend-protocol') === 'ssl';
    return [
      {
        ...plain,
        protocol: 'TLS',
        targetProtocol: isEncrypted ? 'TLS' : protocol,
        certificateArn,
        sslPolicy: annotation(service, 'ssl-negotiation-policy'),
      },
    ];
  });

function networkHealthCheck(service: Service): HealthCheck {
  const isLocal = service.spec.externalTrafficPolicy === 'Local';
  const localPort = localHealthCheckPort(service) ?? 0;
  const usual = isLocal
    ? { protocol: 'HTTP', port: String(localPort), path: '/healthz', interval: 10, threshold: 2 }
    : { protocol: 'TCP', port: 'traffic-port', path: '/', interval: 30, threshold: 3 };
  const raw = annotation(service, 'healthcheck-protocol') ?? usual.protocol;
  const protocol = raw.toUpperCase();
  if (protocol !== 'TCP' && protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw new ProviderError(`Unsupported health check protocol ${protocol}`);
  }
  const port = annotation(service, 'healthcheck-port') ?? usual.port;
  const number = (name: string, fallback: number): number => {
    const wrong = (value: string): string =>
      `failed to parse annotation ${PREFIX}healthcheck-${name}=${value}`;
    return wholeNumber(service, `healthcheck-${name}`, wrong) ?? fallback;
  };
  const check: HealthCheck = {
    enabled: true,
    protocol,
    port,
    ...(protocol === 'TCP' ? {} : { path: annotation(service, 'healthcheck-path') ?? usual.path }),
    intervalSeconds: number('interval', usual.interval),
    timeoutSeconds: number('timeout', 10),
    healthyThresholdCount: number('healthy-threshold', usual.threshold),
    unhealthyThresholdCount: number('unhealthy-threshold', usual.threshold),
  };
  if (port === 'traffic-port' || /^[+-]?\d+$/.test(port)) return check;
  throw new ProviderError(`Invalid health check port '${port}'`);
}

/** `k8s-NAMESPAC-NAME-0123456789`: what cannot be changed of a target group is in the digest. */
export function targetGroupName(
  { clusterName }: Provider,
  { metadata }: Service,
  mapping: PortMapping,
): string {
  const { namespace = '', name } = metadata;
  const { protocol, intervalSeconds } = mapping.healthCheck;
  const digest = sha1(
    [
      clusterName,
      namespace,
      name,
      mapping.port,
      mapping.nodePort,
      mapping.targetProtocol,
      'instance',
      protocol,
      intervalSeconds,
    ].join(''),
  );
  const short = (text: string): string => text.replaceAll(/[^0-9A-Za-z]/g, '').slice(0, 8);
  return `k8s-${short(namespace)}-${short(name)}-${digest.slice(0, 10)}`;
}

/** Attributes that are kept as the annotations say, the rest being AWS's. */
export function networkAttributes(service: Service): Readonly<Record<string, string>> {
  const isCrossZone = settingBool(service, 'cross-zone-load-balancing-enabled') ?? false;
  const isLogged = settingBool(service, 'access-log-enabled') ?? false;
  return {
    'load_balancing.cross_zone.enabled': String(isCrossZone),
    'access_logs.s3.enabled': String(isLogged),
    // AWS takes no empty bucket, so it stays as it is while nothing is logged.
    ...(isLogged
      ? {
          'access_logs.s3.bucket': annotation(service, 'access-log-s3-bucket-name') ?? '',
          'access_logs.s3.prefix': annotation(service, 'access-log-s3-bucket-prefix') ?? '',
        }
      : {}),
  };
}
