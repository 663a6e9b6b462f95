/** api/aws/ec2/prefix-lists — EC2's operations on prefix lists, customers' and AWS's own. */
import type { EC2, ManagedPrefixList } from '@aws-sdk/client-ec2';
import { noPrefixList } from '../../../cloud/ec2/not-found.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { PrefixList } from '../../../model/ec2/gateways.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { ANY_PAGE } from './nouns-of.ts';
import { filtersOf, page, tagsFor } from './requests.ts';

/** With what the noun alone does not say: its ARN, its owner, its version. */
const showList = ({ cloud, ...call }: AwsCall, list: PrefixList): ManagedPrefixList => {
  const owner = list.awsManaged ? 'aws' : cloud.accountId;
  return {
    ...shown({ cloud, ...call }, 'ec2/prefix-list', list),
    PrefixListArn: `arn:aws:ec2:${cloud.region}:${owner}:prefix-list/${list.prefixListId}`,
    OwnerId: list.awsManaged ? 'AWS' : cloud.accountId,
    ...(list.awsManaged ? { MaxEntries: undefined } : { Version: list.version ?? 1 }),
  };
};

export const prefixLists: Handlers<EC2> = {
  CreateManagedPrefixList(input, call) {
    const tags = tagsFor('prefix-list', input);
    if (isAwsError(tags)) return tags;
    const { AddressFamily } = input;
    if (AddressFamily !== 'IPv4' && AddressFamily !== 'IPv6') {
      return awsError(
        'InvalidParameterValue',
        `Value (${AddressFamily}) for parameter addressFamily is invalid.`,
      );
    }
    const list = call.cloud.ec2.createManagedPrefixList({
      prefixListName: input.PrefixListName!,
      addressFamily: AddressFamily,
      maxEntries: input.MaxEntries!,
      entries: input.Entries?.map(({ Cidr = '', Description }) => ({
        cidr: Cidr,
        description: Description,
      })),
      tags,
    });
    return isAwsError(list) ? list : { PrefixList: showList(call, list) };
  },

  ModifyManagedPrefixList(input, call) {
    const list = call.cloud.ec2.modifyManagedPrefixList({
      prefixListId: input.PrefixListId!,
      currentVersion: input.CurrentVersion,
      prefixListName: input.PrefixListName,
      maxEntries: input.MaxEntries,
      addEntries: input.AddEntries?.map(({ Cidr = '', Description }) => ({
        cidr: Cidr,
        description: Description,
      })),
      removeCidrs: input.RemoveEntries?.map(({ Cidr = '' }) => Cidr),
    });
    return isAwsError(list) ? list : { PrefixList: showList(call, list) };
  },

  DeleteManagedPrefixList(input, call) {
    const prefixListId = input.PrefixListId!;
    const list = call.store.get('ec2/prefix-list', prefixListId);
    const gone = call.cloud.ec2.deleteManagedPrefixList({ prefixListId });
    if (isAwsError(gone) || list === undefined) return isAwsError(gone) ? gone : {};
    return { PrefixList: { ...showList(call, list), State: 'delete-complete' } };
  },

  DescribeManagedPrefixLists(input, call) {
    const found = call.cloud.ec2.describeManagedPrefixLists({
      ids: input.PrefixListIds,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, (list) => showList(call, list), ANY_PAGE);
    return isAwsError(part) ? part : { PrefixLists: part.items, NextToken: part.NextToken };
  },

  GetManagedPrefixListEntries(input, call) {
    const list = call.store.get('ec2/prefix-list', input.PrefixListId!);
    if (list === undefined) return noPrefixList(input.PrefixListId!);
    const wanted = input.TargetVersion;
    if (wanted !== undefined && wanted !== (list.version ?? 1)) {
      return awsError(
        'UnsupportedOperation',
        `ekstwin keeps the newest version of a prefix list only: ${list.version ?? 1}.`,
      );
    }
    const part = page(
      call,
      input,
      list.entries,
      ({ cidr, description }) => ({ Cidr: cidr, Description: description }),
      ANY_PAGE,
    );
    return isAwsError(part) ? part : { Entries: part.items, NextToken: part.NextToken };
  },

  DescribePrefixLists(input, call) {
    const found = call.cloud.ec2.describeManagedPrefixLists({
      ids: input.PrefixListIds,
      filters: filtersOf(input),
    });
    const own = isAwsError(found) ? found : found.filter(({ awsManaged }) => awsManaged);
    const part = page(
      call,
      input,
      own,
      ({ prefixListId, prefixListName, entries }) => ({
        PrefixListId: prefixListId,
        PrefixListName: prefixListName,
        Cidrs: entries.map(({ cidr }) => cidr),
      }),
      ANY_PAGE,
    );
    return isAwsError(part) ? part : { PrefixLists: part.items, NextToken: part.NextToken };
  },
};
