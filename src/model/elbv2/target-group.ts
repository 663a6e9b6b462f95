/**
 * model/elbv2/target-group — a target group, its targets and what their health checks say.
 *
 * Source: Elastic Load Balancing API 2015-12-01 (TargetGroup, TargetDescription, TargetHealth).
 */
import type { VpcId } from '../ec2/ids.ts';
import type { Tags } from '../ec2/tags.ts';

export type TargetType = 'instance' | 'ip' | 'alb';

export type TargetGroupProtocol =
  | 'HTTP'
  | 'HTTPS'
  | 'TCP'
  | 'TLS'
  | 'UDP'
  | 'TCP_UDP'
  | 'QUIC'
  | 'TCP_QUIC';

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** `traffic-port` or a number. */
  readonly port: string;
  readonly path?: string | undefined;
  /** `200-399`, `200,302`; gRPC codes where the protocol version is GRPC. */
  readonly matcher?: string | undefined;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
}

export interface TargetGroup {
  readonly targetGroupArn: string;
  readonly targetGroupName: string;
  readonly targetType: TargetType;
  readonly protocol: TargetGroupProtocol;
  /** HTTP and HTTPS only. */
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC' | undefined;
  readonly port: number;
  readonly vpcId: VpcId;
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly healthCheck: HealthCheck;
  readonly targetControlPort?: number | undefined;
  /** All of the type's attributes, defaults included: `preserve_client_ip.enabled`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export type TargetHealthState =
  | 'initial'
  | 'healthy'
  | 'unhealthy'
  | 'unused'
  | 'draining'
  | 'unavailable';

/** With AWS's reason code and text: `Target.Timeout`, `Request timed out`. */
export interface TargetHealth {
  readonly state: TargetHealthState;
  readonly reason?: string | undefined;
  readonly description?: string | undefined;
}

/** One target of one group; the store's key is `targetKeyOf`. */
export interface Target {
  readonly targetGroupArn: string;
  /** An instance id, an address, or an ALB's ARN. */
  readonly id: string;
  readonly port: number;
  /** `all` or a zone's name; what was given, or where the target is. */
  readonly availabilityZone?: string | undefined;
  readonly health: TargetHealth;
  readonly registeredAtMs: number;
  /** When it has drained. */
  readonly goneAtMs?: number | undefined;
}

/** The store's key of a target: a group holds an id and port once. */
export const targetKeyOf = (target: Pick<Target, 'targetGroupArn' | 'id' | 'port'>): string =>
  `${target.targetGroupArn}|${target.id}|${target.port}`;
