/**
 * api/aws/route53/changes — a change as Route 53 tells of it: PENDING in the answer, INSYNC when
 * asked again. Its id says when it was submitted, so that nothing has to be remembered.
 */
import type { ChangeInfo } from '@aws-sdk/client-route-53';
import { EPOCH_MS } from '../../../model/time.ts';
import type { AwsCall } from '../operation.ts';

const TIME_DIGITS = 9;

/** The change that was just made. */
export function submitted({ twin }: AwsCall, comment?: string | undefined): ChangeInfo {
  const atMs = EPOCH_MS + twin.clock.now();
  const time = Math.floor(atMs).toString(36).toUpperCase().padStart(TIME_DIGITS, '0');
  const drawn = twin.store.revision.toString(36).toUpperCase().padStart(10, '0');
  return {
    Id: `/change/C${time}${drawn}`,
    Status: 'PENDING',
    SubmittedAt: new Date(atMs),
    ...(comment === undefined ? {} : { Comment: comment }),
  };
}

/** A change of ours by its id; undefined when no change has such an id. */
export function changeOf(given: string): ChangeInfo | undefined {
  const id = given.replace(/^\/change\//, '');
  const time = /^C([0-9A-Z]{9})[0-9A-Z]{10,}$/.exec(id)?.[1];
  if (time === undefined) return undefined;
  const SubmittedAt = new Date(Number.parseInt(time, 36));
  return { Id: `/change/${id}`, Status: 'INSYNC', SubmittedAt };
}
