/** api/aws/eks/nodegroups — managed node groups; scaling one launches and ends instances. */
import type { EKS, Nodegroup, Taint } from '@aws-sdk/client-eks';
import { readTaints } from '../../../formats/aws/eks.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import { autoScalingGroupName, nodegroupUuid } from '../../../model/eks/auto-scaling-group.ts';
import { eksKey, type NodeGroup, type NodeTaint } from '../../../model/eks/cluster.ts';
import { EPOCH_MS } from '../../../model/time.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { clusterOf, page } from './requests.ts';
import { update } from './updates.ts';

function groupOf(
  call: AwsCall,
  clusterName: string | undefined,
  nodegroupName: string | undefined,
): NodeGroup | AwsError {
  const cluster = clusterOf(call, clusterName);
  if (isAwsError(cluster)) return cluster;
  const group = call.store.get('eks/nodegroup', eksKey(cluster.name, nodegroupName ?? ''));
  // Self-managed groups are unknown to EKS.
  if (group?.managed === true) return group;
  return awsError('ResourceNotFoundException', `No node group found for name: ${nodegroupName}.`);
}

function described(call: AwsCall, group: NodeGroup): Nodegroup {
  const { region, accountId } = call.cloud;
  const path = `${group.clusterName}/${group.nodegroupName}/${nodegroupUuid(group)}`;
  return {
    ...shown(call, 'eks/nodegroup', group),
    nodegroupArn: `arn:aws:eks:${region}:${accountId}:nodegroup/${path}`,
    modifiedAt: new Date(EPOCH_MS + group.createdAtMs),
    resources: { autoScalingGroups: [{ name: autoScalingGroupName(group) }] },
  };
}

const taintsOf = (taints: readonly Taint[] | undefined): readonly NodeTaint[] | undefined =>
  taints === undefined ? undefined : readTaints(taints as readonly Record<string, unknown>[]);

export const nodegroups: Handlers<EKS> = {
  ListNodegroups(input, call) {
    const cluster = clusterOf(call, input.clusterName);
    if (isAwsError(cluster)) return cluster;
    const names = call.store
      .list('eks/nodegroup')
      .filter((it) => it.clusterName === cluster.name && it.managed)
      .map(({ nodegroupName }) => nodegroupName);
    const part = page(call, input, names);
    return isAwsError(part) ? part : { nodegroups: part.items, nextToken: part.nextToken };
  },

  DescribeNodegroup(input, call) {
    const group = groupOf(call, input.clusterName, input.nodegroupName);
    return isAwsError(group) ? group : { nodegroup: described(call, group) };
  },

  CreateNodegroup(input, call) {
    const made = call.cloud.eks.createNodegroup({
      clusterName: input.clusterName!,
      nodegroupName: input.nodegroupName!,
      subnetIds: input.subnets ?? [],
      instanceTypes: input.instanceTypes,
      capacityType: input.capacityType === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
      amiType: input.amiType,
      ...input.scalingConfig,
      labels: input.labels,
      taints: taintsOf(input.taints),
      version: input.version,
      tags: input.tags,
    });
    if (isAwsError(made)) return made;
    return { nodegroup: { ...described(call, made), status: 'CREATING' } };
  },

  UpdateNodegroupConfig(input, call) {
    const group = groupOf(call, input.clusterName, input.nodegroupName);
    if (isAwsError(group)) return group;
    const { labels, taints, scalingConfig } = input;
    const changed = call.cloud.eks.updateNodegroupConfig({
      clusterName: group.clusterName,
      nodegroupName: group.nodegroupName,
      ...scalingConfig,
      labels: labels && changedLabels(group.labels, labels),
      taints: taints && changedTaints(group.taints, taints),
    });
    if (isAwsError(changed)) return changed;
    const { clusterName, nodegroupName } = group;
    const params = {
      MinSize: scalingConfig?.minSize,
      MaxSize: scalingConfig?.maxSize,
      DesiredSize: scalingConfig?.desiredSize,
      LabelsToAdd: labels?.addOrUpdateLabels,
      LabelsToRemove: labels?.removeLabels,
      TaintsToAdd: taints?.addOrUpdateTaints,
      TaintsToRemove: taints?.removeTaints,
    };
    return { update: update(call, { clusterName, nodegroupName, type: 'ConfigUpdate', params }) };
  },

  DeleteNodegroup(input, call) {
    const group = groupOf(call, input.clusterName, input.nodegroupName);
    if (isAwsError(group)) return group;
    const { clusterName, nodegroupName } = group;
    const gone = call.cloud.eks.deleteNodegroup({ clusterName, nodegroupName });
    if (isAwsError(gone)) return gone;
    return { nodegroup: { ...described(call, group), status: 'DELETING' } };
  },
};

function changedLabels(
  had: NodeGroup['labels'],
  change: {
    readonly addOrUpdateLabels?: Readonly<Record<string, string>> | undefined;
    readonly removeLabels?: readonly string[] | undefined;
  },
): NodeGroup['labels'] {
  const removed = new Set(change.removeLabels);
  const kept = Object.entries(had).filter(([key]) => !removed.has(key));
  return { ...Object.fromEntries(kept), ...change.addOrUpdateLabels };
}

/** A taint is its key and effect: another value replaces it. */
function changedTaints(
  had: readonly NodeTaint[],
  change: {
    readonly addOrUpdateTaints?: readonly Taint[] | undefined;
    readonly removeTaints?: readonly Taint[] | undefined;
  },
): readonly NodeTaint[] {
  const added = taintsOf(change.addOrUpdateTaints) ?? [];
  const isSame = (a: NodeTaint) => (b: NodeTaint) => a.key === b.key && a.effect === b.effect;
  const gone = [...added, ...(taintsOf(change.removeTaints) ?? [])];
  return [...had.filter((taint) => !gone.some(isSame(taint))), ...added];
}
