/** api/aws/ec2/tags — EC2's operations on tags of any resource. */
import type { EC2, TagDescription } from '@aws-sdk/client-ec2';
import { type FilterTable, filterTest, plainValue } from '../../../cloud/ec2/filters.ts';
import { missingParameter } from '../../../cloud/ec2/not-found.ts';
import { AWS_KINDS } from '../../../formats/aws/nouns.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { AwsKinds, TwinStore } from '../../../model/kinds.ts';
import type { Handlers } from '../operation.ts';
import { filtersOf, page, silent } from './requests.ts';

type Ec2Kind = Extract<keyof AwsKinds, `ec2/${string}`>;

const EC2_KINDS = AWS_KINDS.filter((kind): kind is Ec2Kind => kind.startsWith('ec2/'));

/** What DescribeTags calls a kind, where that is not our name of it. */
const RESOURCE_TYPES: Partial<Record<Ec2Kind, string>> = {
  'ec2/nat-gateway': 'natgateway',
  'ec2/flow-log': 'vpc-flow-log',
};

interface DescribedTag {
  readonly Key: string;
  readonly Value: string;
  readonly ResourceId: string;
  readonly ResourceType: string;
  /** The tag once more, for `tag:<key>` filters. */
  readonly tags: Tags;
}

const tagsOf = (ResourceId: string, ResourceType: string, tags: Tags): DescribedTag[] =>
  Object.entries(tags).map(([Key, Value]) => ({
    Key,
    Value,
    ResourceId,
    ResourceType,
    tags: { [Key]: Value },
  }));

/** Every tag of the region, or of the one resource that is asked for. */
function* allTags(store: TwinStore, resourceId: string | undefined): Generator<DescribedTag> {
  for (const kind of EC2_KINDS) {
    const type = RESOURCE_TYPES[kind] ?? kind.slice('ec2/'.length);
    const only = resourceId === undefined ? undefined : store.entry(kind, resourceId);
    const entries = resourceId === undefined ? store.entries(kind) : [only];
    for (const entry of entries)
      if (entry !== undefined) yield* tagsOf(entry.key, type, entry.value.tags);
  }
  for (const { value: group } of store.entries('ec2/security-group'))
    for (const { ruleId, tags } of group.rules)
      if (resourceId === undefined || resourceId === ruleId)
        yield* tagsOf(ruleId, 'security-group-rule', tags);
}

/** DescribeTags' filters and what each is held against. */
const TAG_FILTERS: FilterTable<DescribedTag> = {
  key: ({ Key }) => Key,
  value: ({ Value }) => Value,
  'resource-id': ({ ResourceId }) => ResourceId,
  'resource-type': ({ ResourceType }) => ResourceType,
};

export const tags: Handlers<EC2> = {
  CreateTags(input, { cloud }) {
    if (input.Resources!.length === 0) return missingParameter('resourceIdSet');
    return silent(
      cloud.ec2.createTags({
        resources: input.Resources!,
        tags: Object.fromEntries(input.Tags!.map(({ Key = '', Value = '' }) => [Key, Value])),
      }),
    );
  },

  DeleteTags(input, { cloud }) {
    const named = input.Tags ?? [];
    const keys = named.map(({ Key = '' }) => Key);
    const values = Object.fromEntries(
      named.flatMap(({ Key = '', Value }) => (Value === undefined ? [] : [[Key, Value]])),
    );
    return silent(
      cloud.ec2.deleteTags({
        resources: input.Resources!,
        keys: keys.length === 0 ? undefined : keys,
        values,
      }),
    );
  },

  DescribeTags(input, call) {
    const filters = filtersOf(input);
    const test = filterTest(TAG_FILTERS, filters);
    if (isAwsError(test)) return test;
    const all = [...allTags(call.store, plainValue(filters, 'resource-id'))];
    const part = page(
      call,
      input,
      all.filter(test),
      ({ Key, Value, ResourceId, ResourceType }) => ({
        Key,
        Value,
        ResourceId,
        ResourceType: ResourceType as NonNullable<TagDescription['ResourceType']>,
      }),
    );
    return isAwsError(part) ? part : { Tags: part.items, NextToken: part.NextToken };
  },
};
