/**
 * cloud/eks/update-actions — what was asked of EKS, remembered for DescribeUpdate, and the tags of
 * its resources. Changes take effect at once here, so that every update is one that succeeded.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import { eksKey } from '../../model/eks/cluster.ts';
import type { EksUpdate } from '../../model/eks/update.ts';
import type { Region } from '../region.ts';
import { invalidParameter, noCluster } from './eks-error.ts';
import type { EksOperations } from './operations.ts';

type UpdateActions = Pick<
  EksOperations,
  'recordUpdate' | 'listUpdates' | 'tagResource' | 'untagResource' | 'listTags'
>;

export const updateActions = (region: Region): UpdateActions => ({
  recordUpdate(input) {
    const hex = region.ids.hex(32);
    const updateId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const update: EksUpdate = { ...input, updateId, createdAtMs: region.clock.now() };
    region.store.put('eks/update', updateId, update);
    return update;
  },
  listUpdates: ({ name, nodegroupName, addonName }) =>
    region.store
      .list('eks/update')
      .filter(
        (it) =>
          it.clusterName === name &&
          it.nodegroupName === nodegroupName &&
          it.addonName === addonName,
      ),
  tagResource: ({ resourceArn, tags }) =>
    retagged(region, resourceArn, (had) => ({ ...had, ...tags })),
  untagResource: ({ resourceArn, tagKeys }) =>
    retagged(region, resourceArn, (had) =>
      Object.fromEntries(Object.entries(had).filter(([key]) => !tagKeys.includes(key))),
    ),
  listTags({ resourceArn }) {
    const found = resourceOf(region, resourceArn);
    return 'code' in found ? found : (region.store.get(found.kind, found.key)?.tags ?? {});
  },
});

type TaggedKind = 'eks/cluster' | 'eks/nodegroup' | 'eks/addon' | 'eks/fargate-profile';

const KINDS: Readonly<Record<string, TaggedKind>> = {
  cluster: 'eks/cluster',
  nodegroup: 'eks/nodegroup',
  addon: 'eks/addon',
  fargateprofile: 'eks/fargate-profile',
};

/** What `arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/<uuid>` names. */
function resourceOf(
  { store }: Region,
  arn: string,
): { readonly kind: TaggedKind; readonly key: string } | AwsError {
  const [type = '', clusterName = '', name] = (arn.split(':')[5] ?? '').split('/');
  const kind = KINDS[type];
  if (kind === undefined) return invalidParameter(`The specified ARN is invalid: ${arn}`);
  if (store.get('eks/cluster', clusterName) === undefined) return noCluster(clusterName);
  const key = kind === 'eks/cluster' ? clusterName : eksKey(clusterName, name ?? '');
  if (store.get(kind, key) !== undefined) return { kind, key };
  return awsError('NotFoundException', `Resource not found for ARN: ${arn}`);
}

function retagged(region: Region, arn: string, change: (tags: Tags) => Tags): true | AwsError {
  const found = resourceOf(region, arn);
  if ('code' in found) return found;
  const { kind, key } = found;
  const noun = region.store.get(kind, key);
  if (noun !== undefined)
    region.store.put(kind, key, { ...noun, tags: change(noun.tags) } as never);
  return true;
}
