/**
 * shell/http/receiver-answer — who answers an HTTP request that got there: a container (as its
 * image's description says, else the built-in echo), a daemon, the API server, AWS, the internet.
 */

import type { HttpHeader } from '../../datapath/elb/http-request.ts';
import { listening } from '../../datapath/linux/listening.ts';
import type { Heard } from '../../datapath/walk/exchange.ts';
import type { Receiver } from '../../datapath/walk/flow.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { formatIp, type Packet } from '../../net/index.ts';
import { containersOf } from '../host.ts';
import type { ShellWorld } from '../session.ts';
import { apiServerAnswer } from './api-server-answer.ts';
import { corednsAnswer, daemonAnswer } from './daemon-answer.ts';
import { imageAnswer } from './image-answers.ts';
import { imdsAnswer } from './imds-answer.ts';
import { type Request, type Response, response } from './message.ts';

export type Answered =
  | Response
  /** The connection is closed without a word. */
  | 'closes'
  /** It speaks, but not HTTP. */
  | 'other-protocol'
  /** Nothing comes back any more. */
  | 'silence';

/** What speaks first, and it is not HTTP. */
const SPEAKS_FIRST = [22, 21, 25, 3306, 5672];
const CLOSES = [53, 5432, 6379, 9092, 9042, 2181, 11_211];

/** @param isPod  the client is in a pod's own network */
export function receiverAnswer(
  world: ShellWorld,
  heard: Heard,
  sent: Packet,
  request: Request,
  isPod: boolean,
): Answered {
  const { receiver, arrived = sent } = heard;
  switch (receiver?.kind) {
    case 'namespace':
      return namespaceAnswer(world, receiver, arrived, asSeen(heard, request));
    case 'interface':
      return behindInterface(arrived.destinationPort, receiver.label);
    case 'control-plane':
      return apiServerAnswer(world.twin.store.get('eks/cluster', receiver.clusterName), request);
    case 'aws-service':
      return awsAnswer(world, receiver, request, isPod);
    case 'outside': {
      const cluster = world.twin.datapath.world.publicEndpoint(arrived.destination);
      return cluster === undefined ? standIn(request) : apiServerAnswer(cluster, request);
    }
    default:
      return 'closes';
  }
}

/** As a load balancer on the way passed it on. */
function asSeen({ http }: Heard, request: Request): Request {
  if (http === undefined) return request;
  const { method, path, query, headers } = http.request;
  const others = request.headers.filter(
    ({ name }) => !headers.some((it) => it.name.toLowerCase() === name.toLowerCase()),
  );
  return {
    ...request,
    method,
    url: { ...request.url, path, query },
    headers: [...headers, ...others],
  };
}

function namespaceAnswer(
  world: ShellWorld,
  { id }: Extract<Receiver, { kind: 'namespace' }>,
  packet: Packet,
  request: Request,
): Answered {
  const { store, namespaces } = world.twin;
  const namespace = namespaces.get(id);
  const found = namespace && listening(namespace, packet);
  const socket = found?.kind === 'listens' ? found.socket : undefined;
  if (socket !== undefined && id.startsWith('node/')) {
    const answered = daemonAnswer(world.twin, id.slice('node/'.length), socket, request);
    if (answered !== undefined) return answered;
  }
  const [, container, key = id.slice('pod/'.length)] =
    /^container (.+) of pod (.+)$/.exec(socket?.process ?? '') ?? [];
  const pod = store.get('Pod', key);
  const port = packet.destinationPort;
  if (pod === undefined) return SPEAKS_FIRST.includes(port) ? 'other-protocol' : 'closes';
  return podAnswer(world, pod, container, packet, request);
}

function podAnswer(
  { answers = [] }: ShellWorld,
  pod: Pod,
  containerName: string | undefined,
  packet: Packet,
  request: Request,
): Answered {
  const port = packet.destinationPort;
  const all = containersOf(pod);
  const container = all.find(({ name }) => name === containerName) ?? all[0];
  const image = container?.image ?? '';
  const described = imageAnswer(answers, image, port, request) ?? corednsAnswer(pod, port, request);
  if (described !== undefined) return described;
  if (SPEAKS_FIRST.includes(port)) return 'other-protocol';
  if (CLOSES.includes(port)) return 'closes';
  const { path, query } = request.url;
  const body = {
    pod: pod.metadata.name,
    namespace: pod.metadata.namespace,
    node: pod.spec.nodeName,
    container: container?.name,
    image,
    method: request.method,
    path: query === '' ? path : `${path}?${query}`,
    host: request.headers.find(({ name }) => name.toLowerCase() === 'host')?.value,
    client: formatIp(packet.source),
    port,
    headers: headersOf(request.headers),
    body: request.body === '' ? undefined : request.body,
    note: 'ekstwin: what this image answers is not described, so its echo does',
  };
  return response(200, 'application/json', `${JSON.stringify(body, undefined, 2)}\n`, [
    { name: 'X-Ekstwin-Answer', value: `echo of pod ${keyOf(pod)}` },
  ]);
}

const headersOf = (headers: readonly HttpHeader[]): Readonly<Record<string, string>> =>
  Object.fromEntries(headers.map(({ name, value }) => [name, value]));

/** A database says what it says; of another machine nothing is known. */
function behindInterface(port: number, label: string): Answered {
  if (SPEAKS_FIRST.includes(port)) return 'other-protocol';
  if (CLOSES.includes(port)) return 'closes';
  const text = `ekstwin: ${label} is reached; what it answers is not simulated\n`;
  return response(200, 'text/plain', text, NOT_SIMULATED);
}

const NOT_SIMULATED = [{ name: 'X-Ekstwin-Answer', value: 'not simulated' }];

function awsAnswer(
  { twin }: ShellWorld,
  { service, via }: Extract<Receiver, { kind: 'aws-service' }>,
  request: Request,
  isPod: boolean,
): Answered {
  if (service !== 'imds') {
    const message = `ekstwin: ${service} is reached; what it answers is not simulated`;
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>\n`;
    return service === 'resolver'
      ? 'closes'
      : response(403, 'application/xml', body, NOT_SIMULATED);
  }
  const id = twin.store.get('ec2/network-interface', via)?.attachment?.instanceId;
  const instance = id === undefined ? undefined : twin.store.get('ec2/instance', id);
  if (instance === undefined) return 'silence';
  return imdsAnswer(twin, instance, request, isPod) ?? 'silence';
}

/** Nobody of the twin: a page that says so. */
function standIn({ url }: Request): Response {
  if (/\.amazonaws\.com(\.cn)?$/.test(url.host)) {
    const message = `ekstwin: ${url.host} is reached; what it answers is not simulated`;
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>\n`;
    return response(403, 'application/xml', body, NOT_SIMULATED);
  }
  const body = `<!doctype html><title>${url.host}</title><p>ekstwin: a stand-in for ${url.host}, which is outside of the twin.</p>\n`;
  return response(200, 'text/html', body, [{ name: 'X-Ekstwin-Answer', value: 'stand-in' }]);
}
