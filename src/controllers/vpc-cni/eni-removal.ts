/**
 * controllers/vpc-cni/eni-removal — detaches and deletes an ENI, with upstream's patience.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go:1420-1500 (freeENI,
 * deleteENI), pkg/utils/retry.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';

const TRIES = 12;
const FIRST_WAIT_MS = 200;
const MAX_WAIT_MS = 60_000;
const JITTER = 0.15;
/** EC2 shows an ENI as in use for a moment after its detachment. */
const DELETE_AFTER_MS = 2_000;

export interface EniRemovalParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly ec2: Ec2;
}

/** Tries up to twelve times: 200 ms doubling to a minute, ±15 %. */
async function patiently(
  { clock, random }: EniRemovalParts,
  attempt: () => Promise<true | AwsError>,
  isDone: (error: AwsError) => boolean,
): Promise<true | AwsError> {
  let waitMs: Millis = FIRST_WAIT_MS;
  for (let tries = 1; ; tries++) {
    const result = await attempt();
    if (!isAwsError(result) || isDone(result)) return true;
    if (tries === TRIES) return result;
    await clock.sleep(waitMs * (1 + (random.next() * 2 - 1) * JITTER));
    waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
  }
}

const isGone = (error: AwsError): boolean =>
  error.code === 'InvalidNetworkInterfaceID.NotFound' ||
  error.code === 'InvalidAttachmentID.NotFound';

/** Takes an ENI off its instance and deletes it; the last error when EC2 would not. */
export async function detachAndDelete(
  parts: EniRemovalParts,
  eniId: string,
): Promise<true | AwsError> {
  const { ec2, store } = parts;
  const attachmentId = store.get('ec2/network-interface', eniId)?.attachment?.attachmentId;
  if (attachmentId !== undefined) {
    const detached = await patiently(
      parts,
      () => ec2.detachNetworkInterface({ attachmentId }),
      isGone,
    );
    if (isAwsError(detached)) return detached;
  }
  await parts.clock.sleep(DELETE_AFTER_MS);
  return deleteEni(parts, eniId);
}

/** Deletes a detached ENI; one that is gone counts as deleted. */
export const deleteEni = (parts: EniRemovalParts, eniId: string): Promise<true | AwsError> =>
  patiently(parts, () => parts.ec2.deleteNetworkInterface({ networkInterfaceId: eniId }), isGone);
