/**
 * datapath/vpc/traffic-class — the protocol and ports a security group rule or a network ACL entry
 * is about, ready to be asked of packets. Both look at the destination port only.
 */
import {
  formatProtocol,
  hasPorts,
  hasTypeAndCode,
  type Packet,
  PORT_MAX,
  PROTOCOL_ALL,
} from '../../net/index.ts';

export interface TrafficClass {
  /** -1: all. */
  readonly protocol: number;
  /** Lowest and highest destination port; of ICMP the type and the code, -1 = all. */
  readonly from: number;
  readonly to: number;
}

/** Ports count for protocols that have them only: a rule for protocol 50 with ports has all. */
export function trafficClass(protocol: number, from: number, to: number): TrafficClass {
  if (hasTypeAndCode(protocol)) return { protocol, from, to };
  if (!hasPorts(protocol) || from < 0) return { protocol, from: 0, to: PORT_MAX };
  return { protocol, from, to };
}

/** Whether the packet is of the class. */
export function isOfClass({ protocol, from, to }: TrafficClass, packet: Packet): boolean {
  if (protocol === PROTOCOL_ALL) return true;
  if (protocol !== packet.protocol) return false;
  if (hasTypeAndCode(protocol)) {
    return from < 0 || (from === packet.icmpType && (to < 0 || to === packet.icmpCode));
  }
  if (!hasPorts(protocol)) return true;
  return from <= packet.destinationPort && packet.destinationPort <= to;
}

/** `tcp 443`, `udp 1024-65535`, `icmp type 8`, `all traffic`. */
export function describeClass({ protocol, from, to }: TrafficClass): string {
  if (protocol === PROTOCOL_ALL) return 'all traffic';
  const name = formatProtocol(protocol);
  if (hasTypeAndCode(protocol)) {
    if (from < 0) return name;
    return to < 0 ? `${name} type ${from}` : `${name} type ${from} code ${to}`;
  }
  if (!hasPorts(protocol) || (from === 0 && to === PORT_MAX)) return name;
  return from === to ? `${name} ${from}` : `${name} ${from}-${to}`;
}

/** The narrowest class a packet is of: `tcp 443`. */
export const classOf = (packet: Packet): TrafficClass =>
  hasTypeAndCode(packet.protocol)
    ? { protocol: packet.protocol, from: packet.icmpType, to: packet.icmpCode }
    : trafficClass(packet.protocol, packet.destinationPort, packet.destinationPort);
