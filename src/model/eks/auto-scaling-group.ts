/**
 * model/eks/auto-scaling-group — the name of the Auto Scaling group behind a node group: as EKS
 * names those of managed groups, and CloudFormation those of eksctl's own.
 */
import { mixedFnv1a } from '../../sim/fnv.ts';
import type { NodeGroup } from './cluster.ts';

type Named = Pick<NodeGroup, 'clusterName' | 'nodegroupName' | 'managed'>;

/** What EKS tells a node group's ARN and Auto Scaling group apart by; drawn from its name. */
export function nodegroupUuid({ clusterName, nodegroupName }: Named): string {
  const words = [0, 1, 2, 3].map((seed) =>
    mixedFnv1a(`${clusterName}/${nodegroupName}`, seed).toString(16).padStart(8, '0'),
  );
  return words.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const autoScalingGroupName = (group: Named): string => {
  const uuid = nodegroupUuid(group);
  return group.managed
    ? `eks-${group.nodegroupName}-${uuid}`
    : `eksctl-${group.clusterName}-nodegroup-${group.nodegroupName}-NodeGroup-` +
        uuid.replaceAll('-', '').slice(0, 12).toUpperCase();
};
