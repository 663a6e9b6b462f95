/** api/aws/ec2/dhcp-options — EC2's operations on sets of DHCP options. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { done, tagsFor } from './requests.ts';

export const dhcpOptions: Handlers<EC2> = {
  CreateDhcpOptions(input, call) {
    const tags = tagsFor('dhcp-options', input);
    if (isAwsError(tags)) return tags;
    const options = call.cloud.ec2.createDhcpOptions({
      configurations: (input.DhcpConfigurations ?? []).map(({ Key = '', Values = [] }) => ({
        key: Key,
        values: Values,
      })),
      tags,
    });
    return made(call, 'ec2/dhcp-options', options, 'DhcpOptions');
  },

  AssociateDhcpOptions: (input, { cloud }) =>
    done(
      cloud.ec2.associateDhcpOptions({
        dhcpOptionsId: input.DhcpOptionsId!,
        vpcId: input.VpcId!,
      }),
    ),

  DeleteDhcpOptions: (input, { cloud }) =>
    done(cloud.ec2.deleteDhcpOptions({ dhcpOptionsId: input.DhcpOptionsId! })),

  DescribeDhcpOptions: (input, call) =>
    listed(
      call,
      input,
      'ec2/dhcp-options',
      call.cloud.ec2.describeDhcpOptions(askedOf(input, input.DhcpOptionsIds)),
      'DhcpOptions',
    ),
};
