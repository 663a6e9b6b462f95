/**
 * load-balancer/service/subnet-mappings — what the load balancer asks of each subnet: an Elastic
 * IP, a private address, an IPv6 address, a prefix to translate from.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_load_balancer.go:171-184,
 * 340-436, pkg/networking/utils.go:80-160.
 */
import { contains, familyOf, formatIp, type Ip, parseCidr, parseIp } from '../../../net/index.ts';
import { listText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import type { SubnetMappingSpec } from '../stack/load-balancer-spec.ts';
import type { CandidateSubnet, SubnetDemand } from '../subnets/subnet-reads.ts';
import { annotated, type ServiceBuild } from './service-build.ts';

type Subnets = readonly CandidateSubnet[];

const AUTO_ASSIGNED = 'auto_assigned';
const PREFIX_BITS = '80';

/** The subnet's block of IPv6, where it has one. */
export const ipv6BlocksOf = ({ ipv6CidrBlock }: CandidateSubnet): readonly string[] =>
  ipv6CidrBlock === undefined ? [] : [ipv6CidrBlock.cidrBlock];

/** One mapping a subnet, in the subnets' order. */
export function subnetMappings(
  { annotations }: ServiceBuild,
  demand: SubnetDemand,
  subnets: Subnets,
  prefixForIpv6SourceNat: 'on' | 'off',
): readonly SubnetMappingSpec[] {
  const list = (suffix: string) => annotated.stringList(suffix, annotations);
  const allocations = list('aws-load-balancer-eip-allocations');
  if (allocations !== undefined) checkAllocations(allocations, demand, subnets);
  const ipv4 = privateAddresses(list('aws-load-balancer-private-ipv4-addresses'), demand, subnets);
  const ipv6 = ipv6Addresses(list('aws-load-balancer-ipv6-addresses'), demand, subnets);
  const prefixes = list('aws-load-balancer-source-nat-ipv6-prefixes');
  if (prefixes !== undefined) checkPrefixes(prefixes, demand, prefixForIpv6SourceNat, subnets);
  return subnets.map((subnet, i) => ({
    allocationID: allocations?.[i],
    privateIPv4Address: ipv4 && addressIn(subnet, [subnet.cidrBlock], ipv4, 'private IPv4'),
    ipv6Address: ipv6 && addressIn(subnet, ipv6BlocksOf(subnet), ipv6, 'IPv6'),
    sourceNatIpv6Prefix: prefixes?.[i],
    subnetID: subnet.subnetId,
  }));
}

function checkAllocations(
  allocations: readonly string[],
  { scheme }: SubnetDemand,
  subnets: Subnets,
): void {
  if (scheme !== 'internet-facing') {
    throw new BuildError('EIP allocations can only be set for internet facing load balancers');
  }
  checkCount('EIP allocations', allocations, subnets);
}

function checkCount(what: string, { length }: readonly string[], subnets: Subnets): void {
  if (length === subnets.length) return;
  const counts = `count of ${what} (${length}) and subnets (${subnets.length})`;
  throw new BuildError(`${counts} must match`);
}

function privateAddresses(
  raw: readonly string[] | undefined,
  { scheme }: SubnetDemand,
  subnets: Subnets,
): readonly Ip[] | undefined {
  if (raw === undefined) return undefined;
  if (scheme !== 'internal') {
    throw new BuildError('private IPv4 addresses can only be set for internal load balancers');
  }
  checkCount('private IPv4 addresses', raw, subnets);
  return raw.map((text) => addressOf(text, 4, 'private IPv4 addresses'));
}

function ipv6Addresses(
  raw: readonly string[] | undefined,
  { ipAddressType }: SubnetDemand,
  subnets: Subnets,
): readonly Ip[] | undefined {
  if (raw === undefined) return undefined;
  if (ipAddressType !== 'dualstack') {
    throw new BuildError('IPv6 addresses can only be set for dualstack load balancers');
  }
  checkCount('IPv6 addresses', raw, subnets);
  return raw.map((text) => addressOf(text, 6, 'IPv6 addresses'));
}

/** @throws BuildError  where it is no address, or one of the other family */
export function addressOf(text: string, family: 4 | 6, what: string): Ip {
  const address = parseIp(text);
  if (address === undefined) {
    throw new BuildError(`${what} must be valid IP address: ${text}`);
  }
  if (familyOf(address) !== family) {
    throw new BuildError(`${what} must be valid IPv${family} address: ${text}`);
  }
  return address;
}

/** The one address of the list that lies in the subnet. @throws BuildError */
export function addressIn(
  { subnetId }: CandidateSubnet,
  blocks: readonly string[],
  addresses: readonly Ip[],
  what: string,
): string {
  const inside = addresses.filter((address) => isIn(blocks, address));
  if (inside.length === 1) return formatIp(inside[0]!);
  throw new BuildError(`expect one ${what} address configured for subnet: ${subnetId}`);
}

function isIn(blocks: readonly string[], address: Ip): boolean {
  return blocks.some((block) => {
    const cidr = parseCidr(block);
    return cidr !== undefined && contains(cidr, address);
  });
}

/** Whether UDP clients over IPv6 are translated; every subnet needs a block for that. */
export function prefixForSourceNat(
  { annotations }: ServiceBuild,
  ipAddressType: SubnetDemand['ipAddressType'],
  subnets: Subnets,
): 'on' | 'off' {
  const suffix = 'aws-load-balancer-enable-prefix-for-ipv6-source-nat';
  const value = annotated.string(suffix, annotations) ?? 'off';
  if (value !== 'on' && value !== 'off') {
    const valid = "Valid values are ['on', 'off'].";
    throw new BuildError(`Invalid enable-prefix-for-ipv6-source-nat value: ${value}. ${valid}`);
  }
  if (value === 'off') return value;
  if (ipAddressType === 'ipv4') {
    throw new BuildError(
      'enable-prefix-for-ipv6-source-nat annotation is only applicable to Network Load Balancers ' +
        'using Dualstack IP address type.',
    );
  }
  const without = subnets.filter(({ ipv6CidrBlock }) => ipv6CidrBlock === undefined);
  if (without.length === 0) return value;
  const ids = listText(without.map(({ subnetId }) => subnetId));
  throw new BuildError(
    'To enable prefix for source NAT, all associated subnets must have an IPv6 CIDR. ' +
      `Subnets without IPv6 CIDR: ${ids}.`,
  );
}

function checkPrefixes(
  prefixes: readonly string[],
  { ipAddressType }: SubnetDemand,
  prefixForIpv6SourceNat: 'on' | 'off',
  subnets: Subnets,
): void {
  if (ipAddressType !== 'dualstack') {
    throw new BuildError(
      'source-nat-ipv6-prefixes annotation can only be set for Network Load Balancers using ' +
        'Dualstack IP address type.',
    );
  }
  if (prefixForIpv6SourceNat !== 'on') {
    throw new BuildError(
      'source-nat-ipv6-prefixes annotation is only applicable if ' +
        'enable-prefix-for-ipv6-source-nat annotation is set to on.',
    );
  }
  if (prefixes.length !== subnets.length) {
    const values = `Number of values in source-nat-ipv6-prefixes (${prefixes.length})`;
    throw new BuildError(`${values} must match the number of subnets (${subnets.length}).`);
  }
  for (const [i, prefix] of prefixes.entries()) checkPrefix(prefix, subnets[i]!);
}

/** @throws BuildError  where no such prefix lies in the subnet */
export function checkPrefix(prefix: string, subnet: CandidateSubnet): void {
  if (prefix === AUTO_ASSIGNED) return;
  const invalid = `Invalid value in source-nat-ipv6-prefixes: ${prefix}.`;
  const [address = '', bits] = prefix.split('/');
  if (bits === undefined) throw new BuildError(invalid);
  if (bits !== PREFIX_BITS) {
    const found = `Prefix length must be ${PREFIX_BITS}, but ${bits} is specified.`;
    throw new BuildError(`${invalid} ${found}`);
  }
  const ip = parseIp(address);
  if (ip === undefined || familyOf(ip) !== 6) {
    throw new BuildError(`${invalid} Value must be a valid IPv6 CIDR.`);
  }
  const blocks = ipv6BlocksOf(subnet);
  if (isIn(blocks, ip)) return;
  throw new BuildError(`${invalid} Value must be within subnet CIDR range: ${listText(blocks)}.`);
}
