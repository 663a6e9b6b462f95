/**
 * model/linux/nftables-name.data — the names nft prints for numbers: protocols as /etc/protocols
 * has them, ICMP types and codes as `nft describe icmp_type` lists them, and the hooks' standard
 * priorities (nft(8), "Standard priority names").
 */
import type { NftDatatype } from './nftables-field.data.ts';

type Names = Readonly<Record<string, number>>;

const CODES_OF_UNREACHABLE: Names = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};

/** Name -> number, of the types that have names; other numbers are printed as they are. */
export const NFT_NAMES: Readonly<Partial<Record<NftDatatype, Names>>> = {
  inet_proto: {
    icmp: 1,
    igmp: 2,
    ipencap: 4,
    tcp: 6,
    udp: 17,
    ipv6: 41,
    gre: 47,
    esp: 50,
    ah: 51,
    'ipv6-icmp': 58,
    sctp: 132,
    udplite: 136,
  },
  icmp_type: {
    'echo-reply': 0,
    'destination-unreachable': 3,
    'source-quench': 4,
    redirect: 5,
    'echo-request': 8,
    'router-advertisement': 9,
    'router-solicitation': 10,
    'time-exceeded': 11,
    'parameter-problem': 12,
    'timestamp-request': 13,
    'timestamp-reply': 14,
  },
  icmp_code: CODES_OF_UNREACHABLE,
  icmpv6_type: {
    'destination-unreachable': 1,
    'packet-too-big': 2,
    'time-exceeded': 3,
    'parameter-problem': 4,
    'echo-request': 128,
    'echo-reply': 129,
    'nd-router-solicit': 133,
    'nd-router-advert': 134,
    'nd-neighbor-solicit': 135,
    'nd-neighbor-advert': 136,
    'nd-redirect': 137,
  },
  icmpv6_code: {
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  },
};

/** Spellings that nft reads and does not print. */
export const NFT_OTHER_NAMES: Readonly<Partial<Record<NftDatatype, Names>>> = {
  inet_proto: { icmpv6: 58, ip: 0, ipip: 4 },
};

/** Words of types that are names only. */
export const NFT_WORDS: Readonly<Partial<Record<NftDatatype, readonly string[]>>> = {
  ct_state: ['invalid', 'established', 'related', 'new', 'untracked'],
  ct_status: ['expected', 'seen-reply', 'assured', 'confirmed', 'snat', 'dnat', 'dying'],
  fib_addrtype: ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole'],
};

/** Standard priorities; `dstnat` is one of prerouting only, `srcnat` of postrouting only. */
export const NFT_PRIORITIES: readonly {
  readonly name: string;
  readonly priority: number;
  readonly hook?: 'prerouting' | 'postrouting';
}[] = [
  { name: 'raw', priority: -300 },
  { name: 'mangle', priority: -150 },
  { name: 'dstnat', priority: -100, hook: 'prerouting' },
  { name: 'filter', priority: 0 },
  { name: 'security', priority: 50 },
  { name: 'srcnat', priority: 100, hook: 'postrouting' },
];
