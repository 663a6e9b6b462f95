/**
 * api/kubernetes/subresources/pod-streams — connections that ask to become something else: who
 * asks, which pod, and then the streams take over. They are loaded when somebody asks for the
 * first.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RunningTwin } from '../../running-twin.ts';
import { userOf } from '../access/bearer-token.ts';
import { targetOf } from '../request-target.ts';
import { statusNoResource, statusUnauthorized } from '../rest-status.ts';
import type { StreamSessions, StreamTarget } from '../streams/stream-sessions.ts';

const VERBS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

export class PodStreams {
  readonly #running: RunningTwin;
  #sessions: Promise<StreamSessions> | undefined;

  constructor(running: RunningTwin) {
    this.#running = running;
  }

  /** Takes the connection over, or refuses it in plain HTTP. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const { refuseUpgrade } = await import('../streams/upgraded-socket.ts');
    if (userOf(request, this.#running.served) === undefined) {
      return refuseUpgrade(socket, statusUnauthorized());
    }
    const target = streamTarget(request);
    if (target === undefined) return refuseUpgrade(socket, statusNoResource());
    this.#sessions ??= sessionsOf(this.#running);
    await (await this.#sessions).upgrade(request, socket, head, target);
  }

  close(): void {
    void this.#sessions?.then((sessions) => sessions.close());
  }
}

async function sessionsOf(running: RunningTwin): Promise<StreamSessions> {
  const { StreamSessions } = await import('../streams/stream-sessions.ts');
  const { SHELL_BEHAVIOUR } = await import('../streams/shell-behaviour.ts');
  return new StreamSessions(running, SHELL_BEHAVIOUR);
}

function streamTarget({ url = '/' }: IncomingMessage): StreamTarget | undefined {
  if (!URL.canParse(url, 'http://twin')) return undefined;
  const { pathname, searchParams } = new URL(url, 'http://twin');
  const target = targetOf(pathname);
  if (target?.group !== '' || target.version !== 'v1' || target.plural !== 'pods') return undefined;
  const { namespace, name, subresource = '' } = target;
  if (namespace === undefined || name === undefined || !VERBS.has(subresource)) return undefined;
  return {
    namespace,
    name,
    subresource: subresource as StreamTarget['subresource'],
    query: searchParams,
  };
}
