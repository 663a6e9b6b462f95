/**
 * datapath/vpc/flow-memory — what AWS's network remembers of a session: the flows that security
 * groups let pass at each interface, the translations of NAT gateways, and what went out by an
 * egress-only gateway. A session is one flow and its answers, so these are short lists.
 */
import {
  hasPorts,
  hasTypeAndCode,
  type Ip,
  isIcmp,
  type Packet,
  PROTOCOL_ICMP,
  replyTo,
  withDestination,
  withSource,
} from '../../net/index.ts';
import type { Element } from '../trace.ts';

interface TrackedFlow {
  readonly place: string;
  readonly packet: Packet;
  readonly element: Element;
}

interface Translation {
  readonly natGatewayId: string;
  readonly before: Packet;
  readonly after: Packet;
}

/** Destination unreachable, time exceeded, parameter problem; of IPv6 also packet too big. */
const ERRORS_4: ReadonlySet<number> = new Set([3, 11, 12]);
const ERRORS_6: ReadonlySet<number> = new Set([1, 2, 3, 4]);

const isError = ({ protocol, icmpType }: Packet): boolean =>
  (protocol === PROTOCOL_ICMP ? ERRORS_4 : ERRORS_6).has(icmpType);

/** Same protocol, ends, ports or ICMP type. */
function isSameFlow(a: Packet, b: Packet): boolean {
  return (
    a.protocol === b.protocol &&
    a.source === b.source &&
    a.destination === b.destination &&
    (!hasPorts(a.protocol) ||
      (a.sourcePort === b.sourcePort && a.destinationPort === b.destinationPort)) &&
    (!hasTypeAndCode(a.protocol) || a.icmpType === b.icmpType)
  );
}

/** What {@link isSameFlow} says of the flow's reply, without making one for every question. */
function isAnswer(flow: Packet, packet: Packet): boolean {
  return (
    flow.protocol === packet.protocol &&
    flow.source === packet.destination &&
    flow.destination === packet.source &&
    (hasTypeAndCode(flow.protocol)
      ? replyTo(flow).icmpType === packet.icmpType
      : !hasPorts(flow.protocol) ||
        (flow.sourcePort === packet.destinationPort && flow.destinationPort === packet.sourcePort))
  );
}

/** An ICMP error about a flow goes back to who sent it, from anywhere on the way. */
const isErrorAbout = (flow: Packet, packet: Packet): boolean =>
  isIcmp(packet) && isError(packet) && packet.destination === flow.source;

/**
 * Source: NAT gateways take ports 1024-65535. The first one is taken: a network ACL that lets
 * only the clients' own ephemeral ports back in would fail for some flows, and shows here.
 */
const FIRST_NAT_PORT = 1024;

export class FlowMemory {
  readonly #tracked: TrackedFlow[] = [];
  readonly #translations: Translation[] = [];
  /** Flows that a Network Load Balancer passed on with their clients' addresses. */
  readonly #passedOn: { readonly networkInterfaceId: string; readonly packet: Packet }[] = [];

  /** Remembers a flow at an interface or gateway, with what let it pass. */
  track(place: string, packet: Packet, element: Element): void {
    this.#tracked.push({ place, packet, element });
  }

  /** What let the flow pass that this packet answers, at this place. */
  answered(place: string, packet: Packet): Element | undefined {
    for (const flow of this.#tracked) {
      if (flow.place !== place) continue;
      if (isAnswer(flow.packet, packet) || isErrorAbout(flow.packet, packet)) return flow.element;
    }
    return undefined;
  }

  /** Remembers which load balancer's interface passed the flow on as it was. */
  passOn(networkInterfaceId: string, packet: Packet): void {
    this.#passedOn.push({ networkInterfaceId, packet });
  }

  /** The interface that passed on what this packet answers. */
  passedOnBy(packet: Packet): string | undefined {
    for (const flow of this.#passedOn)
      if (isAnswer(flow.packet, packet) || isErrorAbout(flow.packet, packet))
        return flow.networkInterfaceId;
    return undefined;
  }

  /** The header a NAT gateway gives a packet on its way out. */
  translate(natGatewayId: string, packet: Packet, source: Ip): Packet {
    for (const it of this.#translations)
      if (it.natGatewayId === natGatewayId && isSameFlow(it.before, packet)) return it.after;
    const sourcePort = hasPorts(packet.protocol) ? FIRST_NAT_PORT + this.#translations.length : 0;
    const after = withSource(packet, source, sourcePort);
    this.#translations.push({ natGatewayId, before: packet, after });
    return after;
  }

  /** The header a NAT gateway gives an answer; undefined: it answers nothing it knows. */
  untranslate(natGatewayId: string, packet: Packet): Packet | undefined {
    for (const { natGatewayId: id, before, after } of this.#translations) {
      if (id !== natGatewayId) continue;
      if (isAnswer(after, packet)) {
        const { sizeBytes, dontFragment } = packet;
        return { ...replyTo(before), sizeBytes, dontFragment };
      }
      if (isErrorAbout(after, packet)) return withDestination(packet, before.source);
    }
    return undefined;
  }
}
