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
  type Ip,
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

const textOf = (ip: Ip): string => (typeof ip === 'number' ? String(ip) : ip.toString(36));

const tupleKey = ({ protocol, source, sourcePort, ...packet }: Packet): string =>
  `${protocol} ${textOf(source)} ${sourcePort} ${textOf(packet.destination)} ` +
  `${packet.destinationPort} ${packet.icmpType}`;

/** Whether a packet without an entry may begin one. */
function mayBegin({ protocol, icmpType }: Packet, part: Part): boolean {
  if (typeof part === 'object' || part === 'reset') return false;
  if (protocol === PROTOCOL_TCP) return part === 'request';
  if (!hasTypeAndCode(protocol)) return true;
  return protocol === PROTOCOL_ICMP
    ? ICMP_REQUESTS.has(icmpType)
    : icmpType === ICMPV6_ECHO_REQUEST;
}

/** The connections of one namespace. */
export class Conntrack {
  readonly #byTuple = new Map<string, Connection>();

  /** Finds the packet's entry or begins one; what neither has is INVALID. */
  track(packet: Packet, part: Part): Tracked {
    if (typeof part === 'object') return this.#trackError(part.errorAbout);
    const connection = this.#byTuple.get(tupleKey(packet));
    if (connection === undefined) {
      if (!mayBegin(packet, part)) return INVALID;
      return { connection: new Connection(packet), isReply: false, state: 'NEW' };
    }
    const isReply = tupleKey(connection.reply) === tupleKey(packet);
    if (part === 'reset' && !connection.isReplySeen) {
      this.#forget(connection);
      return { connection, isReply, state: 'ESTABLISHED' };
    }
    if (isReply) connection.isReplySeen = true;
    return { connection, isReply, state: connection.isReplySeen ? 'ESTABLISHED' : 'NEW' };
  }

  /** An error belongs to the connection of the packet it is about, on the other side. */
  #trackError(about: Packet): Tracked {
    const answered = tupleKey(replyTo(about));
    const connection = this.#byTuple.get(answered);
    if (connection === undefined) return INVALID;
    return { connection, isReply: tupleKey(connection.reply) === answered, state: 'RELATED' };
  }

  /** The first packet left, or was delivered: from now on the entry is found. */
  confirm(connection: Connection): void {
    if (connection.isConfirmed) return;
    connection.isConfirmed = true;
    this.#byTuple.set(tupleKey(connection.original), connection);
    this.#byTuple.set(tupleKey(connection.reply), connection);
  }

  /** Whether another connection's packets already look like this one. */
  isTaken(tuple: Packet, by: Connection): boolean {
    const holder = this.#byTuple.get(tupleKey(tuple));
    return holder !== undefined && holder !== by;
  }

  #forget(connection: Connection): void {
    this.#byTuple.delete(tupleKey(connection.original));
    this.#byTuple.delete(tupleKey(connection.reply));
  }
}
