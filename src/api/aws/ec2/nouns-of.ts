/**
 * api/aws/ec2/nouns-of — the two answers that most EC2 operations give: one noun that was made, and
 * a page of the nouns that were found.
 */
import type { Filter as SdkFilter } from '@aws-sdk/client-ec2';
import { type AwsError, isAwsError } from '../../../model/aws-error.ts';
import type { AwsKinds } from '../../../model/kinds.ts';
import type { AwsCall } from '../operation.ts';
import { shown } from '../shown.ts';
import { filtersOf, page } from './requests.ts';

type Ec2Kind = Extract<keyof AwsKinds, `ec2/${string}`>;
type ShownAs<Kind extends Ec2Kind> = ReturnType<typeof shown<Kind>>;

interface ListInput {
  readonly Filters?: readonly SdkFilter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** `{Vpc: …}` of what an operation made, or its error. */
export const made = <Kind extends Ec2Kind, Member extends string>(
  call: AwsCall,
  kind: Kind,
  result: AwsKinds[Kind] | AwsError,
  member: Member,
): { readonly [M in Member]: ShownAs<Kind> } | AwsError =>
  isAwsError(result)
    ? result
    : ({ [member]: shown(call, kind, result) } as { [M in Member]: ShownAs<Kind> });

/** What a describing verb is asked. */
export const askedOf = (input: ListInput, ids: readonly string[] | undefined) => ({
  ids,
  filters: filtersOf(input),
});

/** `{Vpcs: […], NextToken}` of what a verb found, or its error. */
export function listed<Kind extends Ec2Kind, Member extends string>(
  call: AwsCall,
  input: ListInput,
  kind: Kind,
  found: readonly AwsKinds[Kind][] | AwsError,
  member: Member,
  least?: number,
):
  | ({ readonly [M in Member]: ShownAs<Kind>[] } & { readonly NextToken: string | undefined })
  | AwsError {
  const part = page(call, input, found, (noun) => shown(call, kind, noun), least);
  if (isAwsError(part)) return part;
  const items = { [member]: part.items } as { [M in Member]: ShownAs<Kind>[] };
  return { ...items, NextToken: part.NextToken };
}

/** The least page of operations that came without a minimum. */
export const ANY_PAGE = 1;
