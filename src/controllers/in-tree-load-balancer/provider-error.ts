/**
 * controllers/in-tree-load-balancer/provider-error — why a load balancer is not as wanted yet, in
 * the cloud provider's words.
 *
 * Thrown where AWS or a rule of the provider refuses, caught once by the controller.
 */
import { type ApiStatus, isApiStatus } from '../../cluster/kubernetes.ts';
import { type AwsError, apiErrorText, isAwsError } from '../../model/aws-error.ts';

/** What AWS says of itself rather than of the request: the same call may work later. */
const TRANSIENT = /^(Throttling|RequestLimitExceeded|InternalError|InternalFailure|RequestError)/;

/** `message` is what the event ends with. */
export class ProviderError extends Error {
  /** AWS's; undefined where AWS was not the one who refused. */
  readonly code: string | undefined;

  constructor(text: string, code?: string) {
    super(text);
    this.name = 'ProviderError';
    this.code = code;
  }

  get isTransient(): boolean {
    return this.code !== undefined && TRANSIENT.test(this.code);
  }
}

/**
 * The answer, unless AWS or the API server refused.
 *
 * @param tried  told before the error's text, which is then quoted as Go's `%q`
 */
export function must<Answer>(
  answer: Answer,
  tried?: string,
): Exclude<Answer, AwsError | ApiStatus> {
  if (isAwsError(answer)) {
    const text = apiErrorText(answer);
    const told = tried === undefined ? text : `${tried}: ${JSON.stringify(text)}`;
    throw new ProviderError(told, answer.code);
  }
  if (isApiStatus(answer)) throw new ProviderError(answer.message);
  return answer as Exclude<Answer, AwsError | ApiStatus>;
}
