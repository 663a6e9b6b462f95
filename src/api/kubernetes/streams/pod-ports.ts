/**
 * api/kubernetes/streams/pod-ports — a connection to a port of a pod as its container runtime makes
 * one: from inside the pod's network namespace to localhost, so that no policy and no security
 * group has a say.
 *
 * Upstream: containerd/containerd v1.7 pkg/cri/sbserver/sandbox_portforward_linux.go portForward.
 */
import type { Duplex } from 'node:stream';
import { walkBranches } from '../../../datapath/walk/branches.ts';
import type { Branch, Origin } from '../../../datapath/walk/flow.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { namespaceOfPod } from '../../../model/linux/namespace.ts';
import { type Packet, PROTOCOL_TCP, parseIp } from '../../../net/index.ts';
import type { ShellWorld } from '../../../shell/session.ts';
import type { Twin } from '../../../twin/twin.ts';
import type { PortForwarder } from './port-forward.ts';

/** Talks to whatever listens at a port of the pod, until one side ends. */
export type ConnectPod = (
  world: ShellWorld,
  pod: Pod,
  port: number,
  client: Duplex,
) => Promise<string | undefined>;

const LOCALHOST = parseIp('127.0.0.1')!;
const SOURCE_PORT = 40_000;
const SYN_BYTES = 60;

/** What becomes of a connection from inside a pod to its own localhost. */
function localConnection({ datapath }: Twin, pod: Pod, port: number): Branch {
  const label = `pod/${keyOf(pod)}`;
  const origin: Origin = { kind: 'namespace', id: namespaceOfPod(pod), label };
  const packet: Packet = {
    protocol: PROTOCOL_TCP,
    source: LOCALHOST,
    destination: LOCALHOST,
    sourcePort: SOURCE_PORT,
    destinationPort: port,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: SYN_BYTES,
    dontFragment: true,
  };
  return walkBranches(datapath.world, { origin, packet })[0]!;
}

/** Connects clients to ports of a pod. */
export function portForwarder(world: ShellWorld, pod: Pod, connect: ConnectPod): PortForwarder {
  const { twin } = world;
  const podKey = keyOf(pod);
  const sandbox = twin.store.get('node/pod-sandbox', podKey);
  const id = sandbox?.containerId ?? pod.metadata.uid ?? podKey;
  const place = pod.spec.hostNetwork === true ? 'host' : `/var/run/netns/cni-${id.slice(0, 8)}`;
  return {
    errorText: (port, text) => `error forwarding port ${port} to pod ${id}, uid : ${text}`,
    connect: async (port, client) => {
      const now = twin.store.get('Pod', podKey);
      if (now === undefined || now.metadata.uid !== pod.metadata.uid) {
        return `failed to find sandbox ${JSON.stringify(id)} in store: not found`;
      }
      const inside = `failed to execute portforward in network namespace ${JSON.stringify(place)}`;
      const { disposition } = localConnection(twin, now, port);
      if (disposition !== 'delivered') {
        const how = disposition === 'refused' ? 'connect: connection refused' : 'i/o timeout';
        return (
          `${inside}: failed to connect to localhost:${port} inside namespace ` +
          `${JSON.stringify(id)}, IPv4: dial tcp4 127.0.0.1:${port}: ${how} ` +
          'IPv6 dial tcp6: address localhost: no suitable address '
        );
      }
      return connect(world, now, port, client);
    },
  };
}
