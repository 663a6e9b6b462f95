/**
 * api/kubernetes/streams/stream-sessions — exec, attach and port-forward of a running twin: takes
 * over the connections that ask for one, and ends what is open when its pod goes or the server
 * stops.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/strategy.go streamLocation;
 * pkg/kubelet/kubelet_pods.go GetExec, GetAttach, GetPortForward.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { statusBadRequest, statusNotFound } from '../../../cluster/api-status.ts';
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { ShellWorld } from '../../../shell/session.ts';
import { type MainPrograms, mainProgramsOf } from '../../main-programs.ts';
import type { RunningTwin } from '../../running-twin.ts';
import { shellWorldOf } from '../../shell-world.ts';
import { type LogSource, showOutput } from './attach.ts';
import { type CommandChannels, loggedChannels } from './command-channels.ts';
import type { CommandEnd } from './command-end.ts';
import {
  notRunning,
  type PodContainer,
  podContainer,
  type StreamOptions,
  streamOptions,
  withoutNode,
} from './command-request.ts';
import { type Programs, runCommand } from './command-run.ts';
import { kubeletDialError, kubeletUrl } from './kubelet-path.ts';
import { type ConnectPod, portForwarder } from './pod-ports.ts';
import {
  type Forwarding,
  forwardOverChannels,
  forwardOverSpdy,
  forwardThroughTunnel,
  portsOf,
} from './port-forward.ts';
import { spdyCommand } from './spdy-upgrade.ts';
import {
  type Asked,
  refuseByKubelet,
  refuseUnreached,
  type StreamWay,
  wayOf,
} from './stream-way.ts';
import { refuseUpgrade } from './upgraded-socket.ts';
import {
  CHANNELS,
  TRANSLATED,
  TUNNELLED,
  upgradeToWebSocket,
  type WebSocketBytes,
  webSocketCommand,
} from './websocket-upgrade.ts';

/** A path `/api/v1/namespaces/NAMESPACE/pods/NAME/SUBRESOURCE`, and its query. */
export interface StreamTarget {
  readonly namespace: string;
  readonly name: string;
  readonly subresource: 'exec' | 'attach' | 'portforward';
  readonly query: URLSearchParams;
}

/** What pods do: programs run in them, and somebody answers at their ports. */
export interface PodBehaviour {
  readonly programs: Programs;
  readonly connect: ConnectPod;
  /** What containers write. */
  readonly log: LogSource;
}

/** Killed: 128 and SIGKILL. */
const KILLED = 137;
/** kubelet_client.go: how long the API server tries to connect. */
const DIAL_TIMEOUT_MS = 30_000;

export class StreamSessions {
  readonly #running: RunningTwin;
  readonly #world: ShellWorld;
  readonly #behaviour: PodBehaviour;
  /** What ends each open session, with its pod. */
  readonly #open = new Map<() => void, string>();
  /** Containers' own programs, some of which wait for somebody. */
  readonly #mains: MainPrograms;
  readonly #unsubscribe: () => void;

  constructor(running: RunningTwin, behaviour: PodBehaviour) {
    this.#running = running;
    this.#world = shellWorldOf(running);
    this.#mains = mainProgramsOf(running);
    this.#behaviour = behaviour;
    this.#unsubscribe = running.twin.store.subscribe('Pod', ({ key, value }) => {
      if (value === undefined) this.#end((podKey) => podKey === key);
    });
  }

  /** Takes over a connection that asks for streams, or refuses it in plain HTTP. */
  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: StreamTarget,
  ): Promise<void> {
    socket.on('error', () => socket.destroy());
    const asked = { request, socket, head };
    if (target.subresource === 'portforward') await this.#forward(asked, target);
    else await this.#command(asked, target, target.subresource);
  }

  /** Ends everything that is open, and takes no more notice of pods. */
  close(): void {
    this.#unsubscribe();
    this.#end(() => true);
  }

  #end(isMeant: (podKey: string) => boolean): void {
    for (const [end, podKey] of [...this.#open]) if (isMeant(podKey)) end();
  }

  async #command(asked: Asked, target: StreamTarget, verb: 'exec' | 'attach'): Promise<void> {
    const { namespace, name, query } = target;
    const found = podContainer(this.#running.twin.store, namespace, name, query);
    if (isApiStatus(found)) return refuseUpgrade(asked.socket, found);
    const homeless = withoutNode(found.pod);
    if (homeless !== undefined) return refuseUpgrade(asked.socket, homeless);
    const way = wayOf(asked, [TRANSLATED, CHANNELS]);
    if (way === undefined) return;
    const path = `/${verb}/${namespace}/${name}/${found.container.name}`;
    if (await this.#isUnreached(asked, way, found.pod, path)) return;
    const options = streamOptions(query);
    const refusal = 'kind' in options ? options : notRunning(found);
    if (refusal !== undefined) return refuseByKubelet(asked, way, refusal);
    const streams = options as StreamOptions;
    const channels = await channelsOf(asked, way, streams);
    if (channels === undefined) return;
    const { tty } = streams;
    if (verb === 'exec') {
      const argv = query.getAll('command');
      await this.#session(channels, found, (world) => this.#run(world, found, argv, channels, tty));
    } else
      await this.#session(channels, found, (world) => this.#attach(world, found, channels, tty));
  }

  /** Carries a command on until it ends, its client goes, its pod goes or the server stops. */
  async #session(
    channels: CommandChannels,
    { pod }: PodContainer,
    command: (world: ShellWorld) => Promise<CommandEnd>,
  ): Promise<void> {
    let finish: (end: CommandEnd) => void = () => {};
    const over = new Promise<CommandEnd>((resolve) => {
      finish = resolve;
    });
    const kill = (): void => finish({ kind: 'exited', code: KILLED, argv: [] });
    this.#open.set(kill, keyOf(pod));
    channels.onLost(kill);
    channels.finish(await Promise.race([command(this.#world), over]));
    this.#open.delete(kill);
  }

  #run(
    world: ShellWorld,
    { pod, container }: PodContainer,
    argv: readonly string[],
    channels: CommandChannels,
    isTerminal: boolean,
  ): Promise<CommandEnd> {
    const machine = { kind: 'pod' as const, podKey: keyOf(pod), container: container.name };
    return runCommand(this.#behaviour.programs, world, machine, argv, channels, isTerminal);
  }

  /** The container's own program, where it waits for somebody; its output otherwise. */
  async #attach(
    world: ShellWorld,
    found: PodContainer,
    channels: CommandChannels,
    isTerminal: boolean,
  ): Promise<CommandEnd> {
    const main = this.#mains.take(found.pod, found.container.name);
    if (main === undefined) {
      const code = await showOutput(world.twin, this.#behaviour.log, found, channels);
      return { kind: 'exited', code, argv: [] };
    }
    const logged = loggedChannels(channels, main.log);
    const end = await this.#run(world, found, main.argv, logged, isTerminal);
    await main.ended(end.kind === 'exited' ? end.code : KILLED);
    // An attach tells no exit code: kubectl reads it from the pod.
    return { kind: 'exited', code: 0, argv: main.argv };
  }

  async #forward(asked: Asked, { namespace, name, query }: StreamTarget): Promise<void> {
    const { twin } = this.#running;
    const pod = twin.store.get('Pod', `${namespace}/${name}`);
    if (pod === undefined) {
      return refuseUpgrade(asked.socket, statusNotFound({ apiVersion: 'v1', kind: 'Pod' }, name));
    }
    const homeless = withoutNode(pod);
    if (homeless !== undefined) return refuseUpgrade(asked.socket, homeless);
    const way = wayOf(asked, [TUNNELLED, CHANNELS]);
    if (way === undefined) return;
    if (await this.#isUnreached(asked, way, pod, `/portForward/${namespace}/${name}`)) return;
    if (pod.status?.phase !== 'Running') {
      const text = `pod not found (${JSON.stringify(`${name}_${namespace}`)})`;
      return refuseByKubelet(asked, way, { kind: 'kubelet-refusal', code: 500, text });
    }
    const forwarder = portForwarder(this.#world, pod, this.#behaviour.connect);
    const opened = (forwarding: Forwarding | undefined): void => this.#keep(forwarding, pod);
    if (way === 'spdy') {
      return opened(forwardOverSpdy(asked.request, asked.socket, asked.head, forwarder));
    }
    const ports = way === TUNNELLED ? [] : portsOf(query);
    if (ports === undefined) {
      return refuseUpgrade(asked.socket, statusBadRequest('query parameter "port" is required'));
    }
    const socket = await opening(asked, way);
    const forward = way === TUNNELLED ? forwardThroughTunnel(socket, forwarder) : undefined;
    opened(forward ?? forwardOverChannels(socket, ports, forwarder));
  }

  #keep(forwarding: Forwarding | undefined, pod: Pod): void {
    if (forwarding === undefined) return;
    const end = (): void => {
      this.#open.delete(end);
      forwarding.abandon();
    };
    this.#open.set(end, keyOf(pod));
    forwarding.onLost(() => this.#open.delete(end));
  }

  /** Whether the kubelet is out of reach; the client was told then. */
  async #isUnreached(asked: Asked, way: StreamWay, pod: Pod, path: string): Promise<boolean> {
    const { twin } = this.#running;
    const dialError = kubeletDialError(twin, pod);
    if (dialError === undefined) return false;
    if (dialError.endsWith('i/o timeout')) await this.#running.sleep(DIAL_TIMEOUT_MS);
    refuseUnreached(asked, way, kubeletUrl(twin, pod, path), dialError);
    return true;
  }
}

const opening = ({ request, socket, head }: Asked, way: StreamWay): Promise<WebSocketBytes> =>
  new Promise((resolve) => {
    upgradeToWebSocket(request, socket, head, way, resolve);
  });

async function channelsOf(
  asked: Asked,
  way: StreamWay,
  options: StreamOptions,
): Promise<CommandChannels | undefined> {
  if (way === 'spdy') return spdyCommand(asked.request, asked.socket, asked.head, options);
  return webSocketCommand(await opening(asked, way), options, way);
}
