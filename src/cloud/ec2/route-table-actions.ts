/** cloud/ec2/route-table-actions — route tables, their local routes, and which subnet has which. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { RouteTableId, SubnetId } from '../../model/ec2/ids.ts';
import type {
  Route,
  RouteDestination,
  RouteTable,
  RouteTableAssociation,
} from '../../model/ec2/route-table.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { plainValue } from './filters.ts';
import {
  hasDependencies,
  invalidValue,
  missingParameter,
  noAssociation,
  noGateway,
  noRouteTable,
  noSubnet,
  noVpc,
} from './not-found.ts';
import { destinationText } from './route-actions.ts';
import type { VpcOperations } from './vpc-operations.ts';

const targetIds = (table: RouteTable, kind: Route['target']['kind']) =>
  table.routes.map(({ target }) =>
    target.kind === kind && target.kind !== 'local' ? target.id : undefined,
  );

const DESCRIBED_ROUTE_TABLE: Described<'ec2/route-table'> = {
  kind: 'ec2/route-table',
  missing: noRouteTable,
  filters: {
    'route-table-id': (table) => table.routeTableId,
    'vpc-id': (table) => table.vpcId,
    'owner-id': (table) => table.ownerId,
    'association.main': (table) => table.associations.map(({ main }) => main),
    'association.subnet-id': (table) => table.associations.map(({ subnetId }) => subnetId),
    'association.gateway-id': (table) => table.associations.map(({ gatewayId }) => gatewayId),
    'association.route-table-id': (table) =>
      table.associations.length > 0 ? table.routeTableId : undefined,
    'association.route-table-association-id': (table) =>
      table.associations.map(({ associationId }) => associationId),
    'route.destination-cidr-block': (table) =>
      table.routes.map(({ destination: to }) => (to.kind === 'ipv4' ? to.cidr : undefined)),
    'route.destination-ipv6-cidr-block': (table) =>
      table.routes.map(({ destination: to }) => (to.kind === 'ipv6' ? to.cidr : undefined)),
    'route.destination-prefix-list-id': (table) =>
      table.routes.map(({ destination: to }) =>
        to.kind === 'prefix-list' ? to.prefixListId : undefined,
      ),
    'route.gateway-id': (table) => [
      ...table.routes.map(({ target }) => (target.kind === 'local' ? 'local' : undefined)),
      ...targetIds(table, 'internet-gateway'),
      ...targetIds(table, 'vpn-gateway'),
      ...targetIds(table, 'vpc-endpoint'),
    ],
    'route.nat-gateway-id': (table) => targetIds(table, 'nat-gateway'),
    'route.transit-gateway-id': (table) => targetIds(table, 'transit-gateway'),
    'route.instance-id': (table) => targetIds(table, 'instance'),
    'route.egress-only-internet-gateway-id': (table) =>
      targetIds(table, 'egress-only-internet-gateway'),
    'route.vpc-peering-connection-id': (table) => targetIds(table, 'vpc-peering-connection'),
    'route.carrier-gateway-id': (table) => targetIds(table, 'carrier-gateway'),
    'route.local-gateway-id': (table) => targetIds(table, 'local-gateway'),
    'route.core-network-arn': () => undefined,
    'route.origin': (table) => table.routes.map(({ origin }) => origin),
    'route.state': (table) => table.routes.map(({ state }) => state),
  },
};

type RouteTableActions = Pick<
  VpcOperations,
  | 'createRouteTable'
  | 'deleteRouteTable'
  | 'associateRouteTable'
  | 'disassociateRouteTable'
  | 'replaceRouteTableAssociation'
  | 'describeRouteTables'
>;

export const routeTableActions = (region: Region): RouteTableActions => ({
  createRouteTable({ vpcId, tags }) {
    const vpc = region.store.get('ec2/vpc', vpcId);
    return vpc === undefined ? noVpc(vpcId) : newRouteTable(region, vpc, { main: false, tags });
  },
  deleteRouteTable({ routeTableId }) {
    const table = region.store.get('ec2/route-table', routeTableId);
    if (table === undefined) return noRouteTable(routeTableId);
    if (table.associations.length > 0) return hasDependencies('routeTable', routeTableId);
    region.store.delete('ec2/route-table', routeTableId);
    return true;
  },
  associateRouteTable: (input) => associate(region, input),
  disassociateRouteTable({ associationId }) {
    const held = holderOf(region, associationId);
    if (held === undefined) return noAssociation(associationId);
    if (held.association.main) {
      return invalidValue(`cannot disassociate the main route table association ${associationId}`);
    }
    withoutAssociation(region, held.table, associationId);
    return true;
  },
  replaceRouteTableAssociation: ({ associationId, routeTableId }) =>
    replaceAssociation(region, associationId, routeTableId),
  describeRouteTables: ({ ids, filters }) =>
    describe(region, DESCRIBED_ROUTE_TABLE, ids, filters, () => {
      const vpcId = plainValue(filters, 'vpc-id');
      return vpcId === undefined
        ? region.store.list('ec2/route-table')
        : region.store.lookup('ec2/route-table', 'vpc', vpcId);
    }),
});

const localRoute = (destination: RouteDestination): Route => ({
  destination,
  target: { kind: 'local' },
  state: 'active',
  origin: 'CreateRouteTable',
});

/** A table with a local route for each of the VPC's blocks. */
export function newRouteTable(
  region: Region,
  vpc: Vpc,
  { main, tags }: { readonly main: boolean; readonly tags: Tags | undefined },
): RouteTable {
  const table: RouteTable = {
    routeTableId: region.ids.next<RouteTableId>('rtb'),
    vpcId: vpc.vpcId,
    ownerId: region.accountId,
    routes: [
      ...vpc.cidrBlocks.map(({ cidrBlock: cidr }) => localRoute({ kind: 'ipv4', cidr })),
      ...vpc.ipv6CidrBlocks.map(({ cidrBlock: cidr }) => localRoute({ kind: 'ipv6', cidr })),
    ],
    associations: main ? [{ associationId: region.ids.next('rtbassoc'), main: true }] : [],
    propagatingVgws: [],
    tags: tags ?? {},
  };
  region.store.put('ec2/route-table', table.routeTableId, table);
  return table;
}

/** Adds the local route of a new block to every table of the VPC. */
export function addLocalRoute(region: Region, vpcId: string, destination: RouteDestination): void {
  for (const table of region.store.lookup('ec2/route-table', 'vpc', vpcId)) {
    const routes = [...table.routes, localRoute(destination)];
    region.store.put('ec2/route-table', table.routeTableId, { ...table, routes });
  }
}

export function removeLocalRoute(region: Region, vpcId: string, cidr: string): void {
  for (const table of region.store.lookup('ec2/route-table', 'vpc', vpcId)) {
    const routes = table.routes.filter(
      ({ destination, origin }) =>
        origin !== 'CreateRouteTable' || destinationText(destination) !== cidr,
    );
    region.store.put('ec2/route-table', table.routeTableId, { ...table, routes });
  }
}

/** Forgets a subnet that is being deleted. */
export function dropSubnetAssociation(region: Region, { vpcId, subnetId }: Subnet): void {
  for (const table of region.store.lookup('ec2/route-table', 'vpc', vpcId)) {
    const held = table.associations.find((it) => it.subnetId === subnetId);
    if (held !== undefined) withoutAssociation(region, table, held.associationId);
  }
}

type AssociateInput = Parameters<VpcOperations['associateRouteTable']>[0];
type Associated = { readonly associationId: string } | AwsError;

function associate(region: Region, input: AssociateInput): Associated {
  const { routeTableId, subnetId, gatewayId } = input;
  const table = region.store.get('ec2/route-table', routeTableId);
  if (table === undefined) return noRouteTable(routeTableId);
  if (subnetId === undefined && gatewayId === undefined) return missingParameter('subnetId');
  const place =
    subnetId === undefined
      ? gatewayPlace(region, table, gatewayId!)
      : subnetPlace(region, table, subnetId);
  if (isAwsError(place)) return place;
  const associationId = region.ids.next('rtbassoc');
  region.store.put('ec2/route-table', routeTableId, {
    ...table,
    associations: [...table.associations, { associationId, main: false, ...place }],
  });
  return { associationId };
}

function subnetPlace(
  region: Region,
  table: RouteTable,
  subnetId: string,
): Pick<RouteTableAssociation, 'subnetId'> | AwsError {
  const subnet = region.store.get('ec2/subnet', subnetId);
  if (subnet === undefined) return noSubnet(subnetId);
  if (subnet.vpcId !== table.vpcId) {
    return invalidValue(
      `route table ${table.routeTableId} and subnet ${subnetId} belong to different networks`,
    );
  }
  const taken = region.store
    .lookup('ec2/route-table', 'vpc', table.vpcId)
    .some((other) => other.associations.some((it) => it.subnetId === subnetId));
  return taken ? alreadyAssociated(table) : { subnetId: subnetId as SubnetId };
}

function gatewayPlace(
  region: Region,
  table: RouteTable,
  gatewayId: string,
): Pick<RouteTableAssociation, 'gatewayId'> | AwsError {
  const gateway =
    region.store.get('ec2/internet-gateway', gatewayId) ??
    region.store.get('ec2/vpn-gateway', gatewayId);
  if (gateway === undefined) return noGateway(gatewayId);
  if (gateway.vpcId !== table.vpcId) {
    return invalidValue(
      `route table ${table.routeTableId} and network gateway ${gatewayId} belong to different ` +
        'networks',
    );
  }
  const taken = region.store
    .lookup('ec2/route-table', 'vpc', table.vpcId)
    .some((other) => other.associations.some((it) => it.gatewayId === gatewayId));
  return taken ? alreadyAssociated(table) : { gatewayId };
}

/** hashicorp/terraform-provider-aws#38960. */
const alreadyAssociated = ({ routeTableId }: RouteTable): AwsError =>
  awsError(
    'Resource.AlreadyAssociated',
    `the specified association for route table ${routeTableId} conflicts with an existing ` +
      'association',
  );

function holderOf(
  region: Region,
  associationId: string,
): { readonly table: RouteTable; readonly association: RouteTableAssociation } | undefined {
  for (const table of region.store.list('ec2/route-table')) {
    const association = table.associations.find((it) => it.associationId === associationId);
    if (association !== undefined) return { table, association };
  }
  return undefined;
}

function withoutAssociation(region: Region, table: RouteTable, associationId: string): void {
  region.store.put('ec2/route-table', table.routeTableId, {
    ...table,
    associations: table.associations.filter((it) => it.associationId !== associationId),
  });
}

/** Moves a subnet, or the VPC's main association, to another table. */
function replaceAssociation(
  region: Region,
  associationId: string,
  routeTableId: string,
): Associated {
  const held = holderOf(region, associationId);
  if (held === undefined) return noAssociation(associationId);
  const target = region.store.get('ec2/route-table', routeTableId);
  if (target === undefined) return noRouteTable(routeTableId);
  if (target.vpcId !== held.table.vpcId) {
    return invalidValue(
      `route table ${routeTableId} and association ${associationId} belong to different networks`,
    );
  }
  withoutAssociation(region, held.table, associationId);
  const now = region.store.get('ec2/route-table', routeTableId)!;
  const moved = { ...held.association, associationId: region.ids.next('rtbassoc') };
  region.store.put('ec2/route-table', routeTableId, {
    ...now,
    associations: [...now.associations, moved],
  });
  return { associationId: moved.associationId };
}
