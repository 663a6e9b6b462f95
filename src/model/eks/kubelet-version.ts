/**
 * model/eks/kubelet-version — the full version nodes of a Kubernetes minor version report.
 *
 * Patch levels: the kube-proxy table of the EKS user guide (managing-kube-proxy, read 2026); the
 * build suffix from public `kubectl get nodes` listings.
 */

/** Newest patch of each minor version. */
const PATCHES: Readonly<Record<string, number>> = {
  '1.29': 15,
  '1.30': 14,
  '1.31': 14,
  '1.32': 13,
  '1.33': 10,
  '1.34': 6,
  '1.35': 3,
  '1.36': 0,
};

const BUILD = 'eks-113cf36';

/** `1.33` → `v1.33.10-eks-113cf36`; a version with a patch keeps it. */
export const kubeletVersion = (version: string): string => {
  const patched = /^\d+\.\d+\.\d+/.test(version) ? version : `${version}.${PATCHES[version] ?? 0}`;
  return `v${patched}-${BUILD}`;
};
