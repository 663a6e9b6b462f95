/**
 * controllers/vpc-cni/obstacle — what the pool loop waits for after EC2 refused.
 *
 * Upstream tries again at every turn, whatever the error; a twin has to know which refusals only a
 * change can end, or its loop would never be quiet.
 */
import type { AwsError } from '../../model/aws-error.ts';
import { isInsufficientCidr } from './ipam.ts';

export type Obstacle =
  /** Nothing helps but free addresses, other subnets, other ENIConfigs: parked until one comes. */
  | 'needs-change'
  /** Upstream tries every turn; it may stay so for ever, so the wait keeps nobody up. */
  | 'lasting'
  /** EC2 was busy: the next turn has a good chance. */
  | 'transient';

/** Errors that pass by themselves: EC2 is busy or broken for the moment. */
const TRANSIENT = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'InternalError',
  'InternalFailure',
  'Unavailable',
  'ServiceUnavailable',
  'RequestTimeout',
]);

/** EC2's three ways to say that the subnet is full; only two of them start the pause. */
export const isExhausted = (error: AwsError): boolean =>
  isInsufficientCidr(error) ||
  (error.code === 'InvalidParameterValue' && /sufficient free Ipv4/i.test(error.message));

/** How to wait after this error. */
export function obstacleOf(error: AwsError): Obstacle {
  if (isExhausted(error) || error.code === 'ENIConfig') return 'needs-change';
  return TRANSIENT.has(error.code) ? 'transient' : 'lasting';
}
