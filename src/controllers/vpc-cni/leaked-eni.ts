/**
 * controllers/vpc-cni/leaked-eni — deletes ENIs that lost their instance before they were deleted.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go:1890-2010: hourly after a
 * random start; available, tagged by us, named by us, and at least five minutes old.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import { isAwsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { parseTimestamp } from '../../model/time.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import {
  CLUSTER_TAG,
  CREATED_AT_TAG,
  ENI_DESCRIPTION_PREFIX,
  INSTANCE_TAG,
} from './aws-eni-api.ts';
import { deleteEni } from './eni-removal.ts';
import type { Ipam } from './ipam.ts';

const SWEEP_MS = 3_600_000;
const FIRST_SWEEP_MAX_MS = 300_000;
const MIN_AGE_MS = 300_000;

interface SweepParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly ec2: Ec2;
  readonly nodeName: string;
}

/** Starts the sweep of one node; it ends with its ipamd. Idle time is background. */
export function runLeakedEniSweep(parts: SweepParts, ipam: Ipam): void {
  const random = parts.random.split(`leaked ${parts.nodeName}`);
  const sweep = (): void => {
    if (ipam.terminating) return;
    parts.clock.spawn(() => sweepLeakedEnis({ ...parts, random }, ipam.env.clusterName));
    parts.clock.after(SWEEP_MS, sweep, { background: true });
  };
  parts.clock.after(random.int(FIRST_SWEEP_MAX_MS), sweep, { background: true });
}

/** Whether an interface EC2 calls available is one of ours that nobody will come back for. */
export function isLeaked(eni: NetworkInterface, nowMs: Millis): boolean {
  if (eni.status !== 'available' || !eni.description.startsWith(ENI_DESCRIPTION_PREFIX))
    return false;
  const created = eni.tags[CREATED_AT_TAG];
  const createdMs = created === undefined ? undefined : parseTimestamp(created);
  // An unreadable time is given the benefit of the doubt upstream too.
  return createdMs !== undefined && nowMs - createdMs >= MIN_AGE_MS;
}

/** One sweep over the cluster's interfaces. */
export async function sweepLeakedEnis(parts: SweepParts, clusterName: string): Promise<void> {
  const found = await parts.ec2.describeNetworkInterfaces({
    filters: [
      { name: 'status', values: ['available'] },
      { name: 'tag-key', values: [INSTANCE_TAG] },
      ...(clusterName === '' ? [] : [{ name: `tag:${CLUSTER_TAG}`, values: [clusterName] }]),
    ],
  });
  if (isAwsError(found)) return;
  for (const eni of found)
    if (isLeaked(eni, parts.clock.now())) await deleteEni(parts, eni.networkInterfaceId);
}
