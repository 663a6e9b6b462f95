/** api/aws/ec2/peerings — EC2's operations on VPC peering connections. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { missingParameter } from '../../../cloud/ec2/not-found.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { done, tagsFor } from './requests.ts';

export const peerings: Handlers<EC2> = {
  CreateVpcPeeringConnection(input, call) {
    const tags = tagsFor('vpc-peering-connection', input);
    if (isAwsError(tags)) return tags;
    const { PeerOwnerId = call.cloud.accountId, PeerRegion = call.cloud.region } = input;
    if (PeerOwnerId !== call.cloud.accountId || PeerRegion !== call.cloud.region) {
      return awsError(
        'UnsupportedOperation',
        `ekstwin is one account in one region (${call.cloud.accountId}, ${call.cloud.region}): ` +
          'it cannot peer with another.',
      );
    }
    if (input.PeerVpcId === undefined) return missingParameter('peerVpcId');
    const peering = call.cloud.ec2.createVpcPeeringConnection({
      vpcId: input.VpcId!,
      peerVpcId: input.PeerVpcId,
      tags,
    });
    return made(call, 'ec2/vpc-peering-connection', peering, 'VpcPeeringConnection');
  },

  AcceptVpcPeeringConnection: (input, call) =>
    made(
      call,
      'ec2/vpc-peering-connection',
      call.cloud.ec2.acceptVpcPeeringConnection({
        vpcPeeringConnectionId: input.VpcPeeringConnectionId!,
      }),
      'VpcPeeringConnection',
    ),

  RejectVpcPeeringConnection: (input, { cloud }) =>
    done(
      cloud.ec2.rejectVpcPeeringConnection({
        vpcPeeringConnectionId: input.VpcPeeringConnectionId!,
      }),
    ),

  DeleteVpcPeeringConnection: (input, { cloud }) =>
    done(
      cloud.ec2.deleteVpcPeeringConnection({
        vpcPeeringConnectionId: input.VpcPeeringConnectionId!,
      }),
    ),

  DescribeVpcPeeringConnections: (input, call) =>
    listed(
      call,
      input,
      'ec2/vpc-peering-connection',
      call.cloud.ec2.describeVpcPeeringConnections(askedOf(input, input.VpcPeeringConnectionIds)),
      'VpcPeeringConnections',
    ),
};
