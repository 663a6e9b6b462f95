/**
 * analysis/whois/block-identity — an address that no interface has: the block it is in says what it
 * could be, and whether it is set aside.
 *
 * Source: VPC User Guide, "Subnet CIDR blocks": the first four addresses and the last are AWS's.
 */
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { TwinStore } from '../../model/kinds.ts';
import {
  addressAt,
  cidrTextContains,
  firstAddress,
  formatIp,
  lastAddress,
  parseCidr,
} from '../../net/index.ts';
import type { Identity } from './identity.ts';
import { placeOf } from './interface-identity.ts';

const NOTHING = { pods: [], securityGroups: [] } as const;

/** What AWS keeps an address of a subnet for. */
function reservedFor(store: TwinStore, subnet: Subnet, address: string): string | undefined {
  const isIpv6 = address.includes(':');
  const block = parseCidr(isIpv6 ? (subnet.ipv6CidrBlock?.cidrBlock ?? '') : subnet.cidrBlock);
  if (block === undefined) return undefined;
  if (address === formatIp(firstAddress(block))) return "the subnet's network address";
  if (address === formatIp(lastAddress(block)))
    return "the subnet's last address, set aside by AWS (there is no broadcast in a VPC)";
  const at = [1, 2, 3].find((offset) => address === formatIp(addressAt(block, offset)));
  if (at === 1) return "the VPC's router in this subnet: every node's and pod's way out";
  if (at === 3) return 'set aside by AWS for future use';
  if (at !== 2) return undefined;
  return isResolver(store, subnet, address)
    ? "the VPC's DNS resolver (AmazonProvidedDNS)"
    : "set aside by AWS beside the resolver; the VPC's resolver is at its first block plus two";
}

const isResolver = (store: TwinStore, subnet: Subnet, address: string): boolean => {
  const vpc = store.get('ec2/vpc', subnet.vpcId);
  const block = vpc && parseCidr(vpc.cidrBlock);
  return block !== undefined && address === formatIp(addressAt(block, 2));
};

const holds = (subnet: Subnet, address: string): boolean =>
  cidrTextContains(subnet.cidrBlock, address) ||
  cidrTextContains(subnet.ipv6CidrBlock?.cidrBlock ?? '', address);

/** Every VPC and subnet that has the address in a block. */
export function vpcIdentities(store: TwinStore, address: string): Identity[] {
  const found: Identity[] = [];
  for (const vpc of store.list('ec2/vpc')) {
    const blocks = [...vpc.cidrBlocks, ...vpc.ipv6CidrBlocks];
    const block = blocks.find(({ cidrBlock }) => cidrTextContains(cidrBlock, address));
    if (block === undefined) continue;
    const { vpcId } = vpc;
    const subnet = store.lookup('ec2/subnet', 'vpc', vpcId).find((one) => holds(one, address));
    if (subnet === undefined) {
      const what = `in the VPC's block ${block.cidrBlock}, but in no subnet: nothing can have it`;
      found.push({ address, kind: 'free', what, ...NOTHING, ...placeOf(store, { vpcId }) });
      continue;
    }
    const reserved = reservedFor(store, subnet, address);
    found.push({
      address,
      kind: reserved === undefined ? 'free' : 'reserved',
      what: reserved ?? 'free: in a subnet, but no interface has it',
      ...NOTHING,
      ...placeOf(store, subnet),
    });
  }
  return found;
}

/** Blocks beyond the VPC that something in AWS knows: VPNs, hybrid nodes, transit gateways. */
export function remoteIdentities(store: TwinStore, address: string): Identity[] {
  const known: [cidr: string, what: string][] = [];
  for (const { vpnGatewayId, remoteCidrs } of store.list('ec2/vpn-gateway'))
    for (const cidr of remoteCidrs) known.push([cidr, `beyond the VPN gateway ${vpnGatewayId}`]);
  for (const cluster of store.list('eks/cluster')) {
    for (const cidr of cluster.remoteNodeNetworks) known.push([cidr, 'of the hybrid nodes']);
    for (const cidr of cluster.remotePodNetworks) known.push([cidr, "of the hybrid nodes' pods"]);
  }
  for (const table of store.list('ec2/transit-gateway-route-table'))
    for (const { destinationCidrBlock: cidr } of table.routes)
      if (!/^(?:0\.0\.0\.0|::)\/0$/.test(cidr))
        known.push([cidr, `behind the transit gateway ${table.transitGatewayId}`]);
  for (const { prefixListId, prefixListName, entries } of store.list('ec2/prefix-list'))
    for (const { cidr } of entries)
      known.push([cidr, `in the prefix list ${prefixListName ?? prefixListId}`]);
  const match = known.find(([cidr]) => cidrTextContains(cidr, address));
  if (match === undefined) return [];
  const what = `in ${match[0]}, a network ${match[1]}`;
  return [{ address, kind: 'remote', what, ...NOTHING }];
}

/** Every block that there is, for somebody who asked for an address outside all of them. */
export function knownRanges(store: TwinStore): readonly string[] {
  const ranges: string[] = [];
  for (const { vpcId, cidrBlocks, ipv6CidrBlocks } of store.list('ec2/vpc'))
    for (const { cidrBlock } of [...cidrBlocks, ...ipv6CidrBlocks])
      ranges.push(`${cidrBlock} (${vpcId})`);
  for (const { serviceIpv4Cidr, serviceIpv6Cidr } of store.list('eks/cluster'))
    for (const cidr of [serviceIpv4Cidr, serviceIpv6Cidr])
      if (cidr !== undefined) ranges.push(`${cidr} (Services)`);
  return ranges;
}
