/** cli/render/vpc — VPCs, subnets, routes, gateways and filters, one table each. */

import type {
  ElasticIp,
  InternetGateway,
  NatGateway,
  VpcEndpoint,
} from '../../model/ec2/gateways.ts';
import type { NetworkAcl } from '../../model/ec2/network-acl.ts';
import type { Route, RouteTable } from '../../model/ec2/route-table.ts';
import type { RulePeer, SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import { RESERVED_PER_SUBNET, type Subnet } from '../../model/ec2/subnet.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { parseCidr4, sizeOf } from '../../net/index.ts';
import type { Printer } from './printer.ts';
import type { Column } from './table.ts';

const nameTag: Column<{ readonly tags: Tags }> = { head: 'NAME', cell: ({ tags }) => tags.Name };

export const vpcColumns: Printer<Vpc> = (view) => [
  { head: 'ID', cell: (vpc) => vpc.vpcId },
  nameTag,
  { head: 'CIDR', cell: (vpc) => vpc.cidrBlocks.map((it) => it.cidrBlock).join(',') },
  {
    head: 'IPV6',
    cell: (vpc) => vpc.ipv6CidrBlocks.map((it) => it.cidrBlock).join(',') || undefined,
  },
  {
    head: 'SUBNETS',
    right: true,
    cell: (vpc) => view.store.lookupKeys('ec2/subnet', 'vpc', vpc.vpcId).size,
  },
  { head: 'DNS-SUPPORT', cell: (vpc) => String(vpc.enableDnsSupport) },
  { head: 'DNS-HOSTNAMES', cell: (vpc) => String(vpc.enableDnsHostnames) },
];

/** The table a subnet uses: its own association, else the VPC's main table. */
export function routeTableOf(store: TwinStore, subnet: Subnet): RouteTable | undefined {
  const tables = store.lookup('ec2/route-table', 'vpc', subnet.vpcId);
  const own = tables.find((it) => it.associations.some((a) => a.subnetId === subnet.subnetId));
  return own ?? tables.find((it) => it.associations.some((a) => a.main));
}

/** Public means a route to an internet gateway; names and tags do not count. */
export function subnetReach(store: TwinStore, subnet: Subnet): 'public' | 'private' {
  const routes = routeTableOf(store, subnet)?.routes ?? [];
  return routes.some((it) => it.target.kind === 'internet-gateway') ? 'public' : 'private';
}

const usable = (subnet: Subnet): number => {
  const block = parseCidr4(subnet.cidrBlock);
  return block === undefined ? 0 : Number(sizeOf(block)) - RESERVED_PER_SUBNET;
};

export const subnetColumns: Printer<Subnet> = (view) => {
  const free = (subnet: Subnet): number => view.availableAddresses(subnet.subnetId) ?? 0;
  return [
    { head: 'ID', cell: (subnet) => subnet.subnetId },
    nameTag,
    { head: 'CIDR', cell: (subnet) => subnet.cidrBlock },
    { head: 'ZONE', cell: (subnet) => subnet.availabilityZone },
    { head: 'REACH', cell: (subnet) => subnetReach(view.store, subnet) },
    { head: 'USABLE', right: true, cell: usable },
    { head: 'USED', right: true, cell: (subnet) => usable(subnet) - free(subnet) },
    { head: 'FREE', right: true, cell: free },
    { head: 'IPV6', wide: true, cell: (subnet) => subnet.ipv6CidrBlock?.cidrBlock },
    {
      head: 'ROUTE-TABLE',
      wide: true,
      cell: (subnet) => routeTableOf(view.store, subnet)?.routeTableId,
    },
    { head: 'VPC', wide: true, cell: (subnet) => subnet.vpcId },
  ];
};

const peerText = (peer: RulePeer): string => {
  if (peer.kind === 'group') return peer.groupId;
  return peer.kind === 'prefix-list' ? peer.prefixListId : peer.cidr;
};

/** `tcp 443 from 10.0.0.0/16`, `all from sg-1`. */
export function ruleText(rule: SecurityGroupRule): string {
  const ports =
    rule.fromPort === -1 || rule.protocol === '-1'
      ? ''
      : rule.fromPort === rule.toPort
        ? ` ${rule.fromPort}`
        : ` ${rule.fromPort}-${rule.toPort}`;
  const protocol = rule.protocol === '-1' ? 'all' : rule.protocol;
  return `${protocol}${ports} ${rule.direction === 'ingress' ? 'from' : 'to'} ${peerText(rule.peer)}`;
}

const rulesOf = (group: SecurityGroup, direction: string): SecurityGroupRule[] =>
  group.rules.filter((rule) => rule.direction === direction);

export const securityGroupColumns: Printer<SecurityGroup> = () => [
  { head: 'ID', cell: (group) => group.groupId },
  { head: 'GROUP-NAME', cell: (group) => group.groupName },
  { head: 'VPC', cell: (group) => group.vpcId },
  { head: 'INGRESS', right: true, cell: (group) => rulesOf(group, 'ingress').length },
  { head: 'EGRESS', right: true, cell: (group) => rulesOf(group, 'egress').length },
  { head: 'DESCRIPTION', cell: (group) => group.description },
  { head: 'RULES', wide: true, cell: (group) => group.rules.map(ruleText).join('; ') || undefined },
];

/** `0.0.0.0/0→nat-0123`. */
export const routeText = ({ destination, target, state }: Route): string => {
  const to = destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr;
  const via = target.kind === 'local' ? 'local' : target.id;
  return `${to}→${via}${state === 'blackhole' ? ' (blackhole)' : ''}`;
};

export const routeTableColumns: Printer<RouteTable> = () => [
  { head: 'ID', cell: (it) => it.routeTableId },
  nameTag,
  { head: 'VPC', cell: (it) => it.vpcId },
  { head: 'MAIN', cell: (it) => (it.associations.some((a) => a.main) ? 'yes' : 'no') },
  { head: 'SUBNETS', right: true, cell: (it) => it.associations.filter((a) => a.subnetId).length },
  { head: 'ROUTES', cell: (it) => it.routes.map(routeText).join(', ') },
];

export const networkAclColumns: Printer<NetworkAcl> = () => [
  { head: 'ID', cell: (acl) => acl.networkAclId },
  nameTag,
  { head: 'VPC', cell: (acl) => acl.vpcId },
  { head: 'DEFAULT', cell: (acl) => (acl.isDefault ? 'yes' : 'no') },
  { head: 'SUBNETS', right: true, cell: (acl) => acl.associations.length },
  { head: 'ENTRIES', right: true, cell: (acl) => acl.entries.length },
];

export const internetGatewayColumns: Printer<InternetGateway> = () => [
  { head: 'ID', cell: (it) => it.internetGatewayId },
  nameTag,
  { head: 'VPC', cell: (it) => it.vpcId },
];

export const natGatewayColumns: Printer<NatGateway> = () => [
  { head: 'ID', cell: (it) => it.natGatewayId },
  nameTag,
  { head: 'STATE', cell: (it) => it.state },
  { head: 'SUBNET', cell: (it) => it.subnetId },
  { head: 'PRIVATE-IP', cell: (it) => it.privateIp },
  { head: 'PUBLIC-IP', cell: (it) => it.publicIp },
];

export const elasticIpColumns: Printer<ElasticIp> = () => [
  { head: 'ID', cell: (it) => it.allocationId },
  nameTag,
  { head: 'PUBLIC-IP', cell: (it) => it.publicIp },
  { head: 'ENI', cell: (it) => it.networkInterfaceId },
  { head: 'PRIVATE-IP', cell: (it) => it.privateIpAddress },
];

export const vpcEndpointColumns: Printer<VpcEndpoint> = () => [
  { head: 'ID', cell: (it) => it.vpcEndpointId },
  { head: 'TYPE', cell: (it) => it.type },
  { head: 'SERVICE', cell: (it) => it.serviceName },
  { head: 'SUBNETS', right: true, cell: (it) => it.subnetIds.length },
  { head: 'ROUTE-TABLES', right: true, cell: (it) => it.routeTableIds.length },
  { head: 'PRIVATE-DNS', cell: (it) => String(it.privateDnsEnabled) },
];
