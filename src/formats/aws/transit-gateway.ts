/** formats/aws/transit-gateway — transit gateways, their attachments and route tables. */
import type {
  TransitGateway,
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
} from '../../model/ec2/gateways.ts';
import { type NounFormat, present, tagList } from './aws-json.ts';

export const transitGateway: NounFormat<'ec2/transit-gateway'> = {
  kind: 'ec2/transit-gateway',
  member: 'TransitGateways',
  file: 'describe-transit-gateways.json',
  toAws: (noun) => ({
    TransitGatewayId: noun.transitGatewayId,
    State: 'available',
    Options: present({
      AssociationDefaultRouteTableId: noun.defaultRouteTableId,
      SecurityGroupReferencingSupport: noun.allowsGroupReferences === true ? 'enable' : undefined,
    }),
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): TransitGateway => ({
    transitGatewayId: read.id('TransitGatewayId'),
    defaultRouteTableId: read.object('Options')?.optionalText('AssociationDefaultRouteTableId'),
    ...(read.object('Options')?.optionalText('SecurityGroupReferencingSupport') === 'enable'
      ? { allowsGroupReferences: true }
      : {}),
    tags: read.tags(),
  }),
};

export const transitGatewayAttachment: NounFormat<'ec2/transit-gateway-attachment'> = {
  kind: 'ec2/transit-gateway-attachment',
  member: 'TransitGatewayAttachments',
  file: 'describe-transit-gateway-attachments.json',
  toAws: (noun) =>
    present({
      TransitGatewayAttachmentId: noun.attachmentId,
      TransitGatewayId: noun.transitGatewayId,
      ResourceType: noun.resourceType,
      ResourceId: noun.resourceId,
      State: 'available',
      Association: noun.associatedRouteTableId && {
        TransitGatewayRouteTableId: noun.associatedRouteTableId,
        State: 'associated',
      },
      // describe-transit-gateway-vpc-attachments shows them; kept here so that one file tells all.
      SubnetIds: noun.subnetIds,
      Tags: tagList(noun.tags),
    }),
  fromAws: (read): TransitGatewayAttachment => ({
    attachmentId: read.text('TransitGatewayAttachmentId'),
    transitGatewayId: read.id('TransitGatewayId'),
    resourceType: (read.optionalText('ResourceType') ??
      'vpc') as TransitGatewayAttachment['resourceType'],
    resourceId: read.optionalText('ResourceId') ?? read.text('VpcId'),
    subnetIds: read.texts('SubnetIds') as unknown as TransitGatewayAttachment['subnetIds'],
    networkInterfaceIds: [],
    associatedRouteTableId: read.object('Association')?.optionalText('TransitGatewayRouteTableId'),
    tags: read.tags(),
  }),
};

export const transitGatewayRouteTable: NounFormat<'ec2/transit-gateway-route-table'> = {
  kind: 'ec2/transit-gateway-route-table',
  member: 'TransitGatewayRouteTables',
  file: 'describe-transit-gateway-route-tables.json',
  toAws: (noun) => ({
    TransitGatewayRouteTableId: noun.transitGatewayRouteTableId,
    TransitGatewayId: noun.transitGatewayId,
    State: 'available',
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): TransitGatewayRouteTable => ({
    transitGatewayRouteTableId: read.text('TransitGatewayRouteTableId'),
    transitGatewayId: read.id('TransitGatewayId'),
    // Documents of their own: search-transit-gateway-routes, get-…-propagations.
    routes: [],
    propagations: [],
    tags: read.tags(),
  }),
};
