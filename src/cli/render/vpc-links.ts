/** cli/render/vpc-links — what joins VPCs to others, and what is recorded of them: a table each. */
import type { DhcpOptions } from '../../model/ec2/dhcp-options.ts';
import type { FlowLog } from '../../model/ec2/flow-log.ts';
import type {
  EgressOnlyInternetGateway,
  PrefixList,
  TransitGatewayAttachment,
  VpcPeeringConnection,
  VpnGateway,
} from '../../model/ec2/gateways.ts';
import type { Printer } from './printer.ts';

export const peeringColumns: Printer<VpcPeeringConnection> = () => [
  { head: 'ID', cell: (it) => it.vpcPeeringConnectionId },
  { head: 'NAME', cell: ({ tags }) => tags.Name },
  { head: 'STATUS', cell: (it) => it.status },
  { head: 'REQUESTER', cell: (it) => it.requesterVpcId },
  { head: 'ACCEPTER', cell: (it) => it.accepterVpcId },
];

export const egressOnlyGatewayColumns: Printer<EgressOnlyInternetGateway> = () => [
  { head: 'ID', cell: (it) => it.egressOnlyInternetGatewayId },
  { head: 'NAME', cell: ({ tags }) => tags.Name },
  { head: 'VPC', cell: (it) => it.vpcId },
];

export const vpnGatewayColumns: Printer<VpnGateway> = () => [
  { head: 'ID', cell: (it) => it.vpnGatewayId },
  { head: 'NAME', cell: ({ tags }) => tags.Name },
  { head: 'VPC', cell: (it) => it.vpcId },
  { head: 'BEYOND', cell: (it) => it.remoteCidrs.join(',') || undefined },
];

export const transitAttachmentColumns: Printer<TransitGatewayAttachment> = () => [
  { head: 'ID', cell: (it) => it.attachmentId },
  { head: 'TRANSIT-GATEWAY', cell: (it) => it.transitGatewayId },
  { head: 'TYPE', cell: (it) => it.resourceType },
  { head: 'RESOURCE', cell: (it) => it.resourceId },
  { head: 'ROUTE-TABLE', cell: (it) => it.associatedRouteTableId },
];

export const prefixListColumns: Printer<PrefixList> = () => [
  { head: 'ID', cell: (it) => it.prefixListId },
  { head: 'NAME', cell: (it) => it.prefixListName },
  { head: 'OWNER', cell: (it) => (it.awsManaged ? 'AWS' : 'self') },
  { head: 'ENTRIES', right: true, cell: (it) => it.entries.length },
  { head: 'MAX-ENTRIES', right: true, cell: (it) => it.maxEntries },
  { head: 'CIDRS', wide: true, cell: (it) => it.entries.map(({ cidr }) => cidr).join(',') },
];

export const dhcpOptionsColumns: Printer<DhcpOptions> = () => [
  { head: 'ID', cell: (it) => it.dhcpOptionsId },
  { head: 'NAME', cell: ({ tags }) => tags.Name },
  {
    head: 'OPTIONS',
    cell: (it) =>
      it.configurations.map(({ key, values }) => `${key}=${values.join(',')}`).join(' '),
  },
];

export const flowLogColumns: Printer<FlowLog> = () => [
  { head: 'ID', cell: (it) => it.flowLogId },
  { head: 'NAME', cell: ({ tags }) => tags.Name },
  { head: 'RESOURCE', cell: (it) => it.resourceId },
  { head: 'TRAFFIC', cell: (it) => it.trafficType },
  { head: 'DESTINATION', cell: (it) => it.destination ?? it.logGroupName },
  { head: 'FORMAT', wide: true, cell: (it) => it.logFormat },
];
