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

/**
 * Every header that the datapath makes out of another is made here: objects that come from one
 * place have one layout, and whoever reads them millions of times a second reads one layout.
 */
class Header implements Packet {
  readonly protocol: Protocol;
  readonly source: Ip;
  readonly destination: Ip;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly sizeBytes: number;
  readonly dontFragment: boolean;

  constructor(
    like: Packet,
    source: Ip,
    sourcePort: number,
    destination: Ip,
    destinationPort: number,
    icmpType: number,
  ) {
    this.protocol = like.protocol;
    this.source = source;
    this.destination = destination;
    this.sourcePort = sourcePort;
    this.destinationPort = destinationPort;
    this.icmpType = icmpType;
    this.icmpCode = like.icmpCode;
    this.sizeBytes = like.sizeBytes;
    this.dontFragment = like.dontFragment;
  }
}

/** The packet that answers this one: both ends swapped. */
export function replyTo(packet: Packet): Packet {
  const { source, sourcePort, destination, destinationPort, icmpType } = packet;
  const answered = icmpType < 0 ? icmpType : (REPLY_TYPE[icmpType] ?? icmpType);
  return new Header(packet, destination, destinationPort, source, sourcePort, answered);
}

/** The packet from another address. */
export const withSource = (packet: Packet, source: Ip, sourcePort = packet.sourcePort): Packet =>
  new Header(
    packet,
    source,
    sourcePort,
    packet.destination,
    packet.destinationPort,
    packet.icmpType,
  );

/** The packet to another address. */
export const withDestination = (
  packet: Packet,
  destination: Ip,
  destinationPort = packet.destinationPort,
): Packet =>
  new Header(
    packet,
    packet.source,
    packet.sourcePort,
    destination,
    destinationPort,
    packet.icmpType,
  );

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
