/** cloud/ec2/vpn-gateway-actions — virtual private gateways and the routes they propagate. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { VpnGateway } from '../../model/ec2/gateways.ts';
import type { VpcId, VpnGatewayId } from '../../model/ec2/ids.ts';
import type { Route, RouteTable } from '../../model/ec2/route-table.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { hasDependencies, invalidValue, noRouteTable, noVpc, noVpnGateway } from './not-found.ts';
import { markRoutesTo } from './route-target.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';
import type { VpcOperations } from './vpc-operations.ts';

const DESCRIBED_VPN_GATEWAY: Described<'ec2/vpn-gateway'> = {
  kind: 'ec2/vpn-gateway',
  missing: noVpnGateway,
  filters: {
    'vpn-gateway-id': (it) => it.vpnGatewayId,
    'attachment.vpc-id': (it) => it.vpcId,
    'attachment.state': (it) => (it.vpcId === undefined ? undefined : 'attached'),
    state: () => 'available',
    type: () => 'ipsec.1',
    'amazon-side-asn': () => 64_512,
    'availability-zone': () => undefined,
  },
};

type VpnGatewayActions = Pick<
  VpcOperations & UpkeepOperations,
  | 'createVpnGateway'
  | 'deleteVpnGateway'
  | 'attachVpnGateway'
  | 'detachVpnGateway'
  | 'enableVgwRoutePropagation'
  | 'disableVgwRoutePropagation'
  | 'describeVpnGateways'
>;

export const vpnGatewayActions = (region: Region): VpnGatewayActions => ({
  createVpnGateway({ remoteCidrs = [], tags }) {
    const canonical: string[] = [];
    for (const text of remoteCidrs) {
      const cidr = canonicalCidrText(text);
      if (cidr === undefined) return invalidValue(`CIDR block ${text} is malformed`);
      canonical.push(cidr);
    }
    const gateway: VpnGateway = {
      vpnGatewayId: region.ids.next<VpnGatewayId>('vgw'),
      remoteCidrs: canonical,
      tags: tags ?? {},
    };
    region.store.put('ec2/vpn-gateway', gateway.vpnGatewayId, gateway);
    return gateway;
  },
  deleteVpnGateway({ vpnGatewayId }) {
    const gateway = region.store.get('ec2/vpn-gateway', vpnGatewayId);
    if (gateway === undefined) return noVpnGateway(vpnGatewayId);
    if (gateway.vpcId !== undefined) return hasDependencies('vpnGateway', vpnGatewayId);
    region.store.delete('ec2/vpn-gateway', vpnGatewayId);
    return true;
  },
  attachVpnGateway: ({ vpnGatewayId, vpcId }) => attach(region, vpnGatewayId, vpcId),
  detachVpnGateway({ vpnGatewayId, vpcId }) {
    const gateway = region.store.get('ec2/vpn-gateway', vpnGatewayId);
    if (gateway === undefined) return noVpnGateway(vpnGatewayId);
    if (gateway.vpcId !== vpcId) {
      return awsError(
        'InvalidVpnGatewayAttachment.NotFound',
        `The attachment with vpn gateway ID '${vpnGatewayId}' and vpc ID '${vpcId}' does not exist`,
      );
    }
    region.store.put('ec2/vpn-gateway', vpnGatewayId, { ...gateway, vpcId: undefined });
    withdraw(region, vpcId, vpnGatewayId);
    markRoutesTo(region, [vpcId], vpnGatewayId, 'blackhole');
    return true;
  },
  enableVgwRoutePropagation: ({ routeTableId, gatewayId }) =>
    enablePropagation(region, routeTableId, gatewayId),
  disableVgwRoutePropagation({ routeTableId, gatewayId }) {
    const table = region.store.get('ec2/route-table', routeTableId);
    if (table === undefined) return noRouteTable(routeTableId);
    if (region.store.get('ec2/vpn-gateway', gatewayId) === undefined)
      return noVpnGateway(gatewayId);
    withdrawFrom(region, table, gatewayId);
    return true;
  },
  describeVpnGateways: ({ ids, filters }) => describe(region, DESCRIBED_VPN_GATEWAY, ids, filters),
});

function attach(region: Region, id: string, vpcId: string): true | AwsError {
  const gateway = region.store.get('ec2/vpn-gateway', id);
  if (gateway === undefined) return noVpnGateway(id);
  if (region.store.get('ec2/vpc', vpcId) === undefined) return noVpc(vpcId);
  const taken = region.store.list('ec2/vpn-gateway').some((it) => it.vpcId === vpcId);
  if (taken || gateway.vpcId !== undefined) {
    return awsError(
      'VpnGatewayAttachmentLimitExceeded',
      'The maximum number of virtual private gateway attachments has been reached.',
    );
  }
  region.store.put('ec2/vpn-gateway', id, { ...gateway, vpcId: vpcId as VpcId });
  markRoutesTo(region, [vpcId], id, 'active');
  return true;
}

function enablePropagation(region: Region, tableId: string, id: string): true | AwsError {
  const table = region.store.get('ec2/route-table', tableId);
  if (table === undefined) return noRouteTable(tableId);
  const gateway = region.store.get('ec2/vpn-gateway', id);
  if (gateway === undefined) return noVpnGateway(id);
  if (gateway.vpcId !== table.vpcId) {
    return awsError(
      'Gateway.NotAttached',
      `resource ${id} is not attached to network ${table.vpcId}`,
    );
  }
  if (table.propagatingVgws.includes(id)) return true;
  region.store.put('ec2/route-table', tableId, {
    ...table,
    propagatingVgws: [...table.propagatingVgws, id],
    routes: [...table.routes, ...propagatedRoutes(table, gateway)],
  });
  return true;
}

/** A route for each block beyond the gateway that the table has no route of its own for. */
function propagatedRoutes(table: RouteTable, { vpnGatewayId, remoteCidrs }: VpnGateway): Route[] {
  const known = new Set(
    table.routes.map(({ destination }) =>
      destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr,
    ),
  );
  return remoteCidrs
    .filter((cidr) => !known.has(cidr))
    .map((cidr) => ({
      destination: { kind: cidr.includes(':') ? 'ipv6' : 'ipv4', cidr },
      target: { kind: 'vpn-gateway', id: vpnGatewayId },
      state: 'active',
      origin: 'EnableVgwRoutePropagation',
    }));
}

/** Takes the routes a gateway propagated out of the VPC's tables. */
function withdraw(region: Region, vpcId: string, id: string): void {
  for (const table of region.store.lookup('ec2/route-table', 'vpc', vpcId))
    withdrawFrom(region, table, id);
}

function withdrawFrom(region: Region, table: RouteTable, id: string): void {
  if (!table.propagatingVgws.includes(id)) return;
  region.store.put('ec2/route-table', table.routeTableId, {
    ...table,
    propagatingVgws: table.propagatingVgws.filter((it) => it !== id),
    routes: table.routes.filter(
      ({ target, origin }) =>
        origin !== 'EnableVgwRoutePropagation' || target.kind === 'local' || target.id !== id,
    ),
  });
}
