/**
 * datapath/linux/listening — whether something in a namespace takes a packet that was delivered.
 */
import type { NetworkNamespace, Socket } from '../../model/linux/namespace.ts';
import { formatProtocol, hasTypeAndCode, type Packet, parseIp } from '../../net/index.ts';
import { compile } from './compiled-namespace.ts';

export type Listening =
  | { readonly kind: 'listens'; readonly socket: Socket }
  /** The kernel itself answers: ICMP. */
  | { readonly kind: 'kernel' }
  /** TCP is answered with a reset, UDP with an ICMP error. */
  | { readonly kind: 'closed' }
  /** Nothing says what listens here. */
  | { readonly kind: 'unknown' };

/** Who takes a packet that is for an address of the namespace. */
export function listening(namespace: NetworkNamespace, packet: Packet): Listening {
  if (hasTypeAndCode(packet.protocol)) return { kind: 'kernel' };
  const key = `${formatProtocol(packet.protocol)} ${packet.destinationPort}`;
  const socket = compile(namespace)
    .sockets.get(key)
    ?.find(({ address }) => address === undefined || parseIp(address) === packet.destination);
  if (socket !== undefined) return { kind: 'listens', socket };
  return { kind: namespace.areSocketsKnown ? 'closed' : 'unknown' };
}
