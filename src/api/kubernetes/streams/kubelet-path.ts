/**
 * api/kubernetes/streams/kubelet-path — whether the API server reaches a node's kubelet: exec, logs
 * and port-forward go from the control plane's interfaces to port 10250, and a security group, an
 * ACL or a route can be in their way as in anybody's.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/client/kubelet_client.go (port from the Node, its
 * InternalIP first); Amazon EKS User Guide, sec-group-reqs (TCP 10250).
 * What the documents do not tell is taken as open.
 */
import { walkBranches } from '../../../datapath/walk/branches.ts';
import type { Origin } from '../../../datapath/walk/flow.ts';
import { addressesOfInterface } from '../../../model/ec2/network-interface.ts';
import { addressesOfNode } from '../../../model/kubernetes/addresses.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import {
  familyOf,
  formatSocketAddress,
  type Ip,
  type Packet,
  PROTOCOL_TCP,
} from '../../../net/index.ts';
import type { Twin } from '../../../twin/twin.ts';

const KUBELET_PORT = 10_250;
const SOURCE_PORT = 40_000;
const SYN_BYTES = 60;

/** What Go's dialer says: `dial tcp 10.0.1.7:10250: i/o timeout`; undefined: the kubelet answers. */
export function kubeletDialError({ store, datapath }: Twin, pod: Pod): string | undefined {
  const cluster = store.list('eks/cluster')[0];
  const node = store.get('Node', pod.spec.nodeName ?? '');
  const [address] = addressesOfNode(node);
  if (cluster === undefined || address === undefined) return undefined;
  const socket = formatSocketAddress(address, KUBELET_PORT);
  let error: string | undefined;
  for (const networkInterfaceId of cluster.networkInterfaceIds) {
    const eni = store.get('ec2/network-interface', networkInterfaceId);
    const source =
      eni && addressesOfInterface(eni).find((it) => familyOf(it) === familyOf(address));
    if (source === undefined) continue;
    const origin: Origin = { kind: 'interface', networkInterfaceId, label: networkInterfaceId };
    const flow = { origin, packet: syn(source, address) };
    const ways = walkBranches(datapath.world, flow);
    const isOpen = ways.some(
      ({ disposition }) => disposition === 'delivered' || disposition === 'not-simulated',
    );
    if (isOpen) return undefined;
    const isRefused = ways[0]?.disposition === 'refused';
    error = `dial tcp ${socket}: ${isRefused ? 'connect: connection refused' : 'i/o timeout'}`;
  }
  return error;
}

const syn = (source: Ip, destination: Ip): Packet => ({
  protocol: PROTOCOL_TCP,
  source,
  destination,
  sourcePort: SOURCE_PORT,
  destinationPort: KUBELET_PORT,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: SYN_BYTES,
  dontFragment: true,
});

/** Where the API server asks a node's kubelet. */
export function kubeletUrl({ store }: Twin, pod: Pod, path: string): string {
  const [address] = addressesOfNode(store.get('Node', pod.spec.nodeName ?? ''));
  return `https://${address === undefined ? '' : formatSocketAddress(address, KUBELET_PORT)}${path}`;
}
