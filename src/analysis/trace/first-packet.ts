/**
 * analysis/trace/first-packet — the packet that a question is about: its addresses as the sender's
 * kernel would choose them, its ports, its ICMP type.
 */
import type { Flow } from '../../datapath/walk/flow.ts';
import { InputError } from '../../model/input-error.ts';
import {
  familyOf,
  hasPorts,
  type Ip,
  isIcmp,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  type Protocol,
} from '../../net/index.ts';
import type { Datapath } from '../../twin/datapath.ts';
import type { Source } from './endpoint.ts';
import type { TraceQuestion } from './question.ts';

/** An ephemeral port of Linux's default range. */
const SOURCE_PORT = 40_000;
/** A TCP SYN with its options. */
const SIZE_BYTES = 60;
const ECHO = { [PROTOCOL_ICMP]: 8, [PROTOCOL_ICMPV6]: 128 } as const;

/** A ping is a ping: ICMP of the family that the destination has. */
function protocolTo(protocol: Protocol, destination: Ip): Protocol {
  if (protocol !== PROTOCOL_ICMP && protocol !== PROTOCOL_ICMPV6) return protocol;
  return familyOf(destination) === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
}

/** Where the sender would send from; undefined: it has no address of the family. */
export function senderAddress(
  datapath: Datapath,
  source: Source,
  destination: Ip,
  protocol: Protocol,
): Ip | undefined {
  const own = source.addresses.find((it) => familyOf(it) === familyOf(destination));
  // Another interface may lead there: an IPv6 pod's IPv4 egress, an attached network.
  const chosen = source.isAddressGiven
    ? undefined
    : datapath.sourceFor(source.origin, destination, protocol);
  return chosen ?? own;
}

/** @throws InputError where the sender has no address of the destination's family */
export function firstPacket(
  datapath: Datapath,
  question: TraceQuestion,
  source: Source,
  destination: Ip,
  port: number | undefined,
): Flow {
  const protocol = protocolTo(question.protocol, destination);
  const own = senderAddress(datapath, source, destination, protocol);
  if (own === undefined) {
    throw new InputError(
      'trace FROM',
      `${source.label} has no IPv${familyOf(destination)} address`,
      'the two ends must have addresses of the same family',
    );
  }
  const withPorts = hasPorts(protocol);
  const packet: Packet = {
    protocol,
    source: own,
    destination,
    sourcePort: withPorts ? (question.sourcePort ?? SOURCE_PORT) : 0,
    destinationPort: withPorts ? (port ?? 0) : 0,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: question.sizeBytes ?? SIZE_BYTES,
    dontFragment: true,
  };
  if (!isIcmp(packet)) return { origin: source.origin, packet };
  const echo = ECHO[protocol as keyof typeof ECHO];
  const { type: icmpType, code: icmpCode } = question.icmp ?? { type: echo, code: 0 };
  return { origin: source.origin, packet: { ...packet, icmpType, icmpCode } };
}
