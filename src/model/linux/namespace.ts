/**
 * model/linux/namespace — a network namespace as data: what one would see with `ip addr`,
 * `ip neigh`, `ip rule`, `ip route show table all`, `iptables-save`, `nft list ruleset`, `ss -ltnu`.
 *
 * A node has one, every pod that is not hostNetwork has one. Whoever reads it, interpreter, lab or
 * a person on the node, learns everything from it and nothing from who wrote it.
 */
import type { Ip } from '../../net/index.ts';
import type { Pod } from '../kubernetes/core.ts';
import type { IpRoute, IpRule } from './cni.ts';
import type { Iptables } from './netfilter.ts';
import type { NftTable } from './nftables.ts';

/** `node/NAME` or `pod/NAMESPACE/NAME`. */
export type NamespaceId = `node/${string}` | `pod/${string}/${string}`;

/** Where a pod's processes are: a hostNetwork pod's in its node's. */
export const namespaceOfPod = ({ metadata, spec }: Pod): NamespaceId =>
  spec.hostNetwork === true
    ? `node/${spec.nodeName ?? ''}`
    : `pod/${metadata.namespace ?? 'default'}/${metadata.name}`;

const POD = 'pod/';

/** Whether a namespace is a pod's own. */
export const isPod = (id: NamespaceId): boolean => id.startsWith(POD);

/** `default/web` of a pod's namespace; undefined for a node's. */
export const podKeyOf = (id: NamespaceId): string | undefined =>
  isPod(id) ? id.slice(POD.length) : undefined;

export interface Link {
  readonly name: string;
  /** An ipvlan or macvlan link of a pod goes straight to its ENI, past the node. */
  readonly kind: 'loopback' | 'ena' | 'veth' | 'vlan' | 'ipvlan' | 'macvlan' | 'dummy';
  readonly macAddress: string;
  readonly mtu: number;
  /** With their prefix length, `10.0.3.10/24`. */
  readonly addresses: readonly string[];
  /** The other end of a veth pair. */
  readonly peer?: { readonly namespace: NamespaceId; readonly link: string } | undefined;
  /** What it is in the VPC: an ENI, or the branch ENI of a VLAN link. */
  readonly networkInterfaceId?: string | undefined;
  readonly vlanId?: number | undefined;
}

/**
 * A link, every field in its place: whoever reads the links of thousands of nodes and pods reads
 * objects of one layout.
 */
export const linkWith = ({
  name,
  kind,
  macAddress,
  mtu,
  addresses,
  peer,
  networkInterfaceId,
  vlanId,
}: Link): Link => ({
  name,
  kind,
  macAddress,
  mtu,
  addresses,
  peer,
  networkInterfaceId,
  vlanId,
});

export interface Neighbour {
  readonly address: string;
  readonly device: string;
  readonly macAddress: string;
  readonly state: 'PERMANENT' | 'REACHABLE';
}

/** Something that waits for connections. */
export interface Socket {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** undefined = every address of the namespace. */
  readonly address?: string | undefined;
  /** `container nginx of pod default/web`, `kubelet`. */
  readonly process: string;
  /** What says so: `containerPort http`, `kubelet configuration`, `livenessProbe`. */
  readonly source: string;
  /** What it answers to an HTTP request, where that is known: kube-proxy's health checks. */
  readonly httpStatus?: number | undefined;
}

export interface NetworkNamespace {
  readonly id: NamespaceId;
  readonly links: readonly Link[];
  readonly neighbours: readonly Neighbour[];
  /** By priority. */
  readonly rules: readonly IpRule[];
  /** Table 255 is left out: the kernel makes it from the links' addresses. */
  readonly routes: readonly IpRoute[];
  /** Of a link only what differs from `default`: look for `net.ipv4.conf.LINK.x`, then `…default.x`. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly iptables: { readonly ipv4: Iptables; readonly ipv6: Iptables };
  readonly nftables: readonly NftTable[];
  readonly sockets: readonly Socket[];
  /** False where a manifest declares no port, so that what listens is not known. */
  readonly areSocketsKnown: boolean;
}

/** A link of a namespace. */
export interface Place {
  readonly namespace: NamespaceId;
  readonly link: string;
}

/** Where the namespaces of a twin are had from; made on demand, the latest kept. */
export interface Namespaces {
  get(id: NamespaceId): NetworkNamespace | undefined;
  /**
   * Where a packet that an ENI receives comes in; undefined: no node or pod of the cluster.
   *
   * @param destination  where it goes to: an address of a pod's ipvlan link is the pod's own
   */
  behind(networkInterfaceId: string, destination: Ip): Place | undefined;
}
