/** api/aws/ec2/route-tables — EC2's operations on route tables and what has which. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { done, tagsFor } from './requests.ts';

const ASSOCIATED = { State: 'associated' } as const;

export const routeTables: Handlers<EC2> = {
  CreateRouteTable(input, call) {
    const tags = tagsFor('route-table', input);
    if (isAwsError(tags)) return tags;
    const table = call.cloud.ec2.createRouteTable({ vpcId: input.VpcId!, tags });
    return made(call, 'ec2/route-table', table, 'RouteTable');
  },

  DeleteRouteTable: (input, { cloud }) =>
    done(cloud.ec2.deleteRouteTable({ routeTableId: input.RouteTableId! })),

  DescribeRouteTables: (input, call) =>
    listed(
      call,
      input,
      'ec2/route-table',
      call.cloud.ec2.describeRouteTables(askedOf(input, input.RouteTableIds)),
      'RouteTables',
    ),

  AssociateRouteTable(input, { cloud }) {
    const held = cloud.ec2.associateRouteTable({
      routeTableId: input.RouteTableId!,
      subnetId: input.SubnetId,
      gatewayId: input.GatewayId,
    });
    if (isAwsError(held)) return held;
    return { AssociationId: held.associationId, AssociationState: ASSOCIATED };
  },

  DisassociateRouteTable: (input, { cloud }) =>
    done(cloud.ec2.disassociateRouteTable({ associationId: input.AssociationId! })),

  ReplaceRouteTableAssociation(input, { cloud }) {
    const held = cloud.ec2.replaceRouteTableAssociation({
      associationId: input.AssociationId!,
      routeTableId: input.RouteTableId!,
    });
    if (isAwsError(held)) return held;
    return { NewAssociationId: held.associationId, AssociationState: ASSOCIATED };
  },

  EnableVgwRoutePropagation: (input, { cloud }) =>
    done(
      cloud.ec2.enableVgwRoutePropagation({
        routeTableId: input.RouteTableId!,
        gatewayId: input.GatewayId!,
      }),
    ),

  DisableVgwRoutePropagation: (input, { cloud }) =>
    done(
      cloud.ec2.disableVgwRoutePropagation({
        routeTableId: input.RouteTableId!,
        gatewayId: input.GatewayId!,
      }),
    ),
};
