/**
 * load-balancer/service/networking-wish — a target group, as far as what its targets have to let in
 * depends on it.
 */
import type { TargetGroupProtocol } from '../../../model/elbv2/target-group.ts';

export interface NetworkingWish {
  readonly protocol: TargetGroupProtocol;
  /** The node port, or the pods' port; a name where pods give it one. */
  readonly targetPort: number | string;
  readonly healthCheckPort: number | string;
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly keepsClientIp: boolean;
}

export const TRAFFIC_PORT = 'traffic-port';
const BOTH = ['TCP_UDP', 'TCP_QUIC'];
const DATAGRAMS = ['UDP', 'QUIC'];

/** TCP and UDP on one port. */
export const isBoth = (protocol: TargetGroupProtocol): boolean => BOTH.includes(protocol);

/** UDP alone. */
export const isDatagram = (protocol: TargetGroupProtocol): boolean => DATAGRAMS.includes(protocol);

/** Go's IntValue: a name counts as port 0. */
export const numberOf = (port: number | string): number => (typeof port === 'number' ? port : 0);
