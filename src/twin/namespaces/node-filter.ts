/**
 * twin/namespaces/node-filter — who wrote what into a node's packet filter: ipamd, the chained
 * plugins and kube-proxy, each as its own tables, and the order their rules have where they share
 * a built-in chain.
 *
 * kube-proxy puts its jumps at the head of a chain when it starts; ipamd and portmap, which need
 * kube-proxy to reach the API server, come after it: what they insert stands before kube-proxy's
 * rules, what they append behind. kubernetes/kubernetes@v1.30 pkg/proxy/iptables/proxier.go
 * (iptablesJumpChains, utiliptables.Prepend); aws/amazon-vpc-cni-k8s@b52188387
 * pkg/networkutils/network.go:618; containernetworking/plugins@3d27709 plugins/meta/portmap.
 */
import { addEgressSnat } from '../../controllers/vpc-cni/egress-plugin.ts';
import {
  type HostSettings,
  hostSettingsKey,
  setUpHostIptables,
  withSnatAddress,
} from '../../controllers/vpc-cni/host-iptables.ts';
import { IptablesState } from '../../controllers/vpc-cni/iptables-state.ts';
import { nftConnmarkTable } from '../../controllers/vpc-cni/nft-connmark.ts';
import { addPortMappings, portMappings } from '../../controllers/vpc-cni/portmap.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import type { PodSandbox } from '../../model/linux/cni.ts';
import type { Iptables } from '../../model/linux/netfilter.ts';
import type { NftTable } from '../../model/linux/nftables.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';
import { nodeCacheFilters } from './node-cache.ts';

/** One writer's packet filter: both families' tables, and native nftables. */
export interface PacketFilter {
  readonly ipv4: Iptables;
  readonly ipv6: Iptables;
  readonly nftables: readonly NftTable[];
}

/** What stands before and what behind kube-proxy's rules in built-in chains. */
interface Split {
  readonly head: PacketFilter;
  readonly tail: PacketFilter;
}

function split(ipv4: IptablesState, ipv6: IptablesState, nftables: readonly NftTable[]): Split {
  const part = (which: 'head' | 'tail', tables: readonly NftTable[]): PacketFilter => ({
    ipv4: ipv4.tables(which),
    ipv6: ipv6.tables(which),
    nftables: tables,
  });
  return { head: part('head', []), tail: part('tail', nftables) };
}

const hostFilters = new WeakMap<NodeNetwork, Split>();

/** ipamd's own rules on a node; the same value for the same network. */
function hostFilter(network: NodeNetwork): Split {
  const known = hostFilters.get(network);
  if (known !== undefined) return known;
  const primary = network.links.find(
    ({ deviceNumber, networkCardIndex }) => deviceNumber === 0 && networkCardIndex === 0,
  );
  const settings = { ...network, primaryLink: primary?.name ?? 'eth0' };
  const key = hostSettingsKey(settings);
  let like = likeFilters.get(key);
  if (like === undefined) {
    if (likeFilters.size >= LIKE_MAX) likeFilters.clear();
    like = newHostFilter(settings);
    likeFilters.set(key, like);
  }
  const made = withOwnAddress(like, settings);
  hostFilters.set(network, made);
  return made;
}

/** Nodes of one cluster differ in the address of their SNAT: what is alike is made once. */
const likeFilters = new Map<string, Split>();
const LIKE_MAX = 64;

function newHostFilter(settings: NodeNetwork & HostSettings): Split {
  const ipv4 = new IptablesState();
  const ipv6 = new IptablesState();
  setUpHostIptables(settings, ipv4, ipv6);
  const connmark = nftConnmarkTable(settings);
  return split(ipv4, ipv6, connmark === undefined ? [] : [connmark]);
}

function withOwnAddress({ head, tail }: Split, settings: HostSettings): Split {
  const { nat } = tail.ipv4;
  if (nat === undefined) return { head, tail };
  return { head, tail: { ...tail, ipv4: { ...tail.ipv4, nat: withSnatAddress(nat, settings) } } };
}

/** What the chained plugins added for the node's pods; undefined where none asked for any. */
function pluginFilter(
  network: NodeNetwork,
  sandboxes: readonly PodSandbox[],
  pods: readonly Pod[],
): Split | undefined {
  const mapped = new Map(
    pods.flatMap((pod) => {
      const mappings = portMappings(pod);
      return mappings.length === 0 ? [] : [[keyOf(pod), mappings] as const];
    }),
  );
  const ipv4 = new IptablesState();
  const ipv6 = new IptablesState();
  const nodeIpv6 = network.links[0]?.addresses.find((one) => one.includes(':'))?.split('/')[0];
  let isEmpty = true;
  for (const sandbox of sandboxes) {
    const { egress } = sandbox;
    // The conflist's order: the egress plugin, then portmap.
    if (egress !== undefined) {
      const [state, address] =
        egress.family === 4 ? [ipv4, network.primaryAddress] : [ipv6, nodeIpv6];
      addEgressSnat(state, sandbox, address ?? '', network.randomizeSnat);
      isEmpty = false;
    }
    const mappings = mapped.get(`${sandbox.namespace}/${sandbox.podName}`);
    if (mappings === undefined) continue;
    addPortMappings(sandbox.interfaces[0]?.family === 6 ? ipv6 : ipv4, sandbox, mappings);
    isEmpty = false;
  }
  return isEmpty ? undefined : split(ipv4, ipv6, []);
}

/** Every writer's tables, in the order their rules stand in built-in chains. */
export function nodeFilters(
  network: NodeNetwork,
  sandboxes: readonly PodSandbox[],
  pods: readonly Pod[],
  proxy: PacketFilter | undefined,
): readonly PacketFilter[] {
  const host = hostFilter(network);
  const plugins = pluginFilter(network, sandboxes, pods);
  return [
    ...nodeCacheFilters(pods),
    ...(plugins === undefined ? [] : [plugins.head]),
    host.head,
    ...(proxy === undefined ? [] : [proxy]),
    host.tail,
    ...(plugins === undefined ? [] : [plugins.tail]),
  ];
}
