/**
 * api/aws/refused — why a request is not even an operation's: thrown by what reads requests, and
 * answered in the service's own form. Operations answer errors as values instead.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';

export class Refused extends Error {
  readonly error: AwsError;
  /** HTTP status, where the code alone does not say it. */
  readonly status: number | undefined;

  constructor(code: string, message: string, status?: number) {
    super(message);
    this.error = awsError(code, message);
    this.status = status;
  }
}
