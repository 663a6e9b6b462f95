/**
 * model/aws-error — an AWS error as a value. Operations return `Result | AwsError`, because an
 * error of AWS is an expected outcome that a controller acts on.
 *
 * Codes and texts: the EC2 API reference's error list and public reports of the exact texts.
 */

export interface AwsError {
  readonly kind: 'aws-error';
  /** `InsufficientFreeAddressesInSubnet`, `InvalidParameterValue`, … */
  readonly code: string;
  readonly message: string;
}

export const awsError = (code: string, message: string): AwsError => ({
  kind: 'aws-error',
  code,
  message,
});

export const isAwsError = (result: unknown): result is AwsError =>
  typeof result === 'object' && result !== null && (result as AwsError).kind === 'aws-error';

/** Whether trying again soon has a chance by itself. */
export const isTransient = (error: AwsError): boolean =>
  /RequestLimitExceeded|Throttling|Internal|Unavailable|Timeout|PriorRequestNotComplete/.test(
    error.code,
  );

/**
 * The error as aws-sdk-go-v2 prints its inner part (smithy-go, GenericAPIError). What the SDK puts
 * before it, the operation, the HTTP status and a request's id, is not modelled.
 */
export const apiErrorText = ({ code, message }: AwsError): string =>
  `api error ${code}: ${message}`;
