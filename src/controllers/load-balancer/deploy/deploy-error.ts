/**
 * load-balancer/deploy/deploy-error — why a stack is not in AWS yet, in the controller's words.
 *
 * Thrown where a call is refused, so that what follows does not run, and turned into a value by
 * `deployStack`. As `BuildError` for building.
 */

import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import { type AwsError, apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import type { Clock, Millis } from '../../../sim/clock.ts';

/** `message` is what the controller's event says. */
export class DeployError extends Error {
  /** Of AWS; undefined where AWS refused nothing. */
  readonly code: string | undefined;
  /** Given: no failure, only not now. No event is recorded. */
  readonly requeueAfterMs: Millis | undefined;

  constructor(text: string, more: { code?: string; requeueAfterMs?: Millis } = {}) {
    super(text);
    this.name = 'DeployError';
    this.code = more.code;
    this.requeueAfterMs = more.requeueAfterMs;
  }
}

/** The answer, unless AWS or the API server refused. */
export function must<Answer>(answer: Answer): Exclude<Answer, AwsError | ApiStatus> {
  if (isAwsError(answer)) throw new DeployError(apiErrorText(answer), { code: answer.code });
  if (isApiStatus(answer)) throw new DeployError(answer.message);
  return answer as Exclude<Answer, AwsError | ApiStatus>;
}

/** AWS's code behind an error; undefined where AWS refused nothing. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof DeployError ? error.code : undefined;

/** Runs `step`; the text of its error gets `text: ` before it. */
export async function orExplain<Answer>(
  text: string,
  step: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const { code, requeueAfterMs } = error;
    throw new DeployError(`${text}: ${error.message}`, {
      ...(code === undefined ? {} : { code }),
      ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
    });
  }
}

/** How often something is tried again, and for how long in all. */
export interface Patience {
  readonly everyMs: Millis;
  readonly forMs: Millis;
}

/**
 * Tries until AWS no longer refuses with one of the codes, or time is up.
 *
 * Upstream: pkg/runtime/retry_utils.go RetryImmediateOnError.
 */
export async function patiently<Answer>(
  clock: Clock,
  codes: readonly string[],
  { everyMs, forMs }: Patience,
  step: () => Promise<Answer | AwsError>,
): Promise<Exclude<Answer, AwsError | ApiStatus>> {
  const untilMs = clock.now() + forMs;
  for (;;) {
    const answer = await step();
    if (!isAwsError(answer) || !codes.includes(answer.code)) return must(answer) as never;
    if (clock.now() + everyMs > untilMs) {
      throw new DeployError(`timed out waiting for the condition: ${apiErrorText(answer)}`, answer);
    }
    await clock.sleep(everyMs);
  }
}
