/**
 * datapath/elb/ready-group — a target group with its targets made ready to be chosen from: where
 * each is, what its health check says, and what the group's attributes mean for a connection.
 *
 * Source: Elastic Load Balancing, "Target groups" of Application and of Network Load Balancers
 * (client IP preservation, proxy protocol, cross-zone, target group health).
 */
import type {
  HealthCheck,
  Target,
  TargetGroup,
  TargetGroupProtocol,
  TargetHealth,
} from '../../model/elbv2/target-group.ts';
import type { Ip } from '../../net/index.ts';
import type { Element } from '../trace.ts';

export interface ReadyTarget {
  readonly element: Element;
  /** An instance id, an address, or an ALB's ARN. */
  readonly id: string;
  readonly port: number;
  /** undefined: nobody here knows it, or an ALB's many. */
  readonly address: Ip | undefined;
  /** undefined: of no zone, it takes connections from all. */
  readonly zone: string | undefined;
  readonly health: TargetHealth;
}

export interface ReadyGroup {
  readonly arn: string;
  readonly name: string;
  readonly element: Element;
  readonly targetType: 'instance' | 'ip' | 'alb';
  readonly protocol: TargetGroupProtocol;
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly port: number;
  readonly healthCheck: HealthCheck;
  /** By target's key; draining ones too. */
  readonly targets: readonly ReadyTarget[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Classic Load Balancers send to nobody when nobody is in service. */
  readonly failsOpen: boolean;
  /** The PROXY header that is put before the client's bytes. */
  readonly proxyProtocol: 'v1' | 'v2' | undefined;
}

/** Where a target is, looked up by whoever knows the VPC. */
export type Whereabouts = (
  group: TargetGroup,
  target: Target,
) => { readonly address: Ip | undefined; readonly zone: string | undefined };

/** Makes a group ready. @param targets  its own */
export function readyGroup(
  group: TargetGroup,
  targets: readonly Target[],
  whereabouts: Whereabouts,
): ReadyGroup {
  const arn = group.targetGroupArn;
  return {
    arn,
    name: group.targetGroupName,
    element: { kind: 'target-group', object: arn },
    targetType: group.targetType,
    protocol: group.protocol,
    protocolVersion: group.protocolVersion ?? 'HTTP1',
    port: group.port,
    healthCheck: group.healthCheck,
    targets: targets
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .map((target) => ({
        element: { kind: 'target', object: arn, rule: keyOf(target) },
        id: target.id,
        port: target.port,
        health: target.health,
        ...whereabouts(group, target),
      })),
    attributes: group.attributes,
    failsOpen: true,
    proxyProtocol: group.attributes['proxy_protocol_v2.enabled'] === 'true' ? 'v2' : undefined,
  };
}

const keyOf = ({ id, port }: Target): string => `${id}:${port}`;

const PRESERVE = 'preserve_client_ip.enabled';

/**
 * Whether targets of a Network Load Balancer see the client's own address: by default those that
 * are instances, and those by address where UDP is spoken, which cannot be told otherwise.
 */
export function keepsClientAddress({ targetType, protocol, attributes }: ReadyGroup): boolean {
  const isUdp = /UDP|QUIC/.test(protocol);
  if (targetType === 'alb' || isUdp) return true;
  const told = attributes[PRESERVE];
  return told === undefined ? targetType === 'instance' : told === 'true';
}

/** What says so, as an element: the attribute with its value. */
export const preservationElement = (group: ReadyGroup): Element => ({
  ...group.element,
  field: `${PRESERVE} ${keepsClientAddress(group)}`,
});
