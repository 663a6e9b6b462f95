/** conformance/awsapi/transit — EC2's actions on transit gateways. */
import { isAwsError } from '../../src/model/aws-error.ts';
import { asJson, describing, type Handlers, one, type Request } from './wire.ts';

export const transitHandlers: Handlers = {
  CreateTransitGateway: (request, backend) =>
    one(
      backend,
      'TransitGateway',
      'ec2/transit-gateway',
      backend.cloud.ec2.createTransitGateway({
        defaultRouteTable:
          request.object('Options')?.optional('DefaultRouteTableAssociation') !== 'disable',
        tags: request.tags(),
      }),
    ),
  DescribeTransitGateways: describing('ec2/transit-gateway', 'TransitGatewayIds', (ec2, asked) =>
    ec2.describeTransitGateways(asked),
  ),
  CreateTransitGatewayVpcAttachment: (request, backend) => {
    const vpcId = request.text('VpcId');
    const made = backend.cloud.ec2.createTransitGatewayVpcAttachment({
      transitGatewayId: request.text('TransitGatewayId'),
      vpcId,
      subnetIds: request.texts('SubnetIds') ?? [],
      tags: request.tags(),
    });
    if (isAwsError(made)) return made;
    const json = asJson(backend, 'ec2/transit-gateway-attachment', made);
    return { TransitGatewayVpcAttachment: { ...json, VpcId: vpcId } };
  },
  CreateTransitGatewayRouteTable: (request, backend) =>
    one(
      backend,
      'TransitGatewayRouteTable',
      'ec2/transit-gateway-route-table',
      backend.cloud.ec2.createTransitGatewayRouteTable({
        transitGatewayId: request.text('TransitGatewayId'),
        tags: request.tags(),
      }),
    ),
  DeleteTransitGateway: (request, { cloud }) => {
    const transitGatewayId = request.text('TransitGatewayId');
    const gone = cloud.ec2.deleteTransitGateway({ transitGatewayId });
    if (isAwsError(gone)) return gone;
    return { TransitGateway: { TransitGatewayId: transitGatewayId, State: 'deleting' } };
  },
  DeleteTransitGatewayVpcAttachment: (request, { cloud }) => {
    const attachmentId = request.text('TransitGatewayAttachmentId');
    const gone = cloud.ec2.deleteTransitGatewayVpcAttachment({ attachmentId });
    if (isAwsError(gone)) return gone;
    const state = { TransitGatewayAttachmentId: attachmentId, State: 'deleting' };
    return { TransitGatewayVpcAttachment: state };
  },
  DescribeTransitGatewayAttachments: describing(
    'ec2/transit-gateway-attachment',
    'TransitGatewayAttachmentIds',
    (ec2, asked) => ec2.describeTransitGatewayAttachments(asked),
  ),
  DescribeTransitGatewayRouteTables: describing(
    'ec2/transit-gateway-route-table',
    'TransitGatewayRouteTableIds',
    (ec2, asked) => ec2.describeTransitGatewayRouteTables(asked),
  ),
  AssociateTransitGatewayRouteTable: (request, { cloud }) => {
    const { tableId, attachmentId, pair } = tableAndAttachment(request);
    const made = cloud.ec2.associateTransitGatewayRouteTable({
      transitGatewayRouteTableId: tableId,
      attachmentId,
    });
    return isAwsError(made) ? made : { Association: { ...pair, State: 'associating' } };
  },
  EnableTransitGatewayRouteTablePropagation: (request, { cloud }) => {
    const { tableId, attachmentId, pair } = tableAndAttachment(request);
    const made = cloud.ec2.enableTransitGatewayRouteTablePropagation({
      transitGatewayRouteTableId: tableId,
      attachmentId,
    });
    return isAwsError(made) ? made : { Propagation: { ...pair, State: 'enabled' } };
  },
  CreateTransitGatewayRoute: (request, { cloud }) => {
    const destinationCidrBlock = request.text('DestinationCidrBlock');
    const attachmentId = request.optional('TransitGatewayAttachmentId');
    const made = cloud.ec2.createTransitGatewayRoute({
      transitGatewayRouteTableId: request.text('TransitGatewayRouteTableId'),
      destinationCidrBlock,
      attachmentId,
    });
    if (isAwsError(made)) return made;
    const State = attachmentId === undefined ? 'blackhole' : 'active';
    return { Route: { DestinationCidrBlock: destinationCidrBlock, Type: 'static', State } };
  },
};

function tableAndAttachment(request: Request) {
  const tableId = request.text('TransitGatewayRouteTableId');
  const attachmentId = request.text('TransitGatewayAttachmentId');
  const pair = { TransitGatewayRouteTableId: tableId, TransitGatewayAttachmentId: attachmentId };
  return { tableId, attachmentId, pair };
}
