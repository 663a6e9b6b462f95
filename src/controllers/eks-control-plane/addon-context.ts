/** controllers/eks-control-plane/addon-context — what an add-on's manifest is rendered from. */

import type { Addon, EksCluster } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { COMPUTE_TYPE_LABEL } from '../../model/kubernetes/compute-type.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import type { Tree } from './configuration-values.ts';

export interface AddonContext {
  readonly cluster: EksCluster;
  readonly addon: Addon;
  readonly region: string;
  readonly configuration: Tree;
}

/** The account that owns the add-ons' images in most regions (EKS user guide, add-on images). */
const REGISTRY_ACCOUNT = '602401143452';

/** An image of EKS's own registry in the region. */
export const eksImage = (region: string, name: string, tag: string): string =>
  `${REGISTRY_ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${name}:${tag}`;

/** The region of a cluster, from its ARN (`arn:aws:eks:us-west-2:…`). */
export const regionOf = ({ arn }: EksCluster): string => arn.split(':')[3] ?? '';

/** Linux on amd64 or arm64; `withoutFargate` for what runs on instances only. */
export const linuxNodes = (withoutFargate: boolean): object => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [
      {
        matchExpressions: [
          { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
          { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
          ...(withoutFargate
            ? [{ key: COMPUTE_TYPE_LABEL, operator: 'NotIn', values: NOT_NODES }]
            : []),
        ],
      },
    ],
  },
});

/** Compute types whose data plane EKS runs itself. */
const NOT_NODES = ['fargate', 'hybrid', 'auto'];

/** Metadata of an object in kube-system. */
export const inKubeSystem = (
  name: string,
  labels: Labels,
): { name: string; namespace: string; labels: Labels } => ({
  name,
  namespace: 'kube-system',
  labels,
});

/** The names of the cluster's add-ons. */
export const addonsOf = (store: TwinStore, { name }: EksCluster): readonly string[] =>
  store
    .list('eks/addon')
    .filter(({ clusterName }) => clusterName === name)
    .map(({ addonName }) => addonName);
