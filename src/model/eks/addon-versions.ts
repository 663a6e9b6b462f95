/**
 * model/eks/addon-versions — the add-on version a cluster gets when nobody names one.
 *
 * CoreDNS by Kubernetes version: eksctl-io/eksctl@99984adb6 pkg/addons/default/assets. The VPC
 * CNI's is the version whose source the twin follows. The others are recollection: their version
 * shows in a listing and decides nothing.
 */

/** CoreDNS image by the lowest Kubernetes minor version that ships it, newest first. */
const COREDNS: readonly (readonly [minor: number, version: string])[] = [
  [35, 'v1.14.3-eksbuild.1'],
  [33, 'v1.13.2-eksbuild.1'],
  [0, 'v1.11.4-eksbuild.2'],
];

const OTHERS: Readonly<Record<string, string>> = {
  'vpc-cni': 'v1.23.1-eksbuild.1',
  'eks-pod-identity-agent': 'v1.3.10-eksbuild.1',
  'metrics-server': 'v0.8.0-eksbuild.6',
  'aws-ebs-csi-driver': 'v1.54.0-eksbuild.1',
  'aws-efs-csi-driver': 'v2.1.15-eksbuild.1',
  'snapshot-controller': 'v8.3.0-eksbuild.1',
};

/** Add-ons of which the twin knows a version. */
export const ADDON_NAMES: readonly string[] = ['coredns', 'kube-proxy', ...Object.keys(OTHERS)];

/**
 * @param clusterVersion  `1.34`
 * @returns undefined for an add-on the twin does not know
 */
export function defaultAddonVersion(addonName: string, clusterVersion: string): string | undefined {
  const minor = Number(clusterVersion.split('.')[1]);
  if (addonName === 'coredns') return COREDNS.find(([from]) => minor >= from)?.[1];
  if (addonName === 'kube-proxy') return `v${clusterVersion}.0-eksbuild.2`;
  return OTHERS[addonName];
}
