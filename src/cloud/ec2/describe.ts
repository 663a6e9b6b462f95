/** cloud/ec2/describe — the shape every Describe action has: ids that must exist, then filters. */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { AwsKinds } from '../../model/kinds.ts';
import type { Region } from '../region.ts';
import { type FilterTable, filterTest } from './filters.ts';
import type { Filter } from './operations.ts';

/** Kinds whose nouns have tags: all of EC2's. */
type TaggedKind = {
  [Kind in keyof AwsKinds]: AwsKinds[Kind] extends { readonly tags: Tags } ? Kind : never;
}[keyof AwsKinds];

export interface Described<Kind extends TaggedKind> {
  readonly kind: Kind;
  readonly filters: FilterTable<AwsKinds[Kind]>;
  /** The error for an id nobody has. */
  readonly missing: (id: string) => AwsError;
}

/**
 * @param ids         every one must exist
 * @param candidates  what to filter when no ids are given; default: all of the kind
 */
export function describe<Kind extends TaggedKind>(
  region: Region,
  { kind, filters: table, missing }: Described<Kind>,
  ids: readonly string[] | undefined,
  filters: readonly Filter[] | undefined,
  candidates?: () => readonly AwsKinds[Kind][],
): readonly AwsKinds[Kind][] | AwsError {
  const test = filterTest(table as FilterTable<{ readonly tags: Tags }>, filters);
  if (isAwsError(test)) return test;
  let found: readonly AwsKinds[Kind][];
  if (ids !== undefined && ids.length > 0) {
    const named: AwsKinds[Kind][] = [];
    for (const id of new Set(ids)) {
      const noun = region.store.get(kind, id) as AwsKinds[Kind] | undefined;
      if (noun === undefined) return missing(id);
      named.push(noun);
    }
    found = named;
  } else found = candidates?.() ?? (region.store.list(kind) as AwsKinds[Kind][]);
  if (filters === undefined || filters.length === 0) return found;
  return found.filter((noun) => test(noun as { readonly tags: Tags }));
}
