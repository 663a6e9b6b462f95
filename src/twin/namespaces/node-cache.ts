/**
 * twin/namespaces/node-cache — what NodeLocal DNSCache leaves on its node: a link that has the
 * cache's addresses, kube-dns's own among them, and rules by which its packets pass untracked, so
 * that kube-proxy never sees them.
 *
 * Upstream: kubernetes/dns cmd/node-cache/app/cache_app.go (initIptables, setupNetworking),
 * pkg/netif. Every rule is put at the head of its chain.
 */
import { rule } from '../../controllers/vpc-cni/iptables-rule.ts';
import { IptablesState } from '../../controllers/vpc-cni/iptables-state.ts';
import { type NodeCache, nodeCacheOf } from '../../datapath/dns/dns-pod.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { commentOf } from '../../model/linux/iptables-words.ts';
import type { Link } from '../../model/linux/namespace.ts';
import type { IptablesMatch, IptablesTarget } from '../../model/linux/netfilter.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP, type Protocol, parseCidrOrIp } from '../../net/index.ts';
import type { PacketFilter } from './node-filter.ts';

const LINK = 'nodelocaldns';
const MTU = 1_500;
const DNS = 53;
const HEALTH = 8_080;

const caches = (pods: readonly Pod[]): readonly NodeCache[] =>
  pods.flatMap((pod) => nodeCacheOf(pod) ?? []);

const withLength = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

/** Its link; none on a node without a cache. */
export function nodeCacheLinks(pods: readonly Pod[]): readonly Link[] {
  return caches(pods).flatMap(({ addresses, setsUpLink }) =>
    setsUpLink
      ? [
          {
            name: LINK,
            kind: 'dummy' as const,
            macAddress: '02:00:a9:fe:14:0a',
            mtu: MTU,
            addresses: addresses.map(withLength),
          },
        ]
      : [],
  );
}

/** Its rules; none on a node without a cache. */
export function nodeCacheFilters(pods: readonly Pod[]): readonly PacketFilter[] {
  return caches(pods).flatMap(({ addresses, setsUpIptables }) => {
    if (!setsUpIptables) return [];
    const ipv4 = new IptablesState();
    const ipv6 = new IptablesState();
    for (const address of addresses) addRules(address.includes(':') ? ipv6 : ipv4, address);
    return [{ ipv4: ipv4.tables('head'), ipv6: ipv6.tables('head'), nftables: [] }];
  });
}

const SKIP = 'NodeLocal DNS Cache: skip conntrack';
const ALLOW = 'NodeLocal DNS Cache: allow DNS traffic';

/** Upstream's order; the last stands first in its chain. */
function addRules(state: IptablesState, address: string): void {
  const notrack: IptablesTarget = { kind: 'notrack' };
  const accept: IptablesTarget = { kind: 'accept' };
  const to = (protocol: Protocol, port: number) => matches('destination', address, protocol, port);
  const from = (protocol: Protocol, port: number) => matches('source', address, protocol, port);
  for (const protocol of [PROTOCOL_TCP, PROTOCOL_UDP]) {
    const asked = to(protocol, DNS);
    const answered = from(protocol, DNS);
    state.prepend('raw', 'PREROUTING', rule([...asked, commentOf(SKIP)], notrack));
    state.prepend('filter', 'INPUT', rule([...asked, commentOf(ALLOW)], accept));
    state.prepend('raw', 'OUTPUT', rule([...answered, commentOf(SKIP)], notrack));
    state.prepend('filter', 'OUTPUT', rule([...answered, commentOf(ALLOW)], accept));
    state.prepend('raw', 'OUTPUT', rule([...asked, commentOf(SKIP)], notrack));
  }
  state.prepend('raw', 'OUTPUT', rule([...to(PROTOCOL_TCP, HEALTH), commentOf(SKIP)], notrack));
  state.prepend('raw', 'OUTPUT', rule([...from(PROTOCOL_TCP, HEALTH), commentOf(SKIP)], notrack));
}

const matches = (
  side: 'source' | 'destination',
  address: string,
  protocol: Protocol,
  port: number,
): readonly IptablesMatch[] => [
  { kind: side, cidr: parseCidrOrIp(address)!, negated: false },
  { kind: 'protocol', protocol, negated: false },
  { kind: `${side}-port`, from: port, to: port, negated: false },
];
