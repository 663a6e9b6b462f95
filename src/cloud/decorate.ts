/**
 * cloud/decorate — EC2's time and EC2's moods, around operations that answer at once.
 *
 * Decorators over the whole action table, each knowing one thing: how long a call takes, who made
 * it, whether it gets there, how many are allowed, what may go wrong. Controllers see an `Ec2` and nothing of these.
 */
import { type AwsError, awsError, isAwsError } from '../model/aws-error.ts';
import type { Clock, Millis } from '../sim/clock.ts';
import type { Faults } from '../sim/faults.ts';
import type { Random } from '../sim/random.ts';
import { insufficientAddresses } from './ec2/address-error.ts';
import type { AllEc2Operations, Ec2 } from './ec2/operations.ts';

type Action = keyof AllEc2Operations;
type Call = (input: unknown) => unknown;

/** Every action of `ec2`, each replaced by what `wrap` makes of it. */
function wrapped(
  ec2: Ec2 | AllEc2Operations,
  wrap: (action: Action, call: Call) => (input: unknown) => Promise<unknown>,
): Ec2 {
  const actions: Record<string, unknown> = {};
  for (const action of Object.keys(ec2) as Action[]) {
    // Each entry keeps its own signature; only the table as a whole is typed.
    actions[action] = wrap(action, ec2[action] as Call);
  }
  return actions as unknown as Ec2;
}

/** How long an action takes: evenly between the two. */
export type Latency = readonly [leastMs: Millis, mostMs: Millis];

/**
 * Milliseconds per action. Orders of magnitude as the CNI's own call metrics
 * (awscni_aws_api_latency_ms) show them in public dashboards; recollection, not measured.
 */
const LATENCIES: Readonly<Partial<Record<Action, Latency>>> = {
  createNetworkInterface: [400, 800],
  deleteNetworkInterface: [200, 500],
  attachNetworkInterface: [1_000, 3_000],
  detachNetworkInterface: [500, 1_500],
  assignPrivateIpAddresses: [300, 700],
  unassignPrivateIpAddresses: [300, 700],
  assignIpv6Addresses: [300, 700],
  unassignIpv6Addresses: [300, 700],
  associateTrunkInterface: [200, 500],
  disassociateTrunkInterface: [200, 500],
  runInstances: [1_000, 2_000],
  terminateInstances: [300, 800],
  createTags: [150, 400],
};
const DESCRIBE_LATENCY: Latency = [50, 150];
const OTHER_LATENCY: Latency = [100, 300];

const latencyOf = (action: Action): Latency =>
  LATENCIES[action] ?? (action.startsWith('describe') ? DESCRIBE_LATENCY : OTHER_LATENCY);

/**
 * Operations with EC2's latency: the call takes effect when it returns, so what its caller reads
 * next is what it left.
 *
 * @param latency  milliseconds of an action, instead of the table's
 */
export const latent = (
  ec2: AllEc2Operations,
  clock: Clock,
  random: Random,
  latency: (action: Action) => Latency = latencyOf,
): Ec2 =>
  wrapped(ec2, (action, call) => {
    const [least, most] = latency(action);
    return async (input) => {
      await clock.sleep(least + random.int(Math.max(1, most - least + 1)));
      return call(input);
    };
  });

/** One call as it was made. */
export interface MeteredCall {
  readonly atMs: Millis;
  readonly durationMs: Millis;
  readonly caller: string;
  /** `AssignPrivateIpAddresses` */
  readonly action: string;
  /** Absent when it succeeded. */
  readonly errorCode?: string | undefined;
}

/** The same EC2, every call told to `record` under the caller's name once it is answered. */
export const metered = (
  ec2: Ec2,
  clock: Clock,
  caller: string,
  record: (call: MeteredCall) => void,
): Ec2 =>
  wrapped(ec2, (method, call) => {
    const action = method[0]!.toUpperCase() + method.slice(1);
    return async (input) => {
      const atMs = clock.now();
      const result = await call(input);
      const errorCode = isAwsError(result) ? result.code : undefined;
      record({ atMs, durationMs: clock.now() - atMs, caller, action, errorCode });
      return result;
    };
  });

/** aws-sdk-go-v2 of ipamd: ten tries of ten seconds (pkg/awsutils/awssession/session.go). */
const UNREACHED_MS = 100_000;

/** The same EC2 over a network: a call that does not get there fails once its tries are over. */
export const reached = (ec2: Ec2, clock: Clock, isReached: (action: Action) => boolean): Ec2 =>
  wrapped(ec2, (action, call) => async (input) => {
    if (isReached(action)) return call(input);
    await clock.sleep(UNREACHED_MS);
    return awsError('RequestError', 'send request failed: i/o timeout');
  });

/** A token bucket: starts full. */
interface Bucket {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** EC2 counts reading and changing apart, per account and region. */
interface Buckets {
  readonly describing: Bucket;
  readonly changing: Bucket;
}

/** EC2 API reference, "Request throttling"; the figures are recollection. */
const EC2_BUCKETS: Buckets = {
  describing: { capacity: 100, refillPerSecond: 20 },
  changing: { capacity: 50, refillPerSecond: 5 },
};

const requestLimitExceeded = (): AwsError =>
  awsError('RequestLimitExceeded', 'Request limit exceeded.');

/** The same EC2, RequestLimitExceeded once the bucket is empty. All callers share the buckets. */
export function throttled(ec2: Ec2, clock: Clock, buckets: Buckets = EC2_BUCKETS): Ec2 {
  const describing = tokens(clock, buckets.describing);
  const changing = tokens(clock, buckets.changing);
  return wrapped(ec2, (action, call) => {
    const take = action.startsWith('describe') ? describing : changing;
    return async (input) => (take() ? call(input) : requestLimitExceeded());
  });
}

/** Takes a token when there is one. */
function tokens(clock: Clock, { capacity, refillPerSecond }: Bucket): () => boolean {
  let left = capacity;
  let countedAtMs = clock.now();
  return () => {
    const now = clock.now();
    left = Math.min(capacity, left + ((now - countedAtMs) / 1_000) * refillPerSecond);
    countedAtMs = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/** Actions that need addresses of a subnet. */
const TAKES_ADDRESSES: ReadonlySet<Action> = new Set<Action>([
  'createNetworkInterface',
  'assignPrivateIpAddresses',
  'runInstances',
]);

/**
 * The same EC2 with what may go wrong. A call that fails has done nothing.
 *
 * @param faults  asked at every call, so that faults can be switched while time runs
 */
export const flaky = (ec2: Ec2, clock: Clock, random: Random, faults: () => Faults): Ec2 =>
  wrapped(ec2, (action, call) => async (input) => {
    const { throttle, internalError, insufficientAddresses: shortage, slow, slowMs } = faults();
    if (hits(random, throttle)) return requestLimitExceeded();
    if (hits(random, internalError)) {
      return awsError('InternalError', 'An internal error has occurred');
    }
    if (TAKES_ADDRESSES.has(action) && hits(random, shortage)) return insufficientAddresses();
    if (hits(random, slow)) await clock.sleep(random.int(slowMs + 1));
    return call(input);
  });

/** Draws only when something may happen: a run without faults draws nothing. */
const hits = (random: Random, probability: number): boolean =>
  probability > 0 && random.next() < probability;
