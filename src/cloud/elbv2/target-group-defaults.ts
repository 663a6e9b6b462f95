/** cloud/elbv2/target-group-defaults — what of a target group follows from its protocol. */

import type {
  HealthCheck,
  TargetGroup,
  TargetGroupProtocol,
} from '../../model/elbv2/target-group.ts';
import type { CreateTargetGroupInput } from './operations.ts';
import {
  APPLICATION_GROUP_ATTRIBUTES,
  HEALTH_CHECK_DEFAULTS,
  NETWORK_GROUP_ATTRIBUTES,
} from './target-group-defaults.data.ts';

/** True for groups of Application Load Balancers. */
export const isApplicationProtocol = (protocol: TargetGroupProtocol): boolean =>
  protocol === 'HTTP' || protocol === 'HTTPS';

const hasUdp = (protocol: TargetGroupProtocol): boolean =>
  ['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'].includes(protocol);

/** The attributes a new group has. */
export function attributesOfNew(
  input: Pick<CreateTargetGroupInput, 'protocol' | 'targetType'>,
): TargetGroup['attributes'] {
  const { protocol, targetType } = input;
  if (isApplicationProtocol(protocol)) return APPLICATION_GROUP_ATTRIBUTES;
  // "The default is disabled if the target group type is IP address and the target group protocol
  // is TCP or TLS. Otherwise, the default is enabled."
  const preserved = targetType !== 'ip' || hasUdp(protocol);
  // "For new UDP/TCP_UDP target groups the default is enabled."
  const terminated = hasUdp(protocol);
  return {
    ...NETWORK_GROUP_ATTRIBUTES,
    'preserve_client_ip.enabled': String(preserved),
    'deregistration_delay.connection_termination.enabled': String(terminated),
  };
}

/** The health check as asked for, the rest as AWS fills it in. */
export function healthCheckOf(
  input: Pick<CreateTargetGroupInput, 'protocol' | 'protocolVersion' | 'targetType'>,
  asked: Partial<HealthCheck> = {},
): HealthCheck {
  const isApplication = isApplicationProtocol(input.protocol);
  const protocol = asked.protocol ?? (isApplication || input.targetType === 'alb' ? 'HTTP' : 'TCP');
  const isHttp = protocol !== 'TCP';
  const isGrpc = input.protocolVersion === 'GRPC';
  const path = asked.path ?? (isGrpc ? '/AWS.ALB/healthcheck' : '/');
  const matcher = asked.matcher ?? (isGrpc ? '12' : isApplication ? '200' : '200-399');
  return {
    ...HEALTH_CHECK_DEFAULTS,
    timeoutSeconds: isApplication ? 5 : protocol === 'HTTP' ? 6 : 10,
    ...given(asked),
    protocol,
    path: isHttp ? path : undefined,
    matcher: isHttp ? matcher : undefined,
  };
}

/** Without the members that are there but undefined. */
export const given = <Shape extends object>(asked: Shape): Partial<Shape> =>
  Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  ) as Partial<Shape>;
