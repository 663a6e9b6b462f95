/**
 * cloud/services — the AWS services somebody calls over the network: their verbs with AWS's time
 * around them, and how each of them fails.
 */
import { type AwsError, awsError } from '../model/aws-error.ts';
import type { Acm } from './acm/operations.ts';
import type { ClassicElb } from './classic-elb/operations.ts';
import { insufficientAddresses } from './ec2/address-error.ts';
import type { Ec2 } from './ec2/operations.ts';
import type { Elbv2 } from './elbv2/operations.ts';
import type { Route53 } from './route53/operations.ts';

export interface AwsServices {
  readonly ec2: Ec2;
  readonly elbv2: Elbv2;
  readonly classicElb: ClassicElb;
  readonly route53: Route53;
  readonly acm: Acm;
}

export type ServiceName = keyof AwsServices;

/** What aws-sdk-go-v2 calls a service in its errors. */
export const SDK_NAMES: Readonly<Record<ServiceName, string>> = {
  ec2: 'EC2',
  elbv2: 'Elastic Load Balancing v2',
  classicElb: 'Elastic Load Balancing',
  route53: 'Route 53',
  acm: 'ACM',
};

/** What a service says when something of AWS is wrong, nothing having been done. */
interface Moods {
  readonly throttled: AwsError;
  readonly failed: AwsError;
  /** Of a call that needs addresses of a subnet. */
  readonly shortOfAddresses: AwsError;
  /** The calls that do. */
  readonly takesAddresses: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** The error codes all of AWS's query APIs share ("Common errors" of each reference). */
const COMMON: Moods = {
  throttled: awsError('Throttling', 'Rate exceeded'),
  failed: awsError('InternalFailure', 'An internal error has occurred'),
  shortOfAddresses: awsError(
    'InvalidSubnet',
    'Not enough IP space available in the subnet. ELB requires at least 8 free IP addresses in ' +
      'each subnet.',
  ),
  takesAddresses: NONE,
};

const OF_BALANCERS: Moods = {
  ...COMMON,
  takesAddresses: new Set(['createLoadBalancer', 'setSubnets', 'attachLoadBalancerToSubnets']),
};

export const MOODS: Readonly<Record<ServiceName, Moods>> = {
  ec2: {
    throttled: awsError('RequestLimitExceeded', 'Request limit exceeded.'),
    failed: awsError('InternalError', 'An internal error has occurred'),
    shortOfAddresses: insufficientAddresses(),
    takesAddresses: new Set(['createNetworkInterface', 'assignPrivateIpAddresses', 'runInstances']),
  },
  elbv2: OF_BALANCERS,
  classicElb: OF_BALANCERS,
  route53: COMMON,
  acm: { ...COMMON, throttled: awsError('ThrottlingException', 'Rate exceeded') },
};
