/**
 * api/aws/idempotency — calls with a client token: the same token with the same parameters gets the
 * same answer and changes nothing again. Remembered while the process runs.
 *
 * Source: EC2 API reference, "Ensuring idempotency in Amazon EC2 API requests".
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { membersOf, type ServiceModel } from './model.ts';

type Fields = Readonly<Record<string, unknown>>;

/** More than any client retries; the oldest are forgotten. */
const REMEMBERED_MAX = 4_096;

interface Remembered {
  readonly parameters: string;
  readonly output: Fields;
}

export class ClientTokens {
  readonly #answers = new Map<string, Remembered>();

  /** What `run` answers, or what it answered when the same call was made before. */
  once(
    model: ServiceModel,
    operation: string,
    input: Fields,
    run: () => Fields | AwsError,
  ): Fields | AwsError {
    const token = tokenOf(model, operation, input);
    if (token === undefined) return run();
    const key = `${model.service} ${operation} ${token}`;
    const parameters = JSON.stringify(input);
    const known = this.#answers.get(key);
    if (known !== undefined)
      return known.parameters === parameters ? known.output : mismatch(model.protocol);
    const output = run();
    if (!isAwsError(output)) {
      this.#answers.set(key, { parameters, output });
      if (this.#answers.size > REMEMBERED_MAX)
        this.#answers.delete(this.#answers.keys().next().value!);
    }
    return output;
  }
}

/** The token of a call, by the member that its model or its name makes one. */
function tokenOf(model: ServiceModel, operation: string, input: Fields): string | undefined {
  const members = membersOf(model, model.operations[operation]!.i);
  const member =
    members.find(([, , traits]) => traits?.I === 1) ??
    members.find(([name]) => name === 'ClientToken');
  const token = member === undefined ? undefined : input[member[0]];
  return typeof token === 'string' && token !== '' ? token : undefined;
}

const mismatch = (protocol: ServiceModel['protocol']): AwsError =>
  protocol === 'ec2Query'
    ? awsError(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous ' +
          'request(s).',
      )
    : awsError(
        'InvalidParameterException',
        'The client request token was used before with other parameters.',
      );
