/**
 * api/kubernetes/streams/stream-way — how a client wants its streams carried, and how it is told
 * no: by the API server with a Status, by the kubelet with plain text, or, where the API server has
 * accepted a WebSocket already, by a Status inside it.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/rest/subresources.go and
 * staging/src/k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go: the API server answers WebSocket
 * v5 itself and talks SPDY to the kubelet; every other upgrade it hands to the kubelet as it is.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { statusBadRequest, statusInternal } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubeletRefusal } from './command-request.ts';
import { isSpdyRequest } from './spdy-upgrade.ts';
import { answerUpgrade, refuseUpgrade } from './upgraded-socket.ts';
import {
  type CHANNELS,
  isWebSocketRequest,
  offeredProtocols,
  refuseSubprotocols,
  TRANSLATED,
  type TUNNELLED,
  upgradeToWebSocket,
  webSocketCommand,
} from './websocket-upgrade.ts';

/** The connection that asks. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export type StreamWay = 'spdy' | typeof TRANSLATED | typeof CHANNELS | typeof TUNNELLED;

/** 400: the subresource is asked for without an upgrade. */
export const statusUpgradeRequired = (): ApiStatus => statusBadRequest('Upgrade request required');

/** What both ends speak; undefined when nothing was, and the client has been told. */
export function wayOf(
  { request, socket }: Asked,
  webSockets: readonly StreamWay[],
): StreamWay | undefined {
  if (isSpdyRequest(request)) return 'spdy';
  if (!isWebSocketRequest(request)) {
    refuseUpgrade(socket, statusUpgradeRequired());
    return undefined;
  }
  const offered = offeredProtocols(request);
  const way = webSockets.find((it) => offered.includes(it));
  if (way === undefined) refuseSubprotocols(socket, offered, webSockets);
  return way;
}

/** Says what the kubelet says. */
export function refuseByKubelet(
  asked: Asked,
  way: StreamWay,
  { code, text }: KubeletRefusal,
): void {
  if (way === TRANSLATED) refuseInside(asked, `unable to upgrade connection: ${text}`);
  else answerUpgrade(asked.socket, code, 'text/plain; charset=utf-8', text);
}

/** Says that the kubelet is not reached. */
export function refuseUnreached(
  asked: Asked,
  way: StreamWay,
  kubeletUrl: string,
  dialError: string,
): void {
  if (way === TRANSLATED) {
    refuseInside(asked, `error sending request: Post ${JSON.stringify(kubeletUrl)}: ${dialError}`);
  } else refuseUpgrade(asked.socket, statusInternal(`error dialing backend: ${dialError}`));
}

const NO_STREAMS = { stdin: false, stdout: false, stderr: false, tty: false };

function refuseInside({ request, socket, head }: Asked, text: string): void {
  upgradeToWebSocket(request, socket, head, TRANSLATED, (opened) => {
    webSocketCommand(opened, NO_STREAMS, TRANSLATED).finish({ kind: 'refused', text });
  });
}
