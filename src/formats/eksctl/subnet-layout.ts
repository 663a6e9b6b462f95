/**
 * formats/eksctl/subnet-layout — which block of the VPC each subnet gets: arithmetic only.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/vpc/vpc.go:40 (IPv4), pkg/cfn/builder/vpc_ipv6.go (IPv6).
 */
import {
  type Cidr4,
  type Cidr6,
  cidr4,
  cidr6,
  formatCidr,
  parseCanonicalCidr,
  parseCidr4,
} from '../../net/index.ts';

/** eksctl cuts a VPC into 8 blocks for up to four zones, into 16 for up to eight. */
const ZONES_IN_8 = 4;
export const SUBNETS_MAX = 16;

const block4 = (vpc: Cidr4, bits: number, index: number): string =>
  formatCidr(cidr4(vpc.first + index * 2 ** (32 - bits), bits));

/** Public blocks first, then private ones, `zones` of each; undefined when nothing so small fits. */
export function ipv4Blocks(vpcCidr: string, zones: number): readonly string[] | undefined {
  const vpc = parseCidr4(vpcCidr);
  if (vpc === undefined) return undefined;
  const bits = vpc.bits + (zones <= ZONES_IN_8 ? 3 : 4);
  if (bits > 28) return undefined;
  return Array.from({ length: 2 * zones }, (_, i) => block4(vpc, bits, i));
}

/**
 * IPv4 blocks of an IPv6 cluster: CloudFormation's Fn::Cidr with 2·zones + 2 parts, so four to
 * seven zones get smaller blocks than an IPv4 cluster gives them.
 */
export function ipv4BlocksOfIpv6(vpcCidr: string, zones: number): readonly string[] | undefined {
  const vpc = parseCidr4(vpcCidr);
  if (vpc === undefined) return undefined;
  const parts = 2 * zones + 2;
  const hostBits = Math.floor(Math.log2(2 ** (32 - vpc.bits) / parts));
  if (hostBits < 4) return undefined;
  return Array.from({ length: 2 * zones }, (_, i) => block4(vpc, 32 - hostBits, i));
}

/** The `index`-th /64 of a VPC's IPv6 block. */
export function ipv6Block(vpcCidr: string, index: number): string {
  const vpc = parseCanonicalCidr(vpcCidr) as Cidr6;
  return formatCidr(cidr6(vpc.first + (BigInt(index) << 64n), 64));
}
