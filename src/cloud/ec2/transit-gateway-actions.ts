/** cloud/ec2/transit-gateway-actions — transit gateways, their attachments and route tables. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type {
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
} from '../../model/ec2/gateways.ts';
import type { NetworkInterfaceId, SubnetId, TransitGatewayId } from '../../model/ec2/ids.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { newInterface, removeInterface } from './new-interface.ts';
import {
  invalidValue,
  noSubnet,
  noTransitGateway,
  noTransitGatewayAttachment,
  noTransitGatewayRouteTable,
  noVpc,
} from './not-found.ts';
import { markRoutesTo } from './route-target.ts';
import type { VpcOperations } from './vpc-operations.ts';

const DESCRIBED_TRANSIT_GATEWAY: Described<'ec2/transit-gateway'> = {
  kind: 'ec2/transit-gateway',
  missing: noTransitGateway,
  filters: { 'transit-gateway-id': (it) => it.transitGatewayId, state: () => 'available' },
};

const DESCRIBED_TRANSIT_ATTACHMENT: Described<'ec2/transit-gateway-attachment'> = {
  kind: 'ec2/transit-gateway-attachment',
  missing: noTransitGatewayAttachment,
  filters: {
    'transit-gateway-attachment-id': (it) => it.attachmentId,
    'transit-gateway-id': (it) => it.transitGatewayId,
    'resource-type': (it) => it.resourceType,
    'resource-id': (it) => it.resourceId,
    'vpc-id': (it) => (it.resourceType === 'vpc' ? it.resourceId : undefined),
    'association.transit-gateway-route-table-id': (it) => it.associatedRouteTableId,
    state: () => 'available',
  },
};

const DESCRIBED_TRANSIT_TABLE: Described<'ec2/transit-gateway-route-table'> = {
  kind: 'ec2/transit-gateway-route-table',
  missing: noTransitGatewayRouteTable,
  filters: {
    'transit-gateway-route-table-id': (it) => it.transitGatewayRouteTableId,
    'transit-gateway-id': (it) => it.transitGatewayId,
    state: () => 'available',
  },
};

type TransitGatewayActions = Pick<
  VpcOperations,
  | 'createTransitGateway'
  | 'deleteTransitGateway'
  | 'createTransitGatewayVpcAttachment'
  | 'deleteTransitGatewayVpcAttachment'
  | 'createTransitGatewayRouteTable'
  | 'associateTransitGatewayRouteTable'
  | 'enableTransitGatewayRouteTablePropagation'
  | 'createTransitGatewayRoute'
  | 'describeTransitGateways'
  | 'describeTransitGatewayAttachments'
  | 'describeTransitGatewayRouteTables'
>;

export const transitGatewayActions = (region: Region): TransitGatewayActions => ({
  createTransitGateway({ defaultRouteTable, tags }) {
    const transitGatewayId = region.ids.next<TransitGatewayId>('tgw');
    const table =
      defaultRouteTable === false ? undefined : newTable(region, transitGatewayId, undefined);
    const gateway = {
      transitGatewayId,
      defaultRouteTableId: table?.transitGatewayRouteTableId,
      tags: tags ?? {},
    };
    region.store.put('ec2/transit-gateway', transitGatewayId, gateway);
    return gateway;
  },
  deleteTransitGateway: ({ transitGatewayId }) => deleteGateway(region, transitGatewayId),
  createTransitGatewayVpcAttachment: (input) => attach(region, input),
  deleteTransitGatewayVpcAttachment: ({ attachmentId }) => detach(region, attachmentId),
  createTransitGatewayRouteTable({ transitGatewayId, tags }) {
    const gateway = region.store.get('ec2/transit-gateway', transitGatewayId);
    return gateway === undefined
      ? noTransitGateway(transitGatewayId)
      : newTable(region, gateway.transitGatewayId, tags);
  },
  associateTransitGatewayRouteTable({ transitGatewayRouteTableId: tableId, attachmentId }) {
    const pair = tableAndAttachment(region, tableId, attachmentId);
    if (isAwsError(pair)) return pair;
    if (pair.attachment.associatedRouteTableId !== undefined) {
      return awsError(
        'Resource.AlreadyAssociated',
        `Transit Gateway Attachment ${attachmentId} is already associated to a route table.`,
      );
    }
    putAttachment(region, { ...pair.attachment, associatedRouteTableId: tableId });
    return true;
  },
  enableTransitGatewayRouteTablePropagation({ transitGatewayRouteTableId: id, attachmentId }) {
    const pair = tableAndAttachment(region, id, attachmentId);
    if (isAwsError(pair)) return pair;
    if (pair.table.propagations.includes(attachmentId)) {
      return awsError(
        'TransitGatewayRouteTablePropagation.Duplicate',
        `Propagation ${attachmentId} already exists in Transit Gateway Route Table ${id}.`,
      );
    }
    propagate(region, pair.table, pair.attachment);
    return true;
  },
  createTransitGatewayRoute: (input) => createRoute(region, input),
  describeTransitGateways: ({ ids, filters }) =>
    describe(region, DESCRIBED_TRANSIT_GATEWAY, ids, filters),
  describeTransitGatewayAttachments: ({ ids, filters }) =>
    describe(region, DESCRIBED_TRANSIT_ATTACHMENT, ids, filters),
  describeTransitGatewayRouteTables: ({ ids, filters }) =>
    describe(region, DESCRIBED_TRANSIT_TABLE, ids, filters),
});

function newTable(
  region: Region,
  transitGatewayId: TransitGatewayId,
  tags: TransitGatewayRouteTable['tags'] | undefined,
): TransitGatewayRouteTable {
  const table: TransitGatewayRouteTable = {
    transitGatewayRouteTableId: region.ids.next('tgw-rtb'),
    transitGatewayId,
    routes: [],
    propagations: [],
    tags: tags ?? {},
  };
  putTable(region, table);
  return table;
}

const putTable = ({ store }: Region, table: TransitGatewayRouteTable): void => {
  store.put('ec2/transit-gateway-route-table', table.transitGatewayRouteTableId, table);
};

const putAttachment = ({ store }: Region, attachment: TransitGatewayAttachment): void => {
  store.put('ec2/transit-gateway-attachment', attachment.attachmentId, attachment);
};

function deleteGateway(region: Region, id: string): true | AwsError {
  const { store } = region;
  if (store.get('ec2/transit-gateway', id) === undefined) return noTransitGateway(id);
  const attached = store
    .list('ec2/transit-gateway-attachment')
    .some((it) => it.transitGatewayId === id);
  if (attached) {
    return awsError(
      'IncorrectState',
      `${id} has non-deleted VPC Attachments. Delete them before deleting the Transit Gateway.`,
    );
  }
  for (const table of store.list('ec2/transit-gateway-route-table')) {
    if (table.transitGatewayId === id)
      store.delete('ec2/transit-gateway-route-table', table.transitGatewayRouteTableId);
  }
  store.delete('ec2/transit-gateway', id);
  return true;
}

type AttachInput = Parameters<VpcOperations['createTransitGatewayVpcAttachment']>[0];

function attach(region: Region, input: AttachInput): TransitGatewayAttachment | AwsError {
  const gateway = region.store.get('ec2/transit-gateway', input.transitGatewayId);
  if (gateway === undefined) return noTransitGateway(input.transitGatewayId);
  const vpc = region.store.get('ec2/vpc', input.vpcId);
  if (vpc === undefined) return noVpc(input.vpcId);
  const twice = region.store
    .list('ec2/transit-gateway-attachment')
    .some((it) => it.transitGatewayId === gateway.transitGatewayId && it.resourceId === vpc.vpcId);
  if (twice) {
    return awsError(
      'DuplicateTransitGatewayAttachment',
      `${gateway.transitGatewayId} has non-deleted Transit Gateway Attachments with same VPC ID.`,
    );
  }
  const subnets = soundSubnets(region, input.subnetIds, vpc.vpcId);
  if (isAwsError(subnets)) return subnets;
  const attachmentId = region.ids.next('tgw-attach');
  const enis = attachmentInterfaces(region, subnets, attachmentId);
  if (isAwsError(enis)) return enis;
  const attachment: TransitGatewayAttachment = {
    attachmentId,
    transitGatewayId: gateway.transitGatewayId,
    resourceType: 'vpc',
    resourceId: vpc.vpcId,
    subnetIds: subnets.map((it): SubnetId => it.subnetId),
    networkInterfaceIds: enis.map((it): NetworkInterfaceId => it.networkInterfaceId),
    associatedRouteTableId: gateway.defaultRouteTableId,
    tags: input.tags ?? {},
  };
  putAttachment(region, attachment);
  const table = region.store.get(
    'ec2/transit-gateway-route-table',
    gateway.defaultRouteTableId ?? '',
  );
  if (table !== undefined) propagate(region, table, attachment);
  markRoutesTo(region, [vpc.vpcId], gateway.transitGatewayId, 'active');
  return attachment;
}

/** Subnets of the VPC, one per zone at most. */
function soundSubnets(
  { store }: Region,
  subnetIds: readonly string[],
  vpcId: string,
): readonly Subnet[] | AwsError {
  const byZone = new Map<string, Subnet>();
  for (const id of subnetIds) {
    const subnet = store.get('ec2/subnet', id);
    if (subnet === undefined || subnet.vpcId !== vpcId) return noSubnet(id);
    if (byZone.has(subnet.availabilityZone)) {
      return awsError(
        'DuplicateSubnetsInSameZone',
        `Duplicate Subnets for same AZ: ${subnet.availabilityZone}`,
      );
    }
    byZone.set(subnet.availabilityZone, subnet);
  }
  return byZone.size === 0
    ? awsError('MissingParameter', 'The request must contain the parameter SubnetIds')
    : [...byZone.values()];
}

function attachmentInterfaces(
  region: Region,
  subnets: readonly Subnet[],
  attachmentId: string,
): readonly NetworkInterface[] | AwsError {
  const enis: NetworkInterface[] = [];
  for (const { subnetId } of subnets) {
    const eni = newInterface(region, {
      subnetId,
      interfaceType: 'transit_gateway',
      description: `Network Interface for Transit Gateway Attachment ${attachmentId}`,
      requesterId: 'amazon-transit-gateway',
    });
    if (isAwsError(eni)) {
      for (const made of enis) removeInterface(region, made);
      return eni;
    }
    enis.push(eni);
  }
  return enis;
}

/** Adds the attachment's VPC blocks to the table as propagated routes. */
function propagate(
  region: Region,
  table: TransitGatewayRouteTable,
  { attachmentId, resourceId }: TransitGatewayAttachment,
): void {
  const vpc = region.store.get('ec2/vpc', resourceId);
  const blocks = [...(vpc?.cidrBlocks ?? []), ...(vpc?.ipv6CidrBlocks ?? [])];
  const routes = blocks.map(({ cidrBlock }) => ({
    destinationCidrBlock: cidrBlock,
    attachmentId,
    type: 'propagated' as const,
    state: 'active' as const,
  }));
  putTable(region, {
    ...table,
    routes: [...table.routes, ...routes],
    propagations: [...table.propagations, attachmentId],
  });
}

function detach(region: Region, attachmentId: string): true | AwsError {
  const { store } = region;
  const attachment = store.get('ec2/transit-gateway-attachment', attachmentId);
  if (attachment === undefined) return noTransitGatewayAttachment(attachmentId);
  for (const id of attachment.networkInterfaceIds) {
    const eni = store.get('ec2/network-interface', id);
    if (eni !== undefined) removeInterface(region, eni);
  }
  store.delete('ec2/transit-gateway-attachment', attachmentId);
  for (const table of store.list('ec2/transit-gateway-route-table')) {
    if (table.transitGatewayId !== attachment.transitGatewayId) continue;
    putTable(region, {
      ...table,
      propagations: table.propagations.filter((it) => it !== attachmentId),
      routes: table.routes.flatMap((route) => {
        if (route.attachmentId !== attachmentId) return [route];
        return route.type === 'static' ? [{ ...route, state: 'blackhole' as const }] : [];
      }),
    });
  }
  markRoutesTo(region, [attachment.resourceId], attachment.transitGatewayId, 'blackhole');
  return true;
}

/** Both by id, or which of the two is not there. */
export function tableAndAttachment(
  { store }: Region,
  tableId: string,
  attachmentId: string,
):
  | { readonly table: TransitGatewayRouteTable; readonly attachment: TransitGatewayAttachment }
  | AwsError {
  const table = store.get('ec2/transit-gateway-route-table', tableId);
  if (table === undefined) return noTransitGatewayRouteTable(tableId);
  const attachment = store.get('ec2/transit-gateway-attachment', attachmentId);
  return attachment === undefined
    ? noTransitGatewayAttachment(attachmentId)
    : { table, attachment };
}

type RouteInput = Parameters<VpcOperations['createTransitGatewayRoute']>[0];

function createRoute(region: Region, input: RouteInput): true | AwsError {
  const { transitGatewayRouteTableId: id, attachmentId } = input;
  const table = region.store.get('ec2/transit-gateway-route-table', id);
  if (table === undefined) return noTransitGatewayRouteTable(id);
  const destinationCidrBlock = canonicalCidrText(input.destinationCidrBlock);
  if (destinationCidrBlock === undefined)
    return invalidValue(`CIDR block ${input.destinationCidrBlock} is malformed`);
  const known = region.store.get('ec2/transit-gateway-attachment', attachmentId ?? '');
  if (attachmentId !== undefined && known === undefined)
    return noTransitGatewayAttachment(attachmentId);
  const taken = table.routes.some(
    (route) => route.type === 'static' && route.destinationCidrBlock === destinationCidrBlock,
  );
  if (taken) {
    return awsError(
      'RouteAlreadyExists',
      `Route ${destinationCidrBlock} already exists in Transit Gateway Route Table ${id}.`,
    );
  }
  const state = attachmentId === undefined ? ('blackhole' as const) : ('active' as const);
  const route = { destinationCidrBlock, attachmentId, type: 'static' as const, state };
  putTable(region, { ...table, routes: [...table.routes, route] });
  return true;
}
