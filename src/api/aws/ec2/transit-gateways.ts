/** api/aws/ec2/transit-gateways — EC2's operations on transit gateways and their attachments. */
import type { EC2, TransitGatewayVpcAttachment } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../model/aws-error.ts';
import type { TransitGatewayAttachment } from '../../../model/ec2/gateways.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { filtersOf, page, tagsFor } from './requests.ts';

/** An attachment as the operations on VPC attachments show it. */
const vpcAttachment = (
  call: AwsCall,
  attachment: TransitGatewayAttachment,
): TransitGatewayVpcAttachment => {
  const { TransitGatewayAttachmentId, TransitGatewayId, State, Tags } = shown(
    call,
    'ec2/transit-gateway-attachment',
    attachment,
  );
  return {
    TransitGatewayAttachmentId,
    TransitGatewayId,
    State,
    Tags,
    VpcId: attachment.resourceId,
    VpcOwnerId: call.cloud.accountId,
    SubnetIds: [...attachment.subnetIds],
  };
};

export const transitGateways: Handlers<EC2> = {
  CreateTransitGateway(input, call) {
    const tags = tagsFor('transit-gateway', input);
    if (isAwsError(tags)) return tags;
    const gateway = call.cloud.ec2.createTransitGateway({
      defaultRouteTable: input.Options?.DefaultRouteTableAssociation !== 'disable',
      tags,
    });
    return made(call, 'ec2/transit-gateway', gateway, 'TransitGateway');
  },

  DeleteTransitGateway(input, call) {
    const transitGatewayId = input.TransitGatewayId!;
    const held = call.store.get('ec2/transit-gateway', transitGatewayId);
    const gone = call.cloud.ec2.deleteTransitGateway({ transitGatewayId });
    if (isAwsError(gone) || held === undefined) return isAwsError(gone) ? gone : {};
    return { TransitGateway: { ...shown(call, 'ec2/transit-gateway', held), State: 'deleting' } };
  },

  DescribeTransitGateways: (input, call) =>
    listed(
      call,
      input,
      'ec2/transit-gateway',
      call.cloud.ec2.describeTransitGateways(askedOf(input, input.TransitGatewayIds)),
      'TransitGateways',
    ),

  CreateTransitGatewayVpcAttachment(input, call) {
    const tags = tagsFor('transit-gateway-attachment', input);
    if (isAwsError(tags)) return tags;
    const attachment = call.cloud.ec2.createTransitGatewayVpcAttachment({
      transitGatewayId: input.TransitGatewayId!,
      vpcId: input.VpcId!,
      subnetIds: input.SubnetIds!,
      tags,
    });
    if (isAwsError(attachment)) return attachment;
    return { TransitGatewayVpcAttachment: vpcAttachment(call, attachment) };
  },

  DeleteTransitGatewayVpcAttachment(input, call) {
    const attachmentId = input.TransitGatewayAttachmentId!;
    const held = call.store.get('ec2/transit-gateway-attachment', attachmentId);
    const gone = call.cloud.ec2.deleteTransitGatewayVpcAttachment({ attachmentId });
    if (isAwsError(gone) || held === undefined) return isAwsError(gone) ? gone : {};
    const before = vpcAttachment(call, held);
    return { TransitGatewayVpcAttachment: { ...before, State: 'deleting' } };
  },

  DescribeTransitGatewayAttachments: (input, call) =>
    listed(
      call,
      input,
      'ec2/transit-gateway-attachment',
      call.cloud.ec2.describeTransitGatewayAttachments(
        askedOf(input, input.TransitGatewayAttachmentIds),
      ),
      'TransitGatewayAttachments',
    ),

  DescribeTransitGatewayVpcAttachments(input, call) {
    const found = call.cloud.ec2.describeTransitGatewayAttachments({
      ids: input.TransitGatewayAttachmentIds,
      filters: [...filtersOf(input), { name: 'resource-type', values: ['vpc'] }],
    });
    const part = page(call, input, found, (it) => vpcAttachment(call, it));
    if (isAwsError(part)) return part;
    return { TransitGatewayVpcAttachments: part.items, NextToken: part.NextToken };
  },
};
