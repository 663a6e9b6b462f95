/**
 * model/linux/nftables-field.data — the packet and connection fields a rule can look at, spelled as
 * `nft list ruleset` spells them, with the type of their values. Types are nft's own (`nft
 * describe`).
 */

/** How a value of this type is kept: addresses as Ip, numbers as numbers, names as they are. */
export type NftDatatype =
  | 'ipv4_addr'
  | 'ipv6_addr'
  | 'inet_proto'
  | 'inet_service'
  | 'mark'
  | 'ifname'
  | 'icmp_type'
  | 'icmp_code'
  | 'icmpv6_type'
  | 'icmpv6_code'
  | 'ct_state'
  | 'ct_status'
  | 'fib_addrtype'
  | 'iface_index';

/** The type of every field, by its text. */
export const NFT_FIELD_TYPES = {
  'ip saddr': 'ipv4_addr',
  'ip daddr': 'ipv4_addr',
  'ip6 saddr': 'ipv6_addr',
  'ip6 daddr': 'ipv6_addr',
  'ip protocol': 'inet_proto',
  'ip6 nexthdr': 'inet_proto',
  'meta l4proto': 'inet_proto',
  'th sport': 'inet_service',
  'th dport': 'inet_service',
  'tcp sport': 'inet_service',
  'tcp dport': 'inet_service',
  'udp sport': 'inet_service',
  'udp dport': 'inet_service',
  'sctp sport': 'inet_service',
  'sctp dport': 'inet_service',
  'icmp type': 'icmp_type',
  'icmp code': 'icmp_code',
  'icmpv6 type': 'icmpv6_type',
  'icmpv6 code': 'icmpv6_code',
  'meta mark': 'mark',
  'ct mark': 'mark',
  'ct state': 'ct_state',
  'ct status': 'ct_status',
  iifname: 'ifname',
  oifname: 'ifname',
  iif: 'iface_index',
  oif: 'iface_index',
  'fib saddr type': 'fib_addrtype',
  'fib daddr type': 'fib_addrtype',
  'fib daddr . iif type': 'fib_addrtype',
} as const satisfies Readonly<Record<string, NftDatatype>>;

export type NftField = keyof typeof NFT_FIELD_TYPES;
