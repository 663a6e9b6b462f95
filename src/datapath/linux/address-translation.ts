/**
 * datapath/linux/address-translation — what a nat chain's answer does to a connection, and what a
 * connection's translation does to each of its packets, in both directions.
 *
 * Follows net/netfilter/nf_nat_core.c: destination at PREROUTING and OUTPUT, source at POSTROUTING
 * and INPUT; a connection that no rule translates still gets another source port where its answers
 * would look like another connection's. Ports that the kernel draws at random are made from the
 * tuple here: one of 1024..65535, always the same.
 */

import { hasPorts, type Ip, type Packet, withDestination, withSource } from '../../net/index.ts';
import { fnv1a } from '../../sim/fnv.ts';
import type { Connection, Conntrack } from './conntrack.ts';

const PORT_FIRST = 1024;
const PORT_COUNT = 65536 - PORT_FIRST;

/** Which address of a packet a hook may rewrite. */
export type Side = 'destination' | 'source';

/** A port that depends on the tuple only. */
function drawn({ protocol, source, sourcePort, destination, destinationPort }: Packet): number {
  const text = `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`;
  return PORT_FIRST + (fnv1a(text) % PORT_COUNT);
}

/** The connection's answers come from another address from now on. */
export function setDestination(connection: Connection, address: Ip, port?: number): void {
  const { reply, original } = connection;
  const sourcePort = hasPorts(original.protocol) ? (port ?? reply.sourcePort) : 0;
  connection.reply = withSource(reply, address, sourcePort);
}

/** Answers go to another address, with another port where that is asked for or needed. */
export function setSource(
  conntrack: Conntrack,
  connection: Connection,
  address: Ip,
  isRandom: boolean,
): void {
  const { reply } = connection;
  // Most often nothing changes: no rule translates, and nobody else's answers look the same.
  if (reply.destination === address && !isRandom && !conntrack.isTaken(reply, connection)) return;
  const wanted = withDestination(reply, address);
  if (!hasPorts(wanted.protocol)) {
    connection.reply = wanted;
    return;
  }
  let port = isRandom ? drawn(connection.original) : wanted.destinationPort;
  for (let tries = 0; tries < PORT_COUNT; tries++) {
    const tuple = withDestination(wanted, address, port);
    if (!conntrack.isTaken(tuple, connection)) {
      connection.reply = tuple;
      return;
    }
    port = tries === 0 && !isRandom ? drawn(connection.original) : port + 1;
    if (port > 65535) port = PORT_FIRST;
  }
}

/** The packet as it goes on from the place where this side is rewritten; itself where it stays. */
export function translated(
  packet: Packet,
  { original, reply }: Connection,
  isReply: boolean,
  side: Side,
): Packet {
  if (side === 'destination') {
    const destination = isReply ? original.source : reply.source;
    const destinationPort = isReply ? original.sourcePort : reply.sourcePort;
    if (destination === packet.destination && destinationPort === packet.destinationPort)
      return packet;
    return hasPorts(packet.protocol)
      ? withDestination(packet, destination, destinationPort)
      : withDestination(packet, destination);
  }
  const source = isReply ? original.destination : reply.destination;
  const sourcePort = isReply ? original.destinationPort : reply.destinationPort;
  if (source === packet.source && sourcePort === packet.sourcePort) return packet;
  return hasPorts(packet.protocol)
    ? withSource(packet, source, sourcePort)
    : withSource(packet, source);
}

/** The packet that an ICMP error is about, as it was before this side of it was rewritten. */
export function translatedAbout(
  about: Packet,
  connection: Connection,
  isReply: boolean,
  side: Side,
): Packet {
  const { original, reply } = connection;
  if (side === 'destination') {
    const [source, sourcePort] = isReply
      ? [original.source, original.sourcePort]
      : [reply.source, reply.sourcePort];
    return withSource(about, source, sourcePort);
  }
  const [destination, destinationPort] = isReply
    ? [original.destination, original.destinationPort]
    : [reply.destination, reply.destinationPort];
  return withDestination(about, destination, destinationPort);
}
