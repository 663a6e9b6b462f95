/**
 * api/aws/ec2/requests — what many EC2 requests have in common: filters, tags for what they create,
 * pages, and the answer of operations that only say that it is done.
 */
import type {
  Filter as SdkFilter,
  TagSpecification as SdkTagSpecification,
} from '@aws-sdk/client-ec2';
import type { Filter } from '../../../cloud/ec2/operations.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { AwsCall } from '../operation.ts';
import { pageOf } from '../page.ts';

/** `Filters` of a request. */
export const filtersOf = ({
  Filters,
}: {
  readonly Filters?: readonly SdkFilter[] | undefined;
}): readonly Filter[] =>
  (Filters ?? []).map(({ Name, Values }) => ({ name: Name ?? '', values: Values ?? [] }));

/**
 * Tags for what a request creates, from `TagSpecifications`.
 *
 * @param resourceType  `vpc`, `security-group`, …: a specification for another type is refused
 */
export function tagsFor(
  resourceType: string,
  {
    TagSpecifications,
  }: { readonly TagSpecifications?: readonly SdkTagSpecification[] | undefined },
): Tags | undefined | AwsError {
  if (TagSpecifications === undefined || TagSpecifications.length === 0) return undefined;
  const tags: Record<string, string> = {};
  for (const { ResourceType, Tags: listed } of TagSpecifications) {
    if (ResourceType !== resourceType) {
      return awsError(
        'InvalidParameterValue',
        ResourceType === undefined
          ? 'Tag specification resource type must have a value'
          : `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    for (const { Key, Value } of listed ?? []) {
      if (Key === undefined || Key === '')
        return awsError('InvalidParameterValue', 'Tag key cannot be null or empty');
      tags[Key] = Value ?? '';
    }
  }
  return tags;
}

/** `{Return: true}`, or the error. */
export const done = (result: unknown): { Return: true } | AwsError =>
  isAwsError(result) ? result : { Return: true };

/** Nothing but a request id, or the error. */
export const silent = (result: unknown): object | AwsError => (isAwsError(result) ? result : {});

interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** aws/aws-sdk-ruby#2575: fewer is refused, but for the operations added without a minimum. */
const PAGE_MIN = 5;
const PAGE_MAX = 1_000;

/**
 * One page of what a Describe found, each noun shown by `show`, and the token of the next.
 *
 * @param least  the least `MaxResults` the operation takes
 */
export function page<Noun, Item>(
  call: AwsCall,
  { MaxResults, NextToken }: PageInput,
  found: readonly Noun[] | AwsError,
  show: (noun: Noun) => Item,
  least = PAGE_MIN,
): { readonly items: Item[]; readonly NextToken: string | undefined } | AwsError {
  if (isAwsError(found)) return found;
  if (MaxResults !== undefined && MaxResults < least) return tooSmall(MaxResults, least);
  const size = Math.min(MaxResults ?? PAGE_MAX, PAGE_MAX);
  const part = pageOf(call, found, size, NextToken);
  if (part === undefined)
    return awsError('InvalidParameterValue', 'Unable to parse pagination token');
  return { items: part.items.map(show), NextToken: part.next };
}

const tooSmall = (given: number, least: number): AwsError =>
  awsError(
    'InvalidParameterValue',
    `Value ( ${given} ) for parameter maxResults is invalid. Expecting a value greater than ` +
      `${least}.`,
  );
