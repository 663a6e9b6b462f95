/**
 * net — addresses, blocks, prefixes, port sets: arithmetic only. The lowest room: it imports no
 * other.
 *
 * An IPv4 address is a number, an IPv6 address a bigint. Parsing bad text gives undefined; asking
 * for something outside a block is a broken invariant and throws.
 */
export { AddressMap, BLOCK_SIZE } from './address-map.ts';
export {
  addressAt,
  type Cidr,
  type Cidr4,
  type Cidr6,
  canonicalCidr,
  cidr4,
  cidr6,
  cidrOf,
  compareCidr,
  contains,
  containsCidr,
  firstAddress,
  formatCidr,
  hostCidr,
  isCanonical,
  lastAddress,
  mask4,
  overlaps,
  parseCanonicalCidr,
  parseCidr,
  parseCidr4,
  parseCidr6,
  parseCidrOrIp,
  sameCidr,
  sizeOf,
  subnets,
} from './cidr.ts';
export { addressesOf, blocksOf, coverRange4, mergeCidrs, subtractCidrs } from './cidr-cover.ts';
export {
  canonicalCidrText,
  cidrTextContains,
  cidrTextContainsCidr,
  cidrTextsOverlap,
  cidrTextsSame,
} from './cidr-text.ts';
export { type Interval, IntervalSet } from './interval-set.ts';
export { invariant } from './invariant.ts';
export { canonicalIpText, familyOf, formatIp, type Ip, type IpFamily, parseIp } from './ip.ts';
export { formatIpv4, IPV4_MAX, type Ipv4, parseIpv4 } from './ipv4.ts';
export { formatIpv6, IPV6_MAX, type Ipv6, parseIpv6 } from './ipv6.ts';
export {
  formatDestination,
  formatPacket,
  formatRewrite,
  formatSocketAddress,
  formatSource,
  isIcmp,
  type Packet,
  replyTo,
  withDestination,
  withSource,
} from './packet.ts';
export { ALL_PORTS, icmpPoint, icmpPoints, PORT_MAX, PortSet } from './port-set.ts';
export { type PrefixMatch, PrefixTrie } from './prefix-trie.ts';
export { PRIVATE_BLOCKS, RFC1918 } from './private-blocks.ts';
export {
  formatProtocol,
  hasPorts,
  hasTypeAndCode,
  PROTOCOL_ALL,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type Protocol,
  parseProtocol,
  protocolInCapitals,
} from './protocol.ts';
export { PREFIX_BITS, SparseAddressMap } from './sparse-address-map.ts';
