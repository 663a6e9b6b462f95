/** api/aws/ec2/internet-gateways — EC2's operations on internet gateways, egress-only ones too. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { done, tagsFor } from './requests.ts';

export const internetGateways: Handlers<EC2> = {
  CreateInternetGateway(input, call) {
    const tags = tagsFor('internet-gateway', input);
    if (isAwsError(tags)) return tags;
    const gateway = call.cloud.ec2.createInternetGateway({ tags });
    return made(call, 'ec2/internet-gateway', gateway, 'InternetGateway');
  },

  AttachInternetGateway: (input, { cloud }) =>
    done(
      cloud.ec2.attachInternetGateway({
        internetGatewayId: input.InternetGatewayId!,
        vpcId: input.VpcId!,
      }),
    ),

  DetachInternetGateway: (input, { cloud }) =>
    done(
      cloud.ec2.detachInternetGateway({
        internetGatewayId: input.InternetGatewayId!,
        vpcId: input.VpcId!,
      }),
    ),

  DeleteInternetGateway: (input, { cloud }) =>
    done(cloud.ec2.deleteInternetGateway({ internetGatewayId: input.InternetGatewayId! })),

  DescribeInternetGateways: (input, call) =>
    listed(
      call,
      input,
      'ec2/internet-gateway',
      call.cloud.ec2.describeInternetGateways(askedOf(input, input.InternetGatewayIds)),
      'InternetGateways',
    ),

  CreateEgressOnlyInternetGateway(input, call) {
    const tags = tagsFor('egress-only-internet-gateway', input);
    if (isAwsError(tags)) return tags;
    const gateway = call.cloud.ec2.createEgressOnlyInternetGateway({ vpcId: input.VpcId!, tags });
    const kind = 'ec2/egress-only-internet-gateway';
    const answer = made(call, kind, gateway, 'EgressOnlyInternetGateway');
    return isAwsError(answer) ? answer : { ...answer, ClientToken: input.ClientToken };
  },

  DeleteEgressOnlyInternetGateway(input, { cloud }) {
    const gone = cloud.ec2.deleteEgressOnlyInternetGateway({
      egressOnlyInternetGatewayId: input.EgressOnlyInternetGatewayId!,
    });
    return isAwsError(gone) ? gone : { ReturnCode: true };
  },

  DescribeEgressOnlyInternetGateways: (input, call) =>
    listed(
      call,
      input,
      'ec2/egress-only-internet-gateway',
      call.cloud.ec2.describeEgressOnlyInternetGateways(
        askedOf(input, input.EgressOnlyInternetGatewayIds),
      ),
      'EgressOnlyInternetGateways',
    ),
};
