/**
 * datapath/linux/listening — whether something in a namespace takes a packet that was delivered.
 */
import type { NetworkNamespace, Socket } from '../../model/linux/namespace.ts';
import { hasTypeAndCode, type Packet, parseIp } from '../../net/index.ts';
import { compile, socketKey } from './compiled-namespace.ts';

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
  const socket = compile(namespace)
    .sockets.get(socketKey(packet.protocol, packet.destinationPort))
    ?.find(({ address }) => address === undefined || parseIp(address) === packet.destination);
  if (socket !== undefined) return { kind: 'listens', socket };
  return { kind: namespace.areSocketsKnown ? 'closed' : 'unknown' };
}
