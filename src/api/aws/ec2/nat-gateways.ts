/** api/aws/ec2/nat-gateways — EC2's operations on NAT gateways. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { listed } from './nouns-of.ts';
import { filtersOf, tagsFor } from './requests.ts';

export const natGateways: Handlers<EC2> = {
  CreateNatGateway(input, call) {
    const tags = tagsFor('natgateway', input);
    if (isAwsError(tags)) return tags;
    const { SecondaryAllocationIds = [], SecondaryPrivateIpAddresses = [] } = input;
    const secondaries = SecondaryAllocationIds.length + SecondaryPrivateIpAddresses.length;
    if (secondaries > 0 || (input.SecondaryPrivateIpAddressCount ?? 0) > 0) {
      return awsError(
        'UnsupportedOperation',
        'Secondary addresses of NAT gateways are not simulated by ekstwin.',
      );
    }
    if (input.SubnetId === undefined) {
      return awsError('MissingParameter', 'The request must contain the parameter SubnetId');
    }
    const gateway = call.cloud.ec2.createNatGateway({
      subnetId: input.SubnetId,
      allocationId: input.AllocationId,
      connectivityType: input.ConnectivityType === 'private' ? 'private' : 'public',
      privateIpAddress: input.PrivateIpAddress,
      tags,
    });
    if (isAwsError(gateway)) return gateway;
    // Its own answer is early: DescribeNatGateways says `available` at once.
    const NatGateway = { ...shown(call, 'ec2/nat-gateway', gateway), State: 'pending' as const };
    return { ClientToken: input.ClientToken, NatGateway };
  },

  DeleteNatGateway(input, { cloud }) {
    const natGatewayId = input.NatGatewayId!;
    const gone = cloud.ec2.deleteNatGateway({ natGatewayId });
    return isAwsError(gone) ? gone : { NatGatewayId: natGatewayId };
  },

  DescribeNatGateways(input, call) {
    const filters = filtersOf({ Filters: input.Filter });
    const found = call.cloud.ec2.describeNatGateways({ ids: input.NatGatewayIds, filters });
    const { MaxResults, NextToken } = input;
    return listed(call, { MaxResults, NextToken }, 'ec2/nat-gateway', found, 'NatGateways');
  },
};
