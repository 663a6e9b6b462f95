/**
 * controllers/vpc-resource/branch-sweep — deletes the controller's own interfaces that nobody has.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/aws/ec2/api/eni_cleanup.go: every
 * 30 minutes; an interface goes when it was found available in two passes.
 */
import { isAwsError } from '../../model/aws-error.ts';
import { OWNER, type ResourceParts } from './resource-parts.ts';

const SWEEP_MS = 1_800_000;

/** Starts the sweep; it ends with the controllers. Idle time is background. */
export function startBranchSweep(parts: ResourceParts): void {
  let seen: ReadonlySet<string> = new Set();
  const sweep = async (): Promise<void> => {
    seen = await sweepBranches(parts, seen);
  };
  const arrange = (): void => {
    parts.clock.after(
      SWEEP_MS,
      () => {
        if (parts.stopped) return;
        parts.clock.spawn(sweep);
        arrange();
      },
      { background: true },
    );
  };
  arrange();
}

/** One pass; returns what it saw for the first time. */
export async function sweepBranches(
  { ec2, options }: ResourceParts,
  seen: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const found = await ec2.describeNetworkInterfaces({
    filters: [
      { name: 'status', values: ['available'] },
      { name: 'tag:eks:eni:owner', values: [OWNER] },
      { name: `tag:kubernetes.io/cluster/${options.clusterName}`, values: ['owned'] },
    ],
  });
  if (isAwsError(found)) return seen;
  const fresh = new Set<string>();
  for (const { networkInterfaceId } of found) {
    if (!seen.has(networkInterfaceId)) fresh.add(networkInterfaceId);
    else if (isAwsError(await ec2.deleteNetworkInterface({ networkInterfaceId })))
      fresh.add(networkInterfaceId);
  }
  return fresh;
}
