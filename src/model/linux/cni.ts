/**
 * model/linux/cni — the CNI contract between a kubelet and a network plugin, and what a plugin
 * leaves behind on the node, as data.
 *
 * The kubelet sees `Cni` only: it never knows which plugin answers. The twin wires them.
 */

import type { Protocol } from '../../net/index.ts';

export interface CniRequest {
  readonly containerId: string;
  readonly ifName: string;
  readonly namespace: string;
  readonly podName: string;
}

export interface IpRule {
  readonly priority: number;
  /** `from 10.0.1.5`, `to 10.0.1.5`, `iif vlanabc`, `fwmark 0x80/0x80`; absent = all. */
  readonly match: {
    readonly kind: 'from' | 'to' | 'iif' | 'fwmark' | 'all';
    readonly value?: string | undefined;
    /** `ipproto ipv6-icmp`: only packets of this protocol. */
    readonly protocol?: Protocol | undefined;
  };
  /** Table number; 253 = default, 254 = main, 255 = local. */
  readonly table: number;
}

export interface IpRoute {
  /** `10.0.1.5/32`, `default`, and IPv6's default `::/0`. */
  readonly destination: string;
  readonly via?: string | undefined;
  /** Of a route that refuses (`type`): `lo`. */
  readonly device: string;
  readonly scope?: 'link' | 'host' | 'global' | undefined;
  readonly table: number;
  /** What is done instead of forwarding; `throw` goes on with the next rule. */
  readonly type?: 'blackhole' | 'unreachable' | 'prohibit' | 'throw' | undefined;
  /** Who made it: `kernel`, `dhcp`, `ra`. */
  readonly protocol?: string | undefined;
  /** The address that packets made here get where nothing else is asked for. */
  readonly source?: string | undefined;
  /** Of two routes to one destination the lower one counts. */
  readonly metric?: number | undefined;
}

/** One interface of a pod: its veth (or vlan) pair and what routes to it. */
export interface PodInterface {
  /** Inside the pod: `eth0`, `mNicIf1`, `net1`. */
  readonly name: string;
  /** On the host: `eni` + 11 hex of sha1("namespace.name"), `vlan…`. */
  readonly hostName: string;
  readonly macAddress: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** The interface the address belongs to. */
  readonly networkInterfaceId: string;
  readonly deviceNumber: number;
  readonly networkCardIndex: number;
  /** Set for a further interface that Multus put on an ENI of the node, without a host link. */
  readonly attachedAs?: 'ipvlan' | 'macvlan' | 'host-device' | undefined;
  /** Set for a pod with a branch interface. */
  readonly vlanId?: number | undefined;
  /** Routes and neighbours inside the pod's namespace. */
  readonly podRoutes: readonly IpRoute[];
  readonly podRules: readonly IpRule[];
  readonly podNeighbours: readonly {
    readonly address: string;
    readonly device: string;
    readonly macAddress: string;
  }[];
  /** Rules and routes on the host for this interface. */
  readonly hostRules: readonly IpRule[];
  readonly hostRoutes: readonly IpRoute[];
}

/** The pair that the chained egress plugin adds: the other family out through the node. */
export interface EgressInterface {
  /** Inside the pod: `v4if0`, `v6if0`. */
  readonly name: string;
  readonly hostName: string;
  readonly macAddress: string;
  readonly hostMacAddress: string;
  readonly family: 4 | 6;
  /** From the node's own range, with its length: `169.254.172.2/22`. */
  readonly address: string;
  readonly gateway: string;
  readonly podRoutes: readonly IpRoute[];
  readonly hostRoutes: readonly IpRoute[];
}

/** What CNI ADD left on a node for one pod. Store kind `node/pod-sandbox`, key `namespace/name`. */
export interface PodSandbox {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly nodeName: string;
  readonly containerId: string;
  readonly interfaces: readonly PodInterface[];
  readonly egress?: EgressInterface | undefined;
  readonly createdAtMs: number;
}

export interface CniSuccess {
  readonly kind: 'cni-success';
  /** Interfaces in order; the first is eth0. */
  readonly interfaces: readonly PodInterface[];
}

export interface CniFailure {
  readonly kind: 'cni-failure';
  /** The plugin's text, as it appears in FailedCreatePodSandBox. */
  readonly message: string;
}

/** What the VPC CNI plugin says when nothing answers at ipamd's socket. */
export const IPAMD_DOWN =
  'add cmd: Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = ' +
  'connection error: desc = "transport: Error while dialing: dial unix ' +
  '/var/run/aws-node/ipamd.sock: connect: connection refused"';

/** A network plugin on one node. */
export interface Cni {
  /** False until the plugin wrote its conflist: the node's NetworkReady condition. */
  isReady(): boolean;
  add(request: CniRequest): Promise<CniSuccess | CniFailure>;
  del(request: CniRequest): Promise<CniFailure | undefined>;
  /** Resolves when an `add` that failed might now succeed: kubelets retry on that, not by polling. */
  changed(): Promise<void>;
}
