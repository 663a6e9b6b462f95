/** formats/aws/dhcp-options — `aws ec2 describe-dhcp-options`. */
import type { DhcpOptions } from '../../model/ec2/dhcp-options.ts';
import { type NounFormat, tagList } from './aws-json.ts';

export const dhcpOptions: NounFormat<'ec2/dhcp-options'> = {
  kind: 'ec2/dhcp-options',
  member: 'DhcpOptions',
  file: 'describe-dhcp-options.json',
  toAws: (noun) => ({
    DhcpConfigurations: noun.configurations.map(({ key, values }) => ({
      Key: key,
      Values: values.map((Value) => ({ Value })),
    })),
    DhcpOptionsId: noun.dhcpOptionsId,
    OwnerId: noun.ownerId,
    Tags: tagList(noun.tags),
  }),
  fromAws: (read): DhcpOptions => ({
    dhcpOptionsId: read.text('DhcpOptionsId'),
    ownerId: read.optionalText('OwnerId') ?? '',
    configurations: read.list('DhcpConfigurations').map((it) => ({
      key: it.text('Key'),
      values: it.list('Values').map((value) => value.text('Value')),
    })),
    tags: read.tags(),
  }),
};
