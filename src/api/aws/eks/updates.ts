/** api/aws/eks/updates — what was changed of clusters, node groups and add-ons, and their tags. */
import type { EKS, Update, UpdateParamType, UpdateType } from '@aws-sdk/client-eks';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { EksUpdate } from '../../../model/eks/update.ts';
import { EPOCH_MS } from '../../../model/time.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { clusterOf, page } from './requests.ts';

interface Changed {
  readonly clusterName: string;
  readonly nodegroupName?: string | undefined;
  readonly addonName?: string | undefined;
  readonly type: UpdateType;
  readonly params: { readonly [Name in UpdateParamType]?: unknown };
}

const inWords = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const described = (it: EksUpdate, status: 'InProgress' | 'Successful'): Update => ({
  id: it.updateId,
  status,
  type: it.type as UpdateType,
  params: it.params.map(({ type, value }) => ({ type: type as UpdateParamType, value })),
  createdAt: new Date(EPOCH_MS + it.createdAtMs),
  errors: [],
});

/** Remembers a change, and answers as EKS does when it begins. */
export function update({ cloud }: AwsCall, { params, ...changed }: Changed): Update {
  const given = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([type, value]) => ({ type, value: inWords(value) }));
  return described(cloud.eks.recordUpdate({ ...changed, params: given }), 'InProgress');
}

interface Of {
  readonly name?: string | undefined;
  readonly nodegroupName?: string | undefined;
  readonly addonName?: string | undefined;
}

function updatesOf(call: AwsCall, of: Of): readonly EksUpdate[] | AwsError {
  const cluster = clusterOf(call, of.name);
  return isAwsError(cluster) ? cluster : call.cloud.eks.listUpdates({ ...of, name: cluster.name });
}

export const updates: Handlers<EKS> = {
  ListUpdates(input, call) {
    const found = updatesOf(call, input);
    if (isAwsError(found)) return found;
    const ids = found.map(({ updateId }) => updateId);
    const part = page(call, input, ids);
    return isAwsError(part) ? part : { updateIds: part.items, nextToken: part.nextToken };
  },

  DescribeUpdate(input, call) {
    const found = updatesOf(call, input);
    if (isAwsError(found)) return found;
    const one = found.find(({ updateId }) => updateId === input.updateId);
    return one === undefined
      ? awsError('ResourceNotFoundException', `No update found for ID: ${input.updateId}`)
      : { update: described(one, 'Successful') };
  },

  TagResource(input, { cloud }) {
    const done = cloud.eks.tagResource({
      resourceArn: input.resourceArn!,
      tags: input.tags ?? {},
    });
    return isAwsError(done) ? done : {};
  },

  UntagResource(input, { cloud }) {
    const done = cloud.eks.untagResource({
      resourceArn: input.resourceArn!,
      tagKeys: input.tagKeys ?? [],
    });
    return isAwsError(done) ? done : {};
  },

  ListTagsForResource(input, { cloud }) {
    const tags = cloud.eks.listTags({ resourceArn: input.resourceArn! });
    return isAwsError(tags) ? tags : { tags: { ...tags } };
  },
};
