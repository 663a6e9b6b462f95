/**
 * twin/namespaces/fargate-machine — the machine of a Fargate pod: its link is the pod's ENI, its
 * routes are DHCP's. The kubelet and kube-proxy that AWS runs there share the pod's namespace.
 *
 * Source: EKS user guide, Fargate pages; what runs inside the machine is AWS's and not documented
 * further.
 */
import { subnetGateway } from '../../controllers/vpc-cni/node-network.ts';
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { IpRoute } from '../../model/linux/cni.ts';
import type { Link, Socket } from '../../model/linux/namespace.ts';
import { KUBELET_SOCKETS } from './node-sockets.ts';

const MAIN_TABLE = 254;

export const FARGATE_DAEMONS: readonly Socket[] = KUBELET_SOCKETS;

/** The machine's interface: the provider id names it, else its address does. */
export function fargateLink(store: TwinStore, node: Node): Link | undefined {
  const named = node.spec.providerID?.split('/').at(-2) ?? '';
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const eni =
    store.get('ec2/network-interface', `eni-${named}`) ??
    store
      .list('ec2/network-interface')
      .find((one) => primaryAddress(one) === address || one.ipv6Addresses[0] === address);
  if (eni === undefined) return undefined;
  const subnet = store.get('ec2/subnet', eni.subnetId);
  const bits = subnet?.cidrBlock.split('/')[1] ?? '32';
  return {
    name: 'eth0',
    kind: 'ena',
    macAddress: eni.macAddress,
    mtu: 9001,
    addresses: [
      `${primaryAddress(eni)}/${bits}`,
      ...eni.ipv6Addresses.slice(0, 1).map((one) => `${one}/128`),
    ],
    networkInterfaceId: eni.networkInterfaceId,
  };
}

/** What DHCP leaves. */
export function fargateRoutes(store: TwinStore, link: Link): readonly IpRoute[] {
  const eni = store.get('ec2/network-interface', link.networkInterfaceId ?? '');
  const subnet = eni && store.get('ec2/subnet', eni.subnetId);
  if (subnet === undefined) return [];
  const { cidrBlock } = subnet;
  const routes: IpRoute[] = [
    { destination: 'default', via: subnetGateway(cidrBlock), device: link.name, table: MAIN_TABLE },
    { destination: cidrBlock, device: link.name, scope: 'link', table: MAIN_TABLE },
  ];
  if (link.addresses.length > 1)
    routes.push({
      destination: '::/0',
      via: 'fe80:ec2::1',
      device: link.name,
      table: MAIN_TABLE,
    });
  return routes;
}
