/**
 * cloud/ec2/route-target — whether a route may point where it is asked to, and which routes go
 * blackhole when what they point at goes.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type {
  Route,
  RouteDestination,
  RouteTable,
  RouteTarget,
} from '../../model/ec2/route-table.ts';
import type { Region } from '../region.ts';
import {
  invalidValue,
  noEgressOnlyInternetGateway,
  noGateway,
  noInstance,
  noNatGatewayForRoute,
  noNetworkInterface,
  noPeering,
  noTransitGateway,
  noVpcEndpoint,
  noVpnGateway,
} from './not-found.ts';

type Target<Kind extends RouteTarget['kind']> = Extract<RouteTarget, { readonly kind: Kind }>;
type Checked = RouteTarget | AwsError;
type Check = (region: Region, table: RouteTable, id: string) => Checked;

/** "route table … and network gateway … belong to different networks" (aws-operator#632). */
const otherNetwork = (table: RouteTable, noun: string, id: string): AwsError =>
  invalidValue(`route table ${table.routeTableId} and ${noun} ${id} belong to different networks`);

const internetGateway: Check = ({ store }, table, id) => {
  const gateway = store.get('ec2/internet-gateway', id);
  if (gateway === undefined) return noGateway(id);
  if (gateway.vpcId !== table.vpcId) return otherNetwork(table, 'network gateway', id);
  return { kind: 'internet-gateway', id };
};

const vpnGateway: Check = ({ store }, table, id) => {
  const gateway = store.get('ec2/vpn-gateway', id);
  if (gateway === undefined) return noVpnGateway(id);
  if (gateway.vpcId !== table.vpcId) return otherNetwork(table, 'network gateway', id);
  return { kind: 'vpn-gateway', id };
};

const natGateway: Check = ({ store }, table, id) => {
  const gateway = store.get('ec2/nat-gateway', id);
  if (gateway === undefined || gateway.state === 'deleted') return noNatGatewayForRoute(id);
  if (gateway.vpcId !== table.vpcId) return otherNetwork(table, 'NAT gateway', id);
  return { kind: 'nat-gateway', id };
};

const egressOnly: Check = ({ store }, table, id) => {
  const gateway = store.get('ec2/egress-only-internet-gateway', id);
  if (gateway === undefined) return noEgressOnlyInternetGateway(id);
  if (gateway.vpcId !== table.vpcId) return otherNetwork(table, 'network gateway', id);
  return { kind: 'egress-only-internet-gateway', id };
};

const networkInterface: Check = ({ store }, table, id) => {
  const eni = store.get('ec2/network-interface', id);
  if (eni === undefined) return noNetworkInterface(id);
  if (eni.vpcId !== table.vpcId) return otherNetwork(table, 'interface', id);
  return { kind: 'network-interface', id };
};

/** A route to an instance is a route to its one interface, as EC2 keeps it. */
const instance: Check = (region, table, id) => {
  const found = region.store.get('ec2/instance', id);
  if (found === undefined || found.state === 'terminated') return noInstance(id);
  const enis = region.store.lookup('ec2/network-interface', 'instance', id);
  if (enis.length > 1) {
    return awsError(
      'InvalidInstanceID',
      `There are multiple interfaces attached to instance '${id}'. Please specify an interface ` +
        'ID for the operation instead.',
    );
  }
  const only = enis[0];
  return only === undefined
    ? noInstance(id)
    : networkInterface(region, table, only.networkInterfaceId);
};

const peering: Check = ({ store }, table, id) => {
  const found = store.get('ec2/vpc-peering-connection', id);
  if (found === undefined || found.status === 'deleted') return noPeering(id);
  const ours = found.requesterVpcId === table.vpcId || found.accepterVpcId === table.vpcId;
  if (!ours) return otherNetwork(table, 'peering connection', id);
  return { kind: 'vpc-peering-connection', id };
};

const transitGateway: Check = ({ store }, table, id) => {
  const found = store.get('ec2/transit-gateway', id);
  const attached = store
    .list('ec2/transit-gateway-attachment')
    .some((it) => it.transitGatewayId === id && it.resourceId === table.vpcId);
  if (found === undefined || !attached) return noTransitGateway(id);
  return { kind: 'transit-gateway', id };
};

const vpcEndpoint: Check = ({ store }, table, id) => {
  const endpoint = store.get('ec2/vpc-endpoint', id);
  if (endpoint === undefined) return noVpcEndpoint(id);
  if (endpoint.type !== 'GatewayLoadBalancer' || endpoint.vpcId !== table.vpcId)
    return invalidValue(`VPC endpoint ${id} is not supported as a route target`);
  return { kind: 'vpc-endpoint', id };
};

/** Gateways the twin declares but does not simulate: kept as they are named. */
const asNamed =
  <Kind extends 'carrier-gateway' | 'local-gateway'>(kind: Kind): Check =>
  (_region, _table, id): Target<Kind> =>
    ({ kind, id }) as Target<Kind>;

const CHECKS: Readonly<Record<Exclude<RouteTarget['kind'], 'local'>, Check>> = {
  'internet-gateway': internetGateway,
  'vpn-gateway': vpnGateway,
  'nat-gateway': natGateway,
  'egress-only-internet-gateway': egressOnly,
  'network-interface': networkInterface,
  instance,
  'vpc-peering-connection': peering,
  'transit-gateway': transitGateway,
  'vpc-endpoint': vpcEndpoint,
  'carrier-gateway': asNamed('carrier-gateway'),
  'local-gateway': asNamed('local-gateway'),
};

/** The target as it is stored, or why the table may not have it. */
export function routeTarget(
  region: Region,
  table: RouteTable,
  target: Exclude<RouteTarget, { readonly kind: 'local' }>,
  destination: RouteDestination,
): Checked {
  if (target.kind === 'egress-only-internet-gateway' && destination.kind !== 'ipv6')
    return invalidValue('An egress-only internet gateway may only be the target of IPv6 routes.');
  return CHECKS[target.kind](region, table, target.id);
}

/** Targets a route inside the VPC's own block may have (middleboxes). */
const MIDDLEBOXES = new Set<RouteTarget['kind']>([
  'local',
  'network-interface',
  'instance',
  'vpc-endpoint',
  'nat-gateway',
]);

export const isMiddlebox = ({ kind }: RouteTarget): boolean => MIDDLEBOXES.has(kind);

/** Sets the state of every route of the VPC that points at `targetId`. */
export function markRoutesTo(
  { store }: Region,
  vpcIds: readonly string[],
  targetId: string,
  state: Route['state'],
): void {
  for (const vpcId of new Set(vpcIds)) {
    for (const table of store.lookup('ec2/route-table', 'vpc', vpcId)) {
      const points = ({ target }: Route) => target.kind !== 'local' && target.id === targetId;
      if (!table.routes.some((route) => points(route) && route.state !== state)) continue;
      const routes = table.routes.map((route) => (points(route) ? { ...route, state } : route));
      store.put('ec2/route-table', table.routeTableId, { ...table, routes });
    }
  }
}
