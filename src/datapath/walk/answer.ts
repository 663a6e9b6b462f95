/**
 * datapath/walk/answer — what is sent back for a packet that got there, whether it reaches who
 * waits for it, and what that makes the sender see.
 */
import {
  formatPacket,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  replyTo,
} from '../../net/index.ts';
import type { Part } from '../linux/conntrack.ts';
import type { Verdict } from '../trace.ts';
import type { Flow, Origin, Receiver } from './flow.ts';
import type { End } from './walk.ts';

/** What is sent back: data, a reset, or for UDP that the port is unreachable. */
export function answerTo(packet: Packet, isClosed: boolean): { packet: Packet; part: Part } {
  const reply = replyTo(packet);
  if (!isClosed) return { packet: reply, part: 'answer' };
  if (packet.protocol === PROTOCOL_TCP) return { packet: reply, part: 'reset' };
  return { packet: portUnreachable(reply), part: { errorAbout: packet } };
}

/** ICMP type 3 code 3, or ICMPv6 type 1 code 4. */
function portUnreachable(reply: Packet): Packet {
  const isV4 = typeof reply.source === 'number';
  return {
    ...reply,
    protocol: isV4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6,
    sourcePort: 0,
    destinationPort: 0,
    icmpType: isV4 ? 3 : 1,
    icmpCode: isV4 ? 3 : 4,
  };
}

/** An answer that is none to who waits for one. */
export interface LostAnswer {
  readonly verdict: Verdict;
  /** Somebody else got it, or it came from an address that was not asked. */
  readonly isAstray: boolean;
}

/** Why the answer does not reach the sender as one; undefined: it does. */
export function lostAnswer(flow: Flow, answer: End, part: Part): LostAnswer | undefined {
  if (answer.kind === 'stopped') return { verdict: answer.verdict, isAstray: false };
  const expected = replyTo(flow.packet);
  const { packet, receiver } = answer;
  if (!isOrigin(flow.origin, receiver)) {
    return {
      isAstray: true,
      verdict: {
        disposition: 'timed-out',
        text: `the answer goes elsewhere: ${formatPacket(packet)} ends at ${receiverText(receiver)}`,
        code: 'RETURN_ROUTE_MISSING',
      },
    };
  }
  // An ICMP error may come from any address on the way; its content names the connection.
  if (typeof part === 'object' || sameEnds(packet, expected)) return undefined;
  return {
    isAstray: true,
    verdict: {
      disposition: 'timed-out',
      text: `the answer comes as ${formatPacket(packet)}, but the sender waits for ${formatPacket(expected)} and drops it`,
      code: 'RETURN_ADDRESS_CHANGED',
    },
  };
}

function isOrigin(origin: Origin, receiver: Receiver): boolean {
  switch (origin.kind) {
    case 'namespace':
      return receiver.kind === 'namespace' && receiver.id === origin.id;
    case 'interface':
      return (
        (receiver.kind === 'interface' || receiver.kind === 'control-plane') &&
        receiver.networkInterfaceId === origin.networkInterfaceId
      );
    case 'outside':
      return receiver.kind === 'outside';
  }
}

const sameEnds = (a: Packet, b: Packet): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort;

/** Who got it, in words. */
function receiverText(receiver: Receiver): string {
  switch (receiver.kind) {
    case 'namespace':
      return receiver.id;
    case 'interface':
      return receiver.label;
    case 'control-plane':
      return `the API server of ${receiver.clusterName}`;
    case 'aws-service':
      return receiver.service;
    case 'outside':
      return receiver.place === 'internet' ? 'the internet' : receiver.place;
  }
}

/** What the sender sees. A refusal is an answer too: one that does not come back is silence. */
export function judged(
  verdict: Verdict,
  isRefusal: boolean,
  lost: LostAnswer | undefined,
): Verdict {
  if (lost === undefined) return verdict;
  const why = lost.verdict;
  if (isRefusal) {
    const text = `${verdict.text}, and the reset does not come back either: ${why.text}`;
    return { ...verdict, disposition: 'timed-out', text };
  }
  const text = `it gets there, but the answer is lost: ${why.text}`;
  return { ...why, disposition: 'reply-blocked', text };
}
