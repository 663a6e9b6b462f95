/**
 * shell/http/transport-security — whether TLS is spoken where a client connected, with whose
 * certificate, and whether a client that checks would take it.
 */

import { listening } from '../../datapath/linux/listening.ts';
import type { Heard } from '../../datapath/walk/exchange.ts';
import type { Packet } from '../../net/index.ts';
import type { Twin } from '../../twin/twin.ts';
import { containersOf } from '../host.ts';

export type Certificate = {
  readonly subject: string;
  readonly issuer: string;
  /** `public`: every client has its authority; `cluster`: who has the cluster's ca.crt. */
  readonly trust: 'public' | 'cluster' | 'private';
  /** It is for the name that was asked. */
  readonly isForName: boolean;
};

const TLS_PORTS = [443, 6443, 8443, 9443, 10_250, 4443];
const AMAZON = 'C = US, O = Amazon, CN = Amazon RSA 2048 M02';
const CLUSTER = 'CN = kubernetes';

/** undefined: no TLS is spoken there. */
export function certificateAt(
  twin: Twin,
  heard: Heard,
  sent: Packet,
  host: string,
): Certificate | undefined {
  const { receiver, arrived = sent, http, notes = [] } = heard;
  const port = sent.destinationPort;
  if (isBalanced(heard)) {
    // Plain HTTP is a listener's answer to TLS, told as a status.
    if (http?.response?.status === 400) return undefined;
    const wrong = notes.find((it) => it.startsWith('no certificate of'));
    return {
      subject: `CN = ${host}`,
      issuer: AMAZON,
      trust: 'public',
      isForName: wrong === undefined,
    };
  }
  switch (receiver?.kind) {
    case 'control-plane':
      return { subject: 'CN = kube-apiserver', issuer: CLUSTER, trust: 'cluster', isForName: true };
    case 'outside':
      return port === 443
        ? isApiServer(twin, sent)
          ? { subject: 'CN = kube-apiserver', issuer: CLUSTER, trust: 'cluster', isForName: true }
          : {
              subject: `CN = ${host}`,
              issuer: 'C = US, O = ekstwin, CN = stand-in',
              trust: 'public',
              isForName: true,
            }
        : undefined;
    case 'aws-service':
      return port === 443
        ? { subject: `CN = ${host}`, issuer: AMAZON, trust: 'public', isForName: true }
        : undefined;
    case 'namespace': {
      if (!speaksTls(twin, receiver.id, arrived)) return undefined;
      const name = receiver.id.split('/').at(-1)!;
      return {
        subject: `CN = ${name}`,
        issuer: `CN = ${name}`,
        trust: 'private',
        isForName: false,
      };
    }
    default:
      return undefined;
  }
}

const isApiServer = (twin: Twin, { destination }: Packet): boolean =>
  twin.datapath.world.publicEndpoint(destination) !== undefined;

/** A load balancer that ends TLS itself was on the way. */
export const isBalanced = ({ http }: Heard): boolean => http !== undefined;

/** By convention: the port's number, or its name. */
export function speaksTls(twin: Twin, id: string, packet: Packet): boolean {
  const namespace = twin.namespaces.get(id as `node/${string}`);
  const found = namespace && listening(namespace, packet);
  const socket = found?.kind === 'listens' ? found.socket : undefined;
  const port = packet.destinationPort;
  if (socket?.process === 'kubelet') return port === 10_250;
  const pod = id.startsWith('pod/') ? twin.store.get('Pod', id.slice('pod/'.length)) : undefined;
  const declared = pod && containersOf(pod).flatMap(({ ports = [] }) => ports);
  const name = declared?.find(({ containerPort }) => containerPort === port)?.name;
  if (name !== undefined && /^https|tls/.test(name)) return true;
  if (name !== undefined && /^http/.test(name)) return false;
  return TLS_PORTS.includes(port);
}
