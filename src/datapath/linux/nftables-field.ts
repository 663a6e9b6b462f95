/**
 * datapath/linux/nftables-field — what a field of an nft rule is, of one packet at one hook.
 *
 * A field that the packet does not have (`tcp dport` of an ICMP packet) is undefined and ends the
 * rule, negated or not: nft puts a test for the protocol before it.
 */
import type { AddressType, ConntrackState } from '../../model/linux/netfilter.ts';
import type { NftField } from '../../model/linux/nftables-field.data.ts';
import type { NftScalar } from '../../model/linux/nftables-set.ts';
import {
  hasPorts,
  type Ip,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../net/index.ts';
import type { HookContext } from './hook-context.ts';

const PROTOCOL_OF: Readonly<Record<string, number>> = {
  tcp: PROTOCOL_TCP,
  udp: PROTOCOL_UDP,
  sctp: PROTOCOL_SCTP,
};

const STATE_NAMES: Readonly<Partial<Record<ConntrackState, string>>> = {
  NEW: 'new',
  ESTABLISHED: 'established',
  RELATED: 'related',
  INVALID: 'invalid',
  UNTRACKED: 'untracked',
};

const ofFamily = (ip: Ip, type: 'number' | 'bigint'): Ip | undefined =>
  typeof ip === type ? ip : undefined;

/** A port of the packet, where it has one and is of the protocol the field names. */
function portOf(packet: Packet, protocol: string, isSource: boolean): number | undefined {
  const isAny = protocol === 'th' && hasPorts(packet.protocol);
  if (!isAny && packet.protocol !== PROTOCOL_OF[protocol]) return undefined;
  return isSource ? packet.sourcePort : packet.destinationPort;
}

/** The words of `ct status` that hold of a connection. */
function statusesOf({ connection }: HookContext): readonly string[] {
  if (connection === undefined) return [];
  return [
    ...(connection.isReplySeen ? ['seen-reply', 'assured'] : []),
    ...(connection.isConfirmed ? ['confirmed'] : []),
    ...(connection.isSourceRewritten ? ['snat'] : []),
    ...(connection.isDestinationRewritten ? ['dnat'] : []),
  ];
}

/** nft writes small what iptables writes in capitals. */
const ADDRESS_TYPES: Readonly<Record<AddressType, string>> = {
  LOCAL: 'local',
  UNICAST: 'unicast',
  BROADCAST: 'broadcast',
  MULTICAST: 'multicast',
};

const addressTypeOf = ({ host }: HookContext, ip: Ip, onLink?: string): string =>
  ADDRESS_TYPES[host.addressType(ip, onLink)];

function headerField(field: NftField, packet: Packet): NftScalar | undefined {
  switch (field) {
    case 'ip saddr':
      return ofFamily(packet.source, 'number');
    case 'ip daddr':
      return ofFamily(packet.destination, 'number');
    case 'ip6 saddr':
      return ofFamily(packet.source, 'bigint');
    case 'ip6 daddr':
      return ofFamily(packet.destination, 'bigint');
    case 'ip protocol':
      return typeof packet.source === 'number' ? packet.protocol : undefined;
    case 'ip6 nexthdr':
      return typeof packet.source === 'bigint' ? packet.protocol : undefined;
    case 'meta l4proto':
      return packet.protocol;
    case 'icmp type':
      return packet.protocol === PROTOCOL_ICMP ? packet.icmpType : undefined;
    case 'icmp code':
      return packet.protocol === PROTOCOL_ICMP ? packet.icmpCode : undefined;
    case 'icmpv6 type':
      return packet.protocol === PROTOCOL_ICMPV6 ? packet.icmpType : undefined;
    case 'icmpv6 code':
      return packet.protocol === PROTOCOL_ICMPV6 ? packet.icmpCode : undefined;
    default: {
      const [protocol, side] = field.split(' ');
      return portOf(packet, protocol!, side === 'sport');
    }
  }
}

/** The value of a field, or values where it has several. */
export function nftFieldValue(
  field: NftField,
  context: HookContext,
): NftScalar | readonly string[] | undefined {
  switch (field) {
    case 'meta mark':
      return context.mark.value;
    case 'ct mark':
      return context.connection?.mark.value ?? 0;
    case 'ct state':
      return STATE_NAMES[context.state];
    case 'ct status':
      return statusesOf(context);
    case 'iifname':
    case 'iif':
      return context.inLink ?? '';
    case 'oifname':
    case 'oif':
      return context.outLink ?? '';
    case 'fib saddr type':
      return addressTypeOf(context, context.packet.source);
    case 'fib daddr type':
      return addressTypeOf(context, context.packet.destination);
    case 'fib daddr . iif type':
      return addressTypeOf(context, context.packet.destination, context.inLink);
    default:
      return headerField(field, context.packet);
  }
}

/** The values of a concatenation; undefined where the packet lacks one of the fields. */
export function nftKeyOf(
  selector: readonly NftField[],
  context: HookContext,
): readonly NftScalar[] | undefined {
  const key: NftScalar[] = [];
  for (const field of selector) {
    const value = nftFieldValue(field, context);
    if (value === undefined || typeof value === 'object') return undefined;
    key.push(value);
  }
  return key;
}
