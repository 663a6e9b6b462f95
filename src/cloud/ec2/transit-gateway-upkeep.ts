/** cloud/ec2/transit-gateway-upkeep — ends at a transit gateway: of routes, tables, propagation. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { noTransitGatewayRouteTable } from './not-found.ts';
import { tableAndAttachment } from './transit-gateway-actions.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';

type TransitUpkeep = Pick<
  UpkeepOperations,
  | 'deleteTransitGatewayRouteTable'
  | 'disassociateTransitGatewayRouteTable'
  | 'disableTransitGatewayRouteTablePropagation'
  | 'deleteTransitGatewayRoute'
>;

export const transitGatewayUpkeep = (region: Region): TransitUpkeep => ({
  deleteTransitGatewayRouteTable: ({ transitGatewayRouteTableId: id }) => deleteTable(region, id),
  disassociateTransitGatewayRouteTable({ transitGatewayRouteTableId: id, attachmentId }) {
    const pair = tableAndAttachment(region, id, attachmentId);
    if (isAwsError(pair)) return pair;
    if (pair.attachment.associatedRouteTableId !== id) {
      return awsError(
        'InvalidAssociation.NotFound',
        `Association ${attachmentId} does not exist in Transit Gateway Route Table ${id}.`,
      );
    }
    const free = { ...pair.attachment, associatedRouteTableId: undefined };
    region.store.put('ec2/transit-gateway-attachment', attachmentId, free);
    return free;
  },
  disableTransitGatewayRouteTablePropagation({ transitGatewayRouteTableId: id, attachmentId }) {
    const pair = tableAndAttachment(region, id, attachmentId);
    if (isAwsError(pair)) return pair;
    const { table } = pair;
    if (!table.propagations.includes(attachmentId)) {
      return awsError(
        'TransitGatewayRouteTablePropagation.NotFound',
        `Propagation ${attachmentId} does not exist in Transit Gateway Route Table ${id}.`,
      );
    }
    region.store.put('ec2/transit-gateway-route-table', id, {
      ...table,
      propagations: table.propagations.filter((it) => it !== attachmentId),
      routes: table.routes.filter(
        (route) => route.type !== 'propagated' || route.attachmentId !== attachmentId,
      ),
    });
    return true;
  },
  deleteTransitGatewayRoute({ transitGatewayRouteTableId: id, destinationCidrBlock }) {
    const table = region.store.get('ec2/transit-gateway-route-table', id);
    if (table === undefined) return noTransitGatewayRouteTable(id);
    const cidr = canonicalCidrText(destinationCidrBlock) ?? destinationCidrBlock;
    const routes = table.routes.filter(
      (route) => route.type !== 'static' || route.destinationCidrBlock !== cidr,
    );
    if (routes.length === table.routes.length) {
      return awsError(
        'InvalidRoute.NotFound',
        `Route ${cidr} does not exist in Transit Gateway Route Table ${id}.`,
      );
    }
    region.store.put('ec2/transit-gateway-route-table', id, { ...table, routes });
    return true;
  },
});

function deleteTable({ store }: Region, id: string): true | AwsError {
  if (store.get('ec2/transit-gateway-route-table', id) === undefined)
    return noTransitGatewayRouteTable(id);
  const isDefault = store.list('ec2/transit-gateway').some((it) => it.defaultRouteTableId === id);
  const isUsed = store
    .list('ec2/transit-gateway-attachment')
    .some((it) => it.associatedRouteTableId === id);
  if (isDefault || isUsed) {
    return awsError(
      'IncorrectState',
      isDefault
        ? `Cannot delete Transit Gateway Route Table ${id} because it is set as default route table.`
        : `Cannot delete Transit Gateway Route Table ${id} because it is associated.`,
    );
  }
  store.delete('ec2/transit-gateway-route-table', id);
  return true;
}
