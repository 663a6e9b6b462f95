/**
 * twin/namespaces/pod-sockets — what listens in a pod, as far as its manifest says: container ports
 * and the ports that probes ask, of every container that runs.
 */
import type { Container, ContainerPort, Pod, Probe } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { containerStatusesOf } from '../../model/kubernetes/pod-containers.ts';
import type { Socket } from '../../model/linux/namespace.ts';

export interface PodSockets {
  readonly sockets: readonly Socket[];
  /** False where no container declares a port. */
  readonly areKnown: boolean;
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Containers that run beside each other: the spec's, native sidecars, ephemeral ones. */
function containersOf({ spec }: Pod): readonly Container[] {
  const sidecars = (spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always');
  return [...spec.containers, ...sidecars, ...(spec.ephemeralContainers ?? [])];
}

/** A container whose status says that it waits or has ended listens to nothing. */
function isDown(pod: Pod, name: string): boolean {
  const state = containerStatusesOf(pod).find((one) => one.name === name)?.state;
  return state !== undefined && state.running === undefined && Object.keys(state).length > 0;
}

const protocolOf = ({ protocol }: ContainerPort): Socket['protocol'] =>
  (protocol?.toLowerCase() as Socket['protocol'] | undefined) ?? 'tcp';

/** The port a probe of the kubelet connects to in the pod itself; names are container ports. */
function probedPort(probe: Probe | undefined): number | undefined {
  const target = probe?.httpGet ?? probe?.tcpSocket;
  if (target !== undefined && 'host' in target && target.host !== undefined) return undefined;
  const port = target?.port ?? probe?.grpc?.port;
  return typeof port === 'number' ? port : undefined;
}

function socketsOf(container: Container, process: string): readonly Socket[] {
  const sockets: Socket[] = (container.ports ?? []).map((port) => ({
    protocol: protocolOf(port),
    port: port.containerPort,
    process,
    source: port.name === undefined ? 'containerPort' : `containerPort ${port.name}`,
  }));
  for (const name of PROBES) {
    const port = probedPort(container[name]);
    if (port === undefined) continue;
    if (sockets.some((one) => one.protocol === 'tcp' && one.port === port)) continue;
    sockets.push({ protocol: 'tcp', port, process, source: name });
  }
  return sockets;
}

/** What listens in a pod; two containers of one port keep the first. */
export function podSockets(pod: Pod): PodSockets {
  const sockets: Socket[] = [];
  let areKnown = false;
  for (const container of containersOf(pod)) {
    const declared = socketsOf(container, `container ${container.name} of pod ${keyOf(pod)}`);
    areKnown ||= declared.length > 0;
    if (isDown(pod, container.name)) continue;
    for (const one of declared)
      if (!sockets.some((it) => it.protocol === one.protocol && it.port === one.port))
        sockets.push(one);
  }
  return { sockets, areKnown };
}
