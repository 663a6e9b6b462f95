/**
 * twin/namespaces/pod-namespace — the network namespace of a pod: what the plugins put into it. On
 * Fargate it is the machine's, whose interface is the pod's ENI itself.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { IpRoute, IpRule, PodInterface, PodSandbox } from '../../model/linux/cni.ts';
import {
  type Link,
  linkWith,
  type NamespaceId,
  type NetworkNamespace,
  namespaceOfPod,
} from '../../model/linux/namespace.ts';
import type { PacketFilter } from './node-filter.ts';
import { LOOPBACK } from './node-links.ts';
import { MACHINE_SYSCTLS } from './node-namespace.ts';
import { type PodSockets, podSockets } from './pod-sockets.ts';

/** The three rules a kernel starts with. */
const KERNEL_RULES: readonly IpRule[] = [
  { priority: 0, match: { kind: 'all' }, table: 255 },
  { priority: 32_766, match: { kind: 'all' }, table: 254 },
  { priority: 32_767, match: { kind: 'all' }, table: 253 },
];

const NO_TABLES = { ipv4: {}, ipv6: {} };
const NO_NFTABLES: NetworkNamespace['nftables'] = [];

/** With the length of the block the interface is on, where a route tells it. */
function addressOf({ address, family, podRoutes, attachedAs }: PodInterface): readonly string[] {
  if (address === '') return [];
  const host = family === 6 ? 128 : 32;
  const onLink = attachedAs && podRoutes.find(({ scope }) => scope === 'link')?.destination;
  return [`${address}/${onLink?.split('/')[1] ?? host}`];
}

function linkOf(one: PodInterface, node: NamespaceId, mtu: number): Link {
  const { name, macAddress, attachedAs } = one;
  const addresses = addressOf(one);
  if (attachedAs === undefined) {
    const peer = { namespace: node, link: one.hostName };
    return linkWith({ name, kind: 'veth', macAddress, mtu, addresses, peer });
  }
  const kind = attachedAs === 'host-device' ? 'ena' : attachedAs;
  const { networkInterfaceId } = one;
  return linkWith({ name, kind, macAddress, mtu, addresses, networkInterfaceId });
}

function linksOf({ nodeName, interfaces, egress }: PodSandbox, mtu: number): readonly Link[] {
  const node: NamespaceId = `node/${nodeName}`;
  const links = [LOOPBACK, ...interfaces.map((one) => linkOf(one, node, mtu))];
  if (egress !== undefined)
    links.push(
      linkWith({
        name: egress.name,
        kind: 'veth',
        macAddress: egress.macAddress,
        mtu,
        addresses: [egress.address],
        peer: { namespace: node, link: egress.hostName },
      }),
    );
  return links;
}

function routesOf({ interfaces, egress }: PodSandbox): readonly IpRoute[] {
  const [only] = interfaces;
  if (interfaces.length === 1 && egress === undefined) return only!.podRoutes;
  return [...interfaces.flatMap(({ podRoutes }) => podRoutes), ...(egress?.podRoutes ?? [])];
}

function rulesOf({ interfaces }: PodSandbox): readonly IpRule[] {
  if (interfaces.every(({ podRules }) => podRules.length === 0)) return KERNEL_RULES;
  const own = interfaces.flatMap(({ podRules }) => podRules);
  return [...KERNEL_RULES, ...own].sort((a, b) => a.priority - b.priority);
}

/** Whoever only sends has no need of sockets: they are read when they are asked for. */
class PodNamespace implements NetworkNamespace {
  readonly id: NamespaceId;
  readonly links: readonly Link[];
  readonly neighbours: NetworkNamespace['neighbours'];
  readonly rules: readonly IpRule[];
  readonly routes: readonly IpRoute[];
  readonly sysctls = MACHINE_SYSCTLS;
  readonly iptables = NO_TABLES;
  readonly nftables: NetworkNamespace['nftables'] = NO_NFTABLES;
  readonly #pod: Pod;
  #listening: PodSockets | undefined;

  constructor(pod: Pod, sandbox: PodSandbox, mtu: number) {
    this.id = namespaceOfPod(pod);
    this.links = linksOf(sandbox, mtu);
    this.neighbours = sandbox.interfaces.flatMap(({ podNeighbours }) =>
      podNeighbours.map((one) => ({ ...one, state: 'PERMANENT' as const })),
    );
    this.rules = rulesOf(sandbox);
    this.routes = routesOf(sandbox);
    this.#pod = pod;
  }

  get sockets(): NetworkNamespace['sockets'] {
    return this.#sockets().sockets;
  }

  get areSocketsKnown(): boolean {
    return this.#sockets().areKnown;
  }

  #sockets(): PodSockets {
    this.#listening ??= podSockets(this.#pod);
    return this.#listening;
  }
}

/** A pod on a node of the cluster. */
export const podNamespace = (pod: Pod, sandbox: PodSandbox, mtu: number): NetworkNamespace =>
  new PodNamespace(pod, sandbox, mtu);

/** A Fargate pod's machine: the pod, the kubelet and kube-proxy share one namespace. */
export interface Machine {
  readonly pod: Pod;
  readonly link: Link;
  readonly routes: readonly IpRoute[];
  readonly filter: PacketFilter;
  readonly daemons: NetworkNamespace['sockets'];
}

export function machineNamespace(id: NamespaceId, machine: Machine): NetworkNamespace {
  const { sockets, areKnown } = podSockets(machine.pod);
  const { filter } = machine;
  return {
    id,
    links: [LOOPBACK, machine.link],
    neighbours: [],
    rules: KERNEL_RULES,
    routes: machine.routes,
    sysctls: MACHINE_SYSCTLS,
    iptables: { ipv4: filter.ipv4, ipv6: filter.ipv6 },
    nftables: filter.nftables,
    sockets: [...sockets, ...machine.daemons],
    areSocketsKnown: areKnown,
  };
}
