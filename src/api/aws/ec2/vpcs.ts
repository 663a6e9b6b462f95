/** api/aws/ec2/vpcs — EC2's operations on VPCs and their address blocks. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { VpcCidrAssociation } from '../../../model/ec2/vpc.ts';
import type { Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { done, filtersOf, page, tagsFor } from './requests.ts';

export const vpcs: Handlers<EC2> = {
  CreateVpc(input, call) {
    const tags = tagsFor('vpc', input);
    if (isAwsError(tags)) return tags;
    if (input.CidrBlock === undefined)
      return awsError('MissingParameter', 'Either CidrBlock or Ipv4IpamPoolId must be provided.');
    const vpc = call.cloud.ec2.createVpc({
      cidrBlock: input.CidrBlock,
      amazonProvidedIpv6CidrBlock: input.AmazonProvidedIpv6CidrBlock,
      tags,
    });
    if (isAwsError(vpc)) return vpc;
    // Its own answer is early: DescribeVpcs says `available` at once.
    return { Vpc: { ...shown(call, 'ec2/vpc', vpc), State: 'pending' } };
  },

  DeleteVpc: (input, { cloud }) => done(cloud.ec2.deleteVpc({ vpcId: input.VpcId! })),

  DescribeVpcs(input, call) {
    const found = call.cloud.ec2.describeVpcs({
      vpcIds: input.VpcIds,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, (vpc) => shown(call, 'ec2/vpc', vpc));
    return isAwsError(part) ? part : { Vpcs: part.items, NextToken: part.NextToken };
  },

  ModifyVpcAttribute(input, { cloud }) {
    const given = [
      input.EnableDnsSupport,
      input.EnableDnsHostnames,
      input.EnableNetworkAddressUsageMetrics,
    ];
    if (given.filter((it) => it !== undefined).length > 1)
      return awsError(
        'InvalidParameterCombination',
        'Fields for multiple attribute types specified',
      );
    return done(
      cloud.ec2.modifyVpcAttribute({
        vpcId: input.VpcId!,
        enableDnsSupport: input.EnableDnsSupport?.Value,
        enableDnsHostnames: input.EnableDnsHostnames?.Value,
        enableNetworkAddressUsageMetrics: input.EnableNetworkAddressUsageMetrics?.Value,
      }),
    );
  },

  DescribeVpcAttribute(input, { cloud }) {
    const found = cloud.ec2.describeVpcs({ vpcIds: [input.VpcId!] });
    if (isAwsError(found)) return found;
    const [vpc] = found;
    const { vpcId: VpcId, enableDnsSupport, enableDnsHostnames } = vpc!;
    switch (input.Attribute) {
      case 'enableDnsSupport':
        return { VpcId, EnableDnsSupport: { Value: enableDnsSupport } };
      case 'enableDnsHostnames':
        return { VpcId, EnableDnsHostnames: { Value: enableDnsHostnames } };
      case 'enableNetworkAddressUsageMetrics':
        return {
          VpcId,
          EnableNetworkAddressUsageMetrics: {
            Value: vpc!.enableNetworkAddressUsageMetrics ?? false,
          },
        };
      default:
        return awsError(
          'InvalidParameterValue',
          `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
        );
    }
  },

  AssociateVpcCidrBlock(input, { cloud }) {
    const added = cloud.ec2.associateVpcCidrBlock({
      vpcId: input.VpcId!,
      cidrBlock: input.CidrBlock,
      amazonProvidedIpv6CidrBlock: input.AmazonProvidedIpv6CidrBlock,
    });
    return isAwsError(added) ? added : { VpcId: input.VpcId, ...association(added, 'associating') };
  },

  DisassociateVpcCidrBlock(input, { cloud, store }) {
    const associationId = input.AssociationId!;
    const owner = store
      .list('ec2/vpc')
      .find((vpc) =>
        [...vpc.cidrBlocks, ...vpc.ipv6CidrBlocks].some((it) => it.associationId === associationId),
      );
    const gone = cloud.ec2.disassociateVpcCidrBlock({ associationId });
    return isAwsError(gone)
      ? gone
      : { VpcId: owner?.vpcId, ...association(gone, 'disassociating') };
  },
};

/** A block of the VPC on its way in or out, under the member of its family. */
function association(
  { associationId: AssociationId, cidrBlock }: VpcCidrAssociation,
  state: 'associating' | 'disassociating',
) {
  const State = { State: state };
  return cidrBlock.includes(':')
    ? {
        Ipv6CidrBlockAssociation: {
          AssociationId,
          Ipv6CidrBlock: cidrBlock,
          Ipv6CidrBlockState: State,
        },
      }
    : { CidrBlockAssociation: { AssociationId, CidrBlock: cidrBlock, CidrBlockState: State } };
}
