/**
 * twin/namespaces/node-links — the links of a node: loopback, its ENIs, the host ends of its pods'
 * pairs, and the VLAN links of branch ENIs.
 */
import { linkMacAddress } from '../../controllers/vpc-cni/host-link-name.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { PodSandbox } from '../../model/linux/cni.ts';
import { type Link, linkWith, type NamespaceId } from '../../model/linux/namespace.ts';
import type { NodeLink, NodeNetwork } from '../../model/linux/node-network.ts';
import { nodeCacheLinks } from './node-cache.ts';

/** What every network namespace has. */
export const LOOPBACK: Link = linkWith({
  name: 'lo',
  kind: 'loopback',
  macAddress: '00:00:00:00:00:00',
  mtu: 65_536,
  addresses: ['127.0.0.1/8', '::1/128'],
});

const NO_ADDRESSES: readonly string[] = [];

const eniLink = (link: NodeLink): Link =>
  linkWith({
    name: link.name,
    kind: 'ena',
    macAddress: link.macAddress,
    mtu: link.mtu,
    addresses: link.addresses,
    networkInterfaceId: link.networkInterfaceId,
  });

/** What one pod adds to its node. */
function podLinks(sandbox: PodSandbox, network: NodeNetwork): readonly Link[] {
  const links: Link[] = [];
  const namespace: NamespaceId = `pod/${sandbox.namespace}/${sandbox.podName}`;
  const mtu = network.podMtu;
  for (const one of sandbox.interfaces) {
    if (one.attachedAs !== undefined) continue;
    if (one.vlanId !== undefined)
      links.push(
        linkWith({
          name: `vlan.eth.${one.vlanId}`,
          kind: 'vlan',
          macAddress: one.macAddress,
          mtu,
          addresses: [],
          networkInterfaceId: one.networkInterfaceId,
          vlanId: one.vlanId,
        }),
      );
    links.push(
      linkWith({
        name: one.hostName,
        kind: 'veth',
        // The pod's gateway is this end: its neighbour entry has the address already.
        macAddress: one.podNeighbours[0]?.macAddress ?? linkMacAddress(one.hostName),
        mtu,
        addresses: NO_ADDRESSES,
        peer: { namespace, link: one.name },
      }),
    );
  }
  const { egress } = sandbox;
  if (egress !== undefined)
    links.push(
      linkWith({
        name: egress.hostName,
        kind: 'veth',
        macAddress: egress.hostMacAddress,
        mtu,
        // The plugin puts the gateway on the host's end; in IPv6 that is the link's own fe80 address.
        addresses: egress.family === 4 ? [`${egress.gateway}/32`] : [`${egress.gateway}/64`],
        peer: { namespace, link: egress.name },
      }),
    );
  return links;
}

/** An ENI that a pod took for itself is gone from the node. */
const isTaken = (sandboxes: readonly PodSandbox[], link: NodeLink): boolean =>
  sandboxes.some(({ interfaces }) =>
    interfaces.some(
      (one) =>
        one.attachedAs === 'host-device' && one.networkInterfaceId === link.networkInterfaceId,
    ),
  );

/** All of them, in the order `ip addr` numbers them. */
export function nodeLinks(
  network: NodeNetwork,
  sandboxes: readonly PodSandbox[],
  pods: readonly Pod[],
): readonly Link[] {
  return [
    LOOPBACK,
    ...network.links.filter((link) => !isTaken(sandboxes, link)).map(eniLink),
    ...sandboxes.flatMap((sandbox) => podLinks(sandbox, network)),
    ...nodeCacheLinks(pods),
  ];
}
