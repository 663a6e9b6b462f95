/**
 * datapath/linux/conntrack — the connections one namespace remembers while a session lasts: their
 * tuples in both directions, the address rewriting that was decided for them, their mark.
 *
 * As the kernel does (net/netfilter/nf_conntrack_core.c, nf_conntrack_proto_tcp.c): an entry is
 * found only after its first packet left or was delivered; a packet that passes twice meets the
 * entry of its first pass; a reset that is the first answer ends the entry at once, so that its
 * second pass finds none and is INVALID.
 */
import type { ConntrackState } from '../../model/linux/netfilter.ts';
import {
  hasTypeAndCode,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  replyTo,
} from '../../net/index.ts';
import { type Decision, type Mark, NO_MARK } from './decision.ts';

/**
 * What a packet is in its conversation. `request`: the first packet of a flow, or a further one of
 * the same side; `answer`: what comes back; `reset`: TCP's answer where nothing listens;
 * `errorAbout`: an ICMP error, with the packet it is about as the sender of the error saw it.
 */
export type Part = 'request' | 'answer' | 'reset' | { readonly errorAbout: Packet };

/** Echo, timestamp, information and address mask; ICMPv6 echo: what may begin a connection. */
const ICMP_REQUESTS = new Set([8, 13, 15, 17]);
const ICMPV6_ECHO_REQUEST = 128;

/** One connection. `original` and `reply` are headers as they arrive, before any rewriting. */
export class Connection {
  readonly original: Packet;
  reply: Packet;
  mark: Mark = NO_MARK;
  isReplySeen = false;
  isConfirmed = false;
  /** undefined until the nat chains of that side were asked; `none` where none rewrote. */
  destinationNat: Decision | 'none' | undefined;
  sourceNat: Decision | 'none' | undefined;

  constructor(first: Packet) {
    this.original = first;
    this.reply = replyTo(first);
  }

  /** `--ctstate DNAT`: the answer does not come from where the request went. */
  get isDestinationRewritten(): boolean {
    return (
      this.reply.source !== this.original.destination ||
      this.reply.sourcePort !== this.original.destinationPort
    );
  }

  /** `--ctstate SNAT`: the answer does not go to where the request came from. */
  get isSourceRewritten(): boolean {
    return (
      this.reply.destination !== this.original.source ||
      this.reply.destinationPort !== this.original.sourcePort
    );
  }
}

/** Where a packet stands: its connection, on which side of it, and the state rules may ask for. */
export interface Tracked {
  readonly connection: Connection | undefined;
  readonly isReply: boolean;
  readonly state: ConntrackState;
}

export const UNTRACKED: Tracked = { connection: undefined, isReply: false, state: 'UNTRACKED' };
const INVALID: Tracked = { connection: undefined, isReply: false, state: 'INVALID' };

/** Whether two headers are of one direction of one connection. */
const sameTuple = (a: Packet, b: Packet): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort &&
  a.protocol === b.protocol &&
  a.icmpType === b.icmpType;

/** Whether a packet without an entry may begin one. */
function mayBegin({ protocol, icmpType }: Packet, part: Part): boolean {
  if (typeof part === 'object' || part === 'reset') return false;
  if (protocol === PROTOCOL_TCP) return part === 'request';
  if (!hasTypeAndCode(protocol)) return true;
  return protocol === PROTOCOL_ICMP
    ? ICMP_REQUESTS.has(icmpType)
    : icmpType === ICMPV6_ECHO_REQUEST;
}

/** The connections of one namespace: a session has one or two, so they are a list. */
export class Conntrack {
  #confirmed: Connection[] = [];

  /** Finds the packet's entry or begins one; what neither has is INVALID. */
  track(packet: Packet, part: Part): Tracked {
    if (typeof part === 'object') return this.#trackError(part.errorAbout);
    const connection = this.#find(packet);
    if (connection === undefined) {
      if (!mayBegin(packet, part)) return INVALID;
      return { connection: new Connection(packet), isReply: false, state: 'NEW' };
    }
    const isReply = sameTuple(connection.reply, packet);
    if (part === 'reset' && !connection.isReplySeen) {
      this.#confirmed = this.#confirmed.filter((one) => one !== connection);
      return { connection, isReply, state: 'ESTABLISHED' };
    }
    if (isReply) connection.isReplySeen = true;
    return { connection, isReply, state: connection.isReplySeen ? 'ESTABLISHED' : 'NEW' };
  }

  /** An error belongs to the connection of the packet it is about, on the other side. */
  #trackError(about: Packet): Tracked {
    const answered = replyTo(about);
    const connection = this.#find(answered);
    if (connection === undefined) return INVALID;
    return { connection, isReply: sameTuple(connection.reply, answered), state: 'RELATED' };
  }

  /** The first packet left, or was delivered: from now on the entry is found. */
  confirm(connection: Connection): void {
    if (connection.isConfirmed) return;
    connection.isConfirmed = true;
    this.#confirmed.push(connection);
  }

  /** Whether another connection's packets already look like this one. */
  isTaken(tuple: Packet, by: Connection): boolean {
    const holder = this.#find(tuple);
    return holder !== undefined && holder !== by;
  }

  /** Of two that look the same the later one counts. */
  #find(packet: Packet): Connection | undefined {
    for (let i = this.#confirmed.length - 1; i >= 0; i--) {
      const one = this.#confirmed[i]!;
      if (sameTuple(one.original, packet) || sameTuple(one.reply, packet)) return one;
    }
    return undefined;
  }
}
