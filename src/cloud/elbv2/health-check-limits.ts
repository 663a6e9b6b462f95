/**
 * cloud/elbv2/health-check-limits — which health checks AWS takes. Source: ELB API 2015-12-01,
 * CreateTargetGroup, and the user guides' "Health checks for your target groups".
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { HealthCheck } from '../../model/elbv2/target-group.ts';
import { validationError } from './elb-error.ts';
import type { CreateTargetGroupInput } from './operations.ts';
import { isApplicationProtocol } from './target-group-defaults.ts';

const within = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/** What AWS says against a health check of such a group. */
export function healthCheckRefusal(
  group: Pick<CreateTargetGroupInput, 'protocol' | 'protocolVersion'>,
  check: HealthCheck,
): AwsError | undefined {
  return (
    rangeRefusal(check) ??
    (check.enabled
      ? undefined
      : validationError(
          'Health check enabled must be true for target groups with this target type',
        )) ??
    protocolRefusal(group, check) ??
    pathRefusal(check) ??
    matcherRefusal(group, check)
  );
}

function rangeRefusal(check: HealthCheck): AwsError | undefined {
  const { intervalSeconds, timeoutSeconds } = check;
  const ranges: readonly (readonly [string, number, number, number])[] = [
    ['Health check interval', intervalSeconds, 5, 300],
    ['Health check timeout', timeoutSeconds, 2, 120],
    ['Healthy threshold count', check.healthyThresholdCount, 2, 10],
    ['Unhealthy threshold count', check.unhealthyThresholdCount, 2, 10],
  ];
  for (const [name, value, least, most] of ranges)
    if (!within(value, least, most))
      return validationError(`${name} '${value}' must be in the range '${least}-${most}'`);
  if (timeoutSeconds > intervalSeconds)
    return validationError(
      `Health check timeout '${timeoutSeconds}' must be smaller than or equal to the interval ` +
        `'${intervalSeconds}'`,
    );
  if (check.port !== 'traffic-port' && !within(Number(check.port), 1, 65_535))
    return validationError(
      `Health check port '${check.port}' must be 'traffic-port' or in the range '1-65535'`,
    );
  return undefined;
}

function protocolRefusal(
  { protocol }: Pick<CreateTargetGroupInput, 'protocol'>,
  check: HealthCheck,
): AwsError | undefined {
  if (!isApplicationProtocol(protocol) || check.protocol !== 'TCP') return undefined;
  return validationError(
    `Health check protocol 'TCP' is not supported for target groups with the protocol '${protocol}'`,
  );
}

function pathRefusal({ path }: HealthCheck): AwsError | undefined {
  if (path === undefined || (path.startsWith('/') && path.length <= 1024)) return undefined;
  return validationError(
    `Health check path '${path}' must begin with a '/' and be at most 1024 characters`,
  );
}

const MATCHER = /^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$/;

function matcherRefusal(
  { protocol, protocolVersion }: Pick<CreateTargetGroupInput, 'protocol' | 'protocolVersion'>,
  { matcher }: HealthCheck,
): AwsError | undefined {
  if (matcher === undefined) return undefined;
  const isGrpc = protocolVersion === 'GRPC';
  const [least, most] = isGrpc
    ? [0, 99]
    : isApplicationProtocol(protocol)
      ? [200, 499]
      : [200, 599];
  const codes = matcher.split(/[,-]/).map(Number);
  if (MATCHER.test(matcher) && codes.every((code) => within(code, least, most))) return undefined;
  return validationError(
    `Health check matcher ${isGrpc ? 'gRPC' : 'HTTP'} code '${matcher}' must be within ` +
      `'${least}-${most}'`,
  );
}
