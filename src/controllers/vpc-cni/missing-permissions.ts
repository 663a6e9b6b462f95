/**
 * controllers/vpc-cni/missing-permissions — the event users see when the node's role lacks a right.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go,
 * checkAPIErrorAndBroadcastEvent.
 * Writes: an Event on the Node.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { PluginParts } from './plugin.ts';

/** The EC2 action behind each step of ipamd. */
const ACTIONS: Readonly<Record<string, string>> = {
  AllocIPAddresses: 'ec2:AssignPrivateIpAddresses',
  AllocENI: 'ec2:CreateNetworkInterface',
  UnassignPrivateIpAddresses: 'ec2:UnassignPrivateIpAddresses',
  FreeENI: 'ec2:DetachNetworkInterface',
  CreateTags: 'ec2:CreateTags',
  setupENI: 'ec2:AssignIpv6Addresses',
};

/** Records the event; the recorder counts repetitions. */
export function reportMissingPermission(
  { store, kubernetes, nodeName }: PluginParts,
  step: string,
  error: AwsError,
): void {
  const node = store.get('Node', nodeName);
  if (node === undefined) return;
  // EC2 names the action where it can: "… not authorized to perform: ec2:CreateTags …".
  const named = /perform: (ec2:[A-Za-z]+)/.exec(error.message)?.[1];
  const action = named ?? ACTIONS[step] ?? step;
  kubernetes.recordEvent(node, {
    type: 'Warning',
    reason: 'MissingIAMPermissions',
    message:
      `Unauthorized operation: failed to call ${action} due to missing permissions. Please ` +
      'refer https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md to attach ' +
      'relevant policy to IAM role',
    component: 'aws-node',
    host: nodeName,
  });
}
