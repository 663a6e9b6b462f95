/**
 * controllers/vpc-cni/managed-enis — which of a node's ENIs ipamd may touch.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:260-300 (setUnmanagedENIs).
 */
import type { EniMetadata } from './eni-api.ts';

export const NO_MANAGE_TAG = 'node.k8s.amazonaws.com/no_manage';
const INSTANCE_TAG = 'node.k8s.amazonaws.com/instance_id';

/** The no-manage tag decides; then our own tag; then MANAGE_UNTAGGED_ENI. Primary: always. */
export function isManagedEni(
  eni: EniMetadata,
  instanceId: string,
  manageUntagged: boolean,
): boolean {
  if (eni.deviceNumber === 0 && eni.networkCard === 0) return true;
  const noManage = eni.tags[NO_MANAGE_TAG];
  if (noManage !== undefined) return noManage !== 'true';
  if (eni.tags[INSTANCE_TAG] === instanceId) return true;
  return manageUntagged;
}
