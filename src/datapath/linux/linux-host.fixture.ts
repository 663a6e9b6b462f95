/** datapath/linux/linux-host.fixture — nodes and pods as the VPC CNI and kube-proxy leave them. */
import type { IpRoute, IpRule } from '../../model/linux/cni.ts';
import type { Link, NamespaceId, NetworkNamespace } from '../../model/linux/namespace.ts';
import type {
  Iptables,
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTable,
  IptablesTableName,
  IptablesTarget,
} from '../../model/linux/netfilter.ts';
import { type Packet, PROTOCOL_TCP, parseCidrOrIp, parseIp } from '../../net/index.ts';

/** A table from its chains' rules. */
export function table(
  name: IptablesTableName,
  chains: Readonly<Record<string, readonly IptablesRule[]>>,
): IptablesTable {
  const made = Object.entries(chains).map(
    ([chain, rules]): IptablesChain => ({
      name: chain,
      rules,
      ...(/^[A-Z]+$/.test(chain) ? { policy: 'ACCEPT' as const } : {}),
    }),
  );
  return {
    name,
    chain: (chain) => made.find((one) => one.name === chain),
    chains: () => made,
  };
}

export const rule = (target: IptablesTarget, ...matches: IptablesMatch[]): IptablesRule => ({
  matches,
  target,
});
export const jump = (chain: string): IptablesTarget => ({ kind: 'jump', chain });
export const to = (block: string, negated = false): IptablesMatch => ({
  kind: 'destination',
  cidr: parseCidrOrIp(block)!,
  negated,
});
export const from = (block: string, negated = false): IptablesMatch => ({
  kind: 'source',
  cidr: parseCidrOrIp(block)!,
  negated,
});
export const comment = (text: string): IptablesMatch => ({ kind: 'comment', text });
export const port = (number: number): IptablesMatch => ({
  kind: 'destination-port',
  from: number,
  to: number,
  negated: false,
});
export const TCP: IptablesMatch = { kind: 'protocol', protocol: PROTOCOL_TCP, negated: false };
export const marked = (value: number, mask: number, negated = false): IptablesMatch => ({
  kind: 'mark',
  value,
  mask,
  negated,
});
export const chance = (text: string): IptablesMatch => ({
  kind: 'statistic',
  probability: Number(text),
  text,
});

export const ip = (text: string) => parseIp(text)!;

/** A TCP packet of 60 bytes. */
export const tcp = (
  source: string,
  sourcePort: number,
  dest: string,
  destPort: number,
): Packet => ({
  protocol: PROTOCOL_TCP,
  source: ip(source),
  destination: ip(dest),
  sourcePort,
  destinationPort: destPort,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: 60,
  dontFragment: true,
});

export const KERNEL_RULES: readonly IpRule[] = [
  { priority: 0, match: { kind: 'all' }, table: 255 },
  { priority: 32766, match: { kind: 'all' }, table: 254 },
  { priority: 32767, match: { kind: 'all' }, table: 253 },
];

export const link = (
  name: string,
  kind: Link['kind'],
  addresses: readonly string[] = [],
  more: Partial<Link> = {},
): Link => ({ name, kind, macAddress: '02:00:00:00:00:01', mtu: 9001, addresses, ...more });

/** A namespace; what is not given is as the kernel starts with. */
export const namespace = (
  id: NamespaceId,
  more: Partial<NetworkNamespace> = {},
): NetworkNamespace => ({
  id,
  links: [],
  neighbours: [],
  rules: KERNEL_RULES,
  routes: [],
  sysctls: {},
  iptables: { ipv4: {}, ipv6: {} },
  nftables: [],
  sockets: [],
  areSocketsKnown: true,
  ...more,
});

export const route = (
  destination: string,
  device: string,
  more: Partial<IpRoute> = {},
): IpRoute => ({ destination, device, table: 254, ...more });

const connmark: readonly IptablesRule[] = [
  rule(
    { kind: 'connmark-set', value: 0x80, mask: 0x80 },
    { kind: 'in-interface', name: 'eth0', negated: false },
    {
      kind: 'address-type',
      side: 'destination',
      type: 'LOCAL',
      limitInterface: 'in',
      negated: false,
    },
  ),
  rule(
    { kind: 'connmark-restore', mask: 0x80 },
    { kind: 'in-interface', name: 'eni+', negated: false },
  ),
];

/** kube-proxy's chains of one Service `default/web` at 172.20.0.50:80 with its endpoints. */
function serviceChains(endpoints: readonly string[]): Record<string, readonly IptablesRule[]> {
  const names = endpoints.map((_, i) => `KUBE-SEP-${i}`);
  const sep = endpoints.map((endpoint, i): [string, readonly IptablesRule[]] => [
    names[i]!,
    [
      rule(jump('KUBE-MARK-MASQ'), from(endpoint)),
      rule({ kind: 'dnat', address: ip(endpoint), port: 8080 }, TCP),
    ],
  ]);
  const choices = names.map((name, i) => {
    const left = names.length - i;
    return rule(jump(name), ...(left === 1 ? [] : [chance((1 / left).toFixed(11))]));
  });
  return { 'KUBE-SVC-WEB': choices, ...Object.fromEntries(sep) };
}

/** The tables of a node with the primary address 10.0.3.10 in a VPC of 10.0.0.0/16. */
export function nodeTables(endpoints: readonly string[]): Iptables {
  const web = [to('172.20.0.50'), TCP, comment('default/web:http cluster IP'), port(80)];
  const nodePorts = rule(jump('KUBE-NODEPORTS'), {
    kind: 'address-type',
    side: 'destination',
    type: 'LOCAL',
    negated: false,
  });
  const nat = table('nat', {
    PREROUTING: [
      rule(jump('KUBE-SERVICES')),
      rule(jump('AWS-CONNMARK-CHAIN-0'), { kind: 'in-interface', name: 'eni+', negated: false }),
      rule({ kind: 'connmark-restore', mask: 0x80 }),
    ],
    OUTPUT: [rule(jump('KUBE-SERVICES'))],
    POSTROUTING: [rule(jump('KUBE-POSTROUTING')), rule(jump('AWS-SNAT-CHAIN-0'))],
    'KUBE-SERVICES': [
      ...(endpoints.length === 0 ? [] : [rule(jump('KUBE-SVC-WEB'), ...web)]),
      nodePorts,
    ],
    'KUBE-NODEPORTS': [rule(jump('KUBE-EXT-WEB'), TCP, port(30080))],
    'KUBE-EXT-WEB': [rule(jump('KUBE-MARK-MASQ')), rule(jump('KUBE-SVC-WEB'))],
    'KUBE-MARK-MASQ': [rule({ kind: 'mark', value: 0x4000, mask: 0x4000 })],
    'KUBE-POSTROUTING': [
      rule({ kind: 'return' }, marked(0x4000, 0x4000, true)),
      rule({ kind: 'mark', value: 0x4000, mask: 0 }),
      rule({ kind: 'masquerade', random: 'random-fully' }),
    ],
    'AWS-CONNMARK-CHAIN-0': [
      rule({ kind: 'return' }, to('10.0.0.0/16')),
      rule({ kind: 'connmark-set', value: 0x80, mask: 0x80 }),
    ],
    'AWS-SNAT-CHAIN-0': [
      rule({ kind: 'return' }, to('10.0.0.0/16')),
      rule(
        { kind: 'snat', address: ip('10.0.3.10'), random: 'random-fully' },
        { kind: 'out-interface', name: 'vlan+', negated: true },
        { kind: 'address-type', side: 'destination', type: 'LOCAL', negated: true },
      ),
    ],
    ...serviceChains(endpoints),
  });
  const empty = rule(
    { kind: 'reject', with: 'icmp-port-unreachable' },
    to('172.20.0.50'),
    TCP,
    comment('default/web:http has no endpoints'),
    port(80),
  );
  const fresh: IptablesMatch = { kind: 'conntrack', states: ['NEW'], negated: false };
  const filter = table('filter', {
    INPUT: [],
    FORWARD: [rule(jump('KUBE-SERVICES'), fresh), rule(jump('KUBE-FORWARD'))],
    OUTPUT: [rule(jump('KUBE-SERVICES'), fresh)],
    'KUBE-SERVICES': endpoints.length === 0 ? [empty] : [],
    'KUBE-FORWARD': [
      rule({ kind: 'drop' }, { kind: 'conntrack', states: ['INVALID'], negated: false }),
      rule({ kind: 'accept' }, marked(0x4000, 0x4000)),
    ],
  });
  const mangle = table('mangle', { PREROUTING: connmark });
  return { mangle, nat, filter };
}

/** Pods of the node, by address: their host link and the table of their ENI. */
const PODS = [
  { address: '10.0.3.50', link: 'eniaaa', table: 254 },
  { address: '10.0.3.51', link: 'enibbb', table: 254 },
  { address: '10.0.3.60', link: 'eniccc', table: 2 },
];

/** Node `n1`: eth0 10.0.3.10, eth1 10.0.3.20 (table 2), three pods, the last on eth1. */
export function eksNode(
  endpoints: readonly string[] = ['10.0.3.51', '10.0.4.50'],
): NetworkNamespace {
  const rules: IpRule[] = [
    KERNEL_RULES[0]!,
    ...PODS.map(
      ({ address }): IpRule => ({
        priority: 512,
        match: { kind: 'to', value: address },
        table: 254,
      }),
    ),
    { priority: 1024, match: { kind: 'fwmark', value: '0x80/0x80' }, table: 254 },
    { priority: 1536, match: { kind: 'from', value: '10.0.3.60' }, table: 2 },
    { priority: 32765, match: { kind: 'from', value: '10.0.3.20' }, table: 2 },
    ...KERNEL_RULES.slice(1),
  ];
  return namespace('node/n1', {
    links: [
      link('lo', 'loopback', ['127.0.0.1/8'], { mtu: 65536 }),
      link('eth0', 'ena', ['10.0.3.10/24']),
      link('eth1', 'ena', ['10.0.3.20/24']),
      ...PODS.map((pod) => link(pod.link, 'veth')),
    ],
    rules,
    routes: [
      route('default', 'eth0', { via: '10.0.3.1' }),
      route('10.0.3.0/24', 'eth0', { scope: 'link', protocol: 'kernel', source: '10.0.3.10' }),
      ...PODS.map((pod) => route(`${pod.address}/32`, pod.link, { scope: 'link' })),
      route('10.0.3.1/32', 'eth1', { scope: 'link', table: 2 }),
      route('default', 'eth1', { via: '10.0.3.1', table: 2 }),
    ],
    sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0.rp_filter': '2' },
    iptables: { ipv4: nodeTables(endpoints), ipv6: {} },
  });
}
