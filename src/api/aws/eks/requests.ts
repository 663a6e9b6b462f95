/**
 * api/aws/eks/requests — what EKS's operations have in common: a cluster that exists, and pages.
 */
import { type AwsError, awsError } from '../../../model/aws-error.ts';
import type { EksCluster } from '../../../model/eks/cluster.ts';
import type { AwsCall } from '../operation.ts';
import { pageOf } from '../page.ts';

/** The cluster of that name, or EKS's complaint. */
export const clusterOf = ({ store }: AwsCall, name: string | undefined): EksCluster | AwsError =>
  store.get('eks/cluster', name ?? '') ??
  awsError('ResourceNotFoundException', `No cluster found for name: ${name}.`);

interface PageInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** EKS API reference: 1 to 100, and 100 when nothing is said. */
const PAGE_MAX = 100;

/** One page of names or descriptions. */
export function page<Item>(
  call: AwsCall,
  { maxResults, nextToken }: PageInput,
  all: readonly Item[],
): { readonly items: Item[]; readonly nextToken: string | undefined } | AwsError {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > PAGE_MAX))
    return awsError('InvalidParameterException', `maxResults must be between 1 and ${PAGE_MAX}.`);
  const part = pageOf(call, all, maxResults ?? PAGE_MAX, nextToken);
  if (part === undefined)
    return awsError('InvalidParameterException', 'The nextToken is not valid.');
  return { items: [...part.items], nextToken: part.next };
}
