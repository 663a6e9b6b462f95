/**
 * datapath/walk/branch — one way of a flow, there and back: the walk of the packet, whether it is
 * taken, the walk of the answer, and what that makes the sender see.
 */
import {
  formatPacket,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  replyTo,
} from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import type { Part } from '../linux/conntrack.ts';
import { Recorder } from '../recorder.ts';
import type { Disposition, Verdict } from '../trace.ts';
import type { Branch, Flow, Origin, Receiver } from './flow.ts';
import { metadataTooFar } from './metadata-hops.ts';
import { receptionOf } from './reception.ts';
import { type End, Walk } from './walk.ts';
import type { World } from './world.ts';

/** Walks a flow once, as `chance` leads it. `withReturn` false: the answer is not looked at. */
export function walkBranch(world: World, flow: Flow, chance: Chance, withReturn: boolean): Branch {
  const walk = new Walk(world, chance);
  const there = new Recorder();
  const end = walk.send(flow.origin, flow.packet, there);
  const made = (verdict: Verdict, more: Partial<Branch> = {}): Branch => ({
    probability: chance.probability,
    choices: choicesOf(chance),
    ...verdict,
    forward: there.hops(),
    sent: flow.packet,
    ...more,
  });
  if (end.kind === 'stopped') return made(end.verdict);
  const { receiver, packet } = end;
  const reception = receptionOf(world, receiver, packet, there);
  const arrived = { receiver: named(receiver, reception), arrived: packet };
  if (reception.kind === 'denied') return made(reception.verdict, arrived);
  const tooFar = metadataTooFar(world, flow.origin, receiver, packet, there);
  if (tooFar !== undefined) return made(tooFar, arrived);
  if (!withReturn) {
    const verdict = reception.kind === 'closed' ? reception.verdict : DELIVERED_ONE_WAY;
    return made(verdict, arrived);
  }
  const back = new Recorder();
  const { packet: reply, part } = answerTo(packet, reception.kind === 'closed');
  const answer = walk.answer(end, reply, part, back);
  const lost = lostAnswer(flow, answer, part);
  const verdict = judged(reception.kind === 'closed' ? reception.verdict : undefined, lost);
  return made(verdict, { ...arrived, return: back.hops() });
}

const named = (
  receiver: Receiver,
  reception: { readonly process?: string | undefined } | object,
) =>
  receiver.kind === 'namespace' && 'process' in reception && reception.process !== undefined
    ? { ...receiver, process: reception.process }
    : receiver;

const DELIVERED: Verdict = {
  disposition: 'delivered',
  text: 'delivered, and the answer comes back',
};
const DELIVERED_ONE_WAY: Verdict = {
  disposition: 'delivered',
  text: 'delivered; the way back was not looked at',
};

function choicesOf(chance: Chance): readonly string[] {
  return chance.taken.flatMap(({ options, taken }) =>
    options.length > 1 ? [options[taken]!.label] : [],
  );
}

/** What is sent back: data, a reset, or for UDP that the port is unreachable. */
function answerTo(packet: Packet, isClosed: boolean): { packet: Packet; part: Part } {
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

/** Why the answer does not reach the sender as one; undefined: it does. */
function lostAnswer(flow: Flow, answer: End, part: Part): Verdict | undefined {
  if (answer.kind === 'stopped') return answer.verdict;
  const expected = replyTo(flow.packet);
  const { packet, receiver } = answer;
  if (!isOrigin(flow.origin, receiver)) {
    return {
      disposition: 'timed-out',
      text: `the answer goes elsewhere: ${formatPacket(packet)} ends at ${receiverText(receiver)}`,
      code: 'RETURN_ROUTE_MISSING',
    };
  }
  // An ICMP error may come from any address on the way; its content names the connection.
  if (typeof part === 'object' || sameEnds(packet, expected)) return undefined;
  return {
    disposition: 'timed-out',
    text: `the answer comes as ${formatPacket(packet)}, but the sender waits for ${formatPacket(expected)} and drops it`,
    code: 'RETURN_ADDRESS_CHANGED',
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
export function receiverText(receiver: Receiver): string {
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

/** A refusal is an answer too: one that does not come back is silence. */
function judged(refusal: Verdict | undefined, lost: Verdict | undefined): Verdict {
  if (lost === undefined) return refusal ?? DELIVERED;
  if (refusal !== undefined) {
    const text = `${refusal.text}, and the reset does not come back either: ${lost.text}`;
    return { ...refusal, disposition: 'timed-out', text };
  }
  const disposition: Disposition = 'reply-blocked';
  return { ...lost, disposition, text: `it gets there, but the answer is lost: ${lost.text}` };
}
