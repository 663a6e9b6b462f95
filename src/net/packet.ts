/** net/packet — the header fields of one IP packet that any decision on its way looks at. */
import { formatIp, type Ip } from './ip.ts';
import {
  formatProtocol,
  hasPorts,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  type Protocol,
} from './protocol.ts';

export interface Packet {
  readonly protocol: Protocol;
  readonly source: Ip;
  readonly destination: Ip;
  /** 0 where the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** -1 where the protocol is not ICMP. */
  readonly icmpType: number;
  readonly icmpCode: number;
  /** Length of the IP packet, header included. */
  readonly sizeBytes: number;
  readonly dontFragment: boolean;
}

/** ICMP types whose reply has another type: echo, timestamp, and their IPv6 twins. */
const REPLY_TYPE: Readonly<Record<number, number>> = { 8: 0, 13: 14, 128: 129 };

/** The packet that answers this one: both ends swapped. */
export function replyTo(packet: Packet): Packet {
  return {
    ...packet,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    icmpType: REPLY_TYPE[packet.icmpType] ?? packet.icmpType,
  };
}

/** Whether the packet is ICMP of either family. */
export const isIcmp = ({ protocol }: Packet): boolean =>
  protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;

/** `10.0.4.50:8080`, `[2001:db8::1]:8080`; the address alone where there is no port. */
export function formatSocketAddress(ip: Ip, port: number | undefined): string {
  if (port === undefined) return formatIp(ip);
  return typeof ip === 'number' ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`;
}

/** `10.0.3.50:40000`, `[2001:db8::50]:40000`; without a port where the protocol has none. */
export const formatSource = ({ source, sourcePort, protocol }: Packet): string =>
  formatSocketAddress(source, hasPorts(protocol) ? sourcePort : undefined);

/** As `formatSource`, of the other end. */
export const formatDestination = ({ destination, destinationPort, protocol }: Packet): string =>
  formatSocketAddress(destination, hasPorts(protocol) ? destinationPort : undefined);

/** What a rewrite changed: `source 10.0.3.10:7 becomes 10.0.1.50:1024`. */
export function formatRewrite(before: Packet, after: Packet): string {
  const ends = [
    ['source', formatSource(before), formatSource(after)],
    ['destination', formatDestination(before), formatDestination(after)],
  ] as const;
  const changed = ends.filter(([, from, to]) => from !== to);
  return changed.map(([end, from, to]) => `${end} ${from} becomes ${to}`).join(', ');
}

/** `tcp 10.0.3.50:40000 -> 10.0.4.50:8080`. */
export const formatPacket = (packet: Packet): string =>
  `${formatProtocol(packet.protocol)} ${formatSource(packet)} -> ${formatDestination(packet)}`;
