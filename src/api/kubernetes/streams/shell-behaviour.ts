/**
 * api/kubernetes/streams/shell-behaviour — what pods of a twin do when they are exec'd into or
 * forwarded to: programs of the built-in shell, and HTTP answers of whatever listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { logLines } from '../../../analysis/logs/pod-log.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { exchange } from '../../../shell/http/exchange.ts';
import { parseUrl } from '../../../shell/http/message.ts';
import { runProgram, startFailure } from '../../../shell/run-program.ts';
import type { Machine, ShellWorld } from '../../../shell/session.ts';
import { twinRequest, writeTwinResponse } from '../../twin-http.ts';
import type { PodBehaviour } from './stream-sessions.ts';

export const SHELL_BEHAVIOUR: PodBehaviour = {
  programs: { run: runProgram, startFailure },
  connect: (world, pod, port, client) => speakHttp(world, pod, port, client),
  log: logLines,
};

/** Carries HTTP/1.1 between a client and a port of a pod; other protocols are not simulated. */
function speakHttp(
  world: ShellWorld,
  pod: Pod,
  port: number,
  client: Duplex,
): Promise<string | undefined> {
  const container = pod.spec.containers[0]?.name ?? '';
  const machine: Machine = { kind: 'pod', podKey: keyOf(pod), container };
  let failure: string | undefined;
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const path = incoming.url?.startsWith('/') === true ? incoming.url : '/';
    const url = parseUrl(`http://localhost:${port}${path}`);
    if (typeof url === 'string') {
      outgoing.writeHead(400).end();
      return;
    }
    const request = await twinRequest(incoming, url);
    if (typeof request === 'string') {
      outgoing.writeHead(413, { Connection: 'close' }).end();
      return;
    }
    const outcome = await exchange(world, machine, request);
    if (outcome?.kind === 'answered')
      return writeTwinResponse(incoming, outgoing, outcome.response);
    if (outcome?.why === 'other-protocol') failure = notHttp(port);
    client.destroy();
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => client.destroy());
  });
  server.on('clientError', () => {
    failure = notHttp(port);
    client.destroy();
  });
  return new Promise((resolve) => {
    client.on('close', () => resolve(failure));
    server.emit('connection', client);
  });
}

const notHttp = (port: number): string =>
  `ekstwin: what port ${port} answers to anything but HTTP/1.1 is not simulated`;
