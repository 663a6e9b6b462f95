/**
 * cloud/decorate — AWS's time and AWS's moods, around operations that answer at once.
 *
 * Decorators over a service's whole action table, each knowing one thing: how long a call takes, who
 * made it, whether it gets there, how many are allowed, what may go wrong. Controllers see an `Ec2`
 * or an `Elbv2` and nothing of these.
 */
import { awsError, isAwsError } from '../model/aws-error.ts';
import type { Clock, Millis } from '../sim/clock.ts';
import type { Faults } from '../sim/faults.ts';
import type { Random } from '../sim/random.ts';
import { MOODS, SDK_NAMES, type ServiceName } from './services.ts';

type Call = (input: unknown) => unknown;

/** The same verbs, each taking its time. */
type Timed<Verbs> = {
  readonly [Action in keyof Verbs]: Verbs[Action] extends (input: infer Input) => infer Result
    ? (input: Input) => Promise<Awaited<Result>>
    : never;
};

/**
 * Every action of a table, each replaced by what `wrap` makes of it when it is first called: each
 * node's daemons have a table of their own, of whose two hundred actions they call ten.
 */
function wrapped<Verbs extends object>(
  verbs: Verbs,
  wrap: (action: string, call: Call) => (input: unknown) => Promise<unknown>,
): Timed<Verbs> {
  const made = new Map<string, unknown>();
  const actionOf = (action: string): unknown => {
    const known = made.get(action);
    if (known !== undefined) return known;
    // Each entry keeps its own signature; only the table as a whole is typed.
    const call = (verbs as Record<string, Call | undefined>)[action];
    if (call === undefined) return undefined;
    const wrapper = wrap(action, call);
    made.set(action, wrapper);
    return wrapper;
  };
  return new Proxy(verbs, {
    get: (_, action) => (typeof action === 'string' ? actionOf(action) : undefined),
  }) as unknown as Timed<Verbs>;
}

/** How long an action takes: evenly between the two. */
export type Latency = readonly [leastMs: Millis, mostMs: Millis];

/**
 * Milliseconds per action. Orders of magnitude as the CNI's own call metrics
 * (awscni_aws_api_latency_ms) show them in public dashboards; recollection, not measured.
 */
const LATENCIES: Readonly<Record<string, Latency>> = {
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
  createLoadBalancer: [700, 1_500],
  deleteLoadBalancer: [300, 800],
  setSubnets: [500, 1_000],
  changeResourceRecordSets: [200, 600],
};
const DESCRIBE_LATENCY: Latency = [50, 150];
const OTHER_LATENCY: Latency = [100, 300];

const isReading = (action: string): boolean => /^(describe|list)/.test(action);

const latencyOf = (action: string): Latency =>
  LATENCIES[action] ?? (isReading(action) ? DESCRIBE_LATENCY : OTHER_LATENCY);

/**
 * Operations with AWS's latency: the call takes effect when it returns, so what its caller reads
 * next is what it left.
 *
 * @param latency  milliseconds of an action, instead of the table's
 */
export const latent = <Verbs extends object>(
  verbs: Verbs,
  clock: Clock,
  random: Random,
  latency: (action: string) => Latency = latencyOf,
): Timed<Verbs> =>
  wrapped(verbs, (action, call) => {
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
  readonly service: ServiceName;
  /** `AssignPrivateIpAddresses` */
  readonly action: string;
  /** Absent when it succeeded. */
  readonly errorCode?: string | undefined;
  /** Of calls that change something: what was asked, and what AWS answered. */
  readonly change?: { readonly input: unknown; readonly output: unknown } | undefined;
}

/** The same service, every call told to `record` under the caller's name once it is answered. */
export const metered = <Verbs extends object>(
  verbs: Verbs,
  clock: Clock,
  caller: string,
  record: (call: MeteredCall) => void,
  service: ServiceName = 'ec2',
): Timed<Verbs> =>
  wrapped(verbs, (method, call) => {
    const action = method[0]!.toUpperCase() + method.slice(1);
    return async (input) => {
      const atMs = clock.now();
      const result = await call(input);
      const errorCode = isAwsError(result) ? result.code : undefined;
      const change = isReading(method) ? undefined : { input, output: result };
      const durationMs = clock.now() - atMs;
      record({ atMs, durationMs, caller, service, action, errorCode, change });
      return isAwsError(result) ? { ...result, call: `${SDK_NAMES[service]}: ${action}` } : result;
    };
  });

/** aws-sdk-go-v2 of ipamd: ten tries of ten seconds (pkg/awsutils/awssession/session.go). */
const UNREACHED_MS = 100_000;

/** The same service over a network: a call that does not get there fails after all its tries. */
export const reached = <Verbs extends object>(
  verbs: Verbs,
  clock: Clock,
  isReached: (action: string) => boolean,
): Timed<Verbs> =>
  wrapped(verbs, (action, call) => async (input) => {
    if (isReached(action)) return call(input);
    await clock.sleep(UNREACHED_MS);
    return awsError('RequestError', 'send request failed: i/o timeout');
  });

/** aws-sdk-go-v2 aws/retry/standard.go: three tries in all. Its waits are drawn, these are not. */
const TRIES = 3;
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 20_000;

/** What AWS says of itself rather than of the request. */
const TRANSIENT = /^(Throttling|RequestLimitExceeded|InternalError|InternalFailure)/;

/**
 * The same service through an SDK: a call that AWS fails for its own reasons is made again.
 *
 * @param tries  how often in all; zero is the SDK's own default
 */
export const persistent = <Verbs extends object>(
  verbs: Verbs,
  clock: Clock,
  tries = 0,
): Timed<Verbs> =>
  wrapped(verbs, (_action, call) => async (input) => {
    for (let tried = 1; ; tried++) {
      const answer = await call(input);
      const isLast = tried >= (tries || TRIES);
      if (isLast || !isAwsError(answer) || !TRANSIENT.test(answer.code)) return answer;
      await clock.sleep(Math.min(RETRY_LEAST_MS * 2 ** tried, RETRY_MOST_MS));
    }
  });

/** A token bucket: starts full. */
interface Bucket {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** AWS counts reading and changing apart, per account and region. */
interface Buckets {
  readonly describing: Bucket;
  readonly changing: Bucket;
}

/** EC2 API reference, "Request throttling"; the figures are recollection. */
const EC2_BUCKETS: Buckets = {
  describing: { capacity: 100, refillPerSecond: 20 },
  changing: { capacity: 50, refillPerSecond: 5 },
};

/** The same service, throttling once the bucket is empty. All callers share the buckets. */
export function throttled<Verbs extends object>(
  verbs: Verbs,
  clock: Clock,
  buckets: Buckets = EC2_BUCKETS,
  service: ServiceName = 'ec2',
): Timed<Verbs> {
  const take = callLimits(clock, buckets);
  return wrapped(
    verbs,
    (action, call) => async (input) =>
      take(isReading(action)) ? call(input) : MOODS[service].throttled,
  );
}

/** Whether one more call is let through, counting it when it is. */
export function callLimits(
  clock: Clock,
  buckets: Buckets = EC2_BUCKETS,
): (isReading: boolean) => boolean {
  const describing = tokens(clock, buckets.describing);
  const changing = tokens(clock, buckets.changing);
  return (isReading) => (isReading ? describing() : changing());
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

/**
 * The same service with what may go wrong. A call that fails has done nothing.
 *
 * @param faults  asked at every call, so that faults can be switched while time runs
 */
export const flaky = <Verbs extends object>(
  verbs: Verbs,
  clock: Clock,
  random: Random,
  faults: () => Faults,
  service: ServiceName = 'ec2',
): Timed<Verbs> => {
  const moods = MOODS[service];
  return wrapped(verbs, (action, call) => async (input) => {
    const { throttle, internalError, insufficientAddresses, slow, slowMs } = faults();
    if (hits(random, throttle)) return moods.throttled;
    if (hits(random, internalError)) return moods.failed;
    if (moods.takesAddresses.has(action) && hits(random, insufficientAddresses))
      return moods.shortOfAddresses;
    if (hits(random, slow)) await clock.sleep(random.int(slowMs + 1));
    return call(input);
  });
};

/** Draws only when something may happen: a run without faults draws nothing. */
const hits = (random: Random, probability: number): boolean =>
  probability > 0 && random.next() < probability;
