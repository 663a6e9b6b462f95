/**
 * model/aws-error — an AWS error as a value. Operations return `Result | AwsError`, because an
 * error of AWS is an expected outcome that a controller acts on.
 *
 * Codes and texts: the EC2 API reference's error list and public reports of the exact texts.
 */
import { mixedFnv1a } from '../sim/fnv.ts';

export interface AwsError {
  readonly kind: 'aws-error';
  /** `InsufficientFreeAddressesInSubnet`, `InvalidParameterValue`, … */
  readonly code: string;
  readonly message: string;
  /** Whose answer it is, as the SDK names it: `EC2: DescribeSubnets`. Absent: nobody asked yet. */
  readonly call?: string | undefined;
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

/** Errors of Elastic Load Balancing that the SDK has types for: those print their code bare. */
const TYPED_START = /^(Duplicate|TooMany|Incompatible|PriorityIn|ALPN|Capacity|Unsupported)/;
const TYPED: ReadonlySet<string> = new Set([
  'AvailabilityZoneNotSupported',
  'InvalidConfigurationRequest',
  'InvalidLoadBalancerAction',
  'InvalidScheme',
  'InvalidSecurityGroup',
  'InvalidSubnet',
  'InvalidTarget',
  'OperationNotPermitted',
  'PriorRequestNotComplete',
  'ResourceInUse',
  'TargetGroupAssociationLimit',
]);

const isTyped = (code: string): boolean =>
  TYPED.has(code) || TYPED_START.test(code) || code.endsWith('NotFound');

const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  UnauthorizedOperation: 403,
  InternalFailure: 500,
  InternalError: 500,
  RequestLimitExceeded: 503,
};

/**
 * The error as aws-sdk-go-v2 prints it. A request's id is drawn from what the error says, so that
 * the same refusal is the same text; AWS's differs every time.
 *
 * Upstream: aws/smithy-go errors.go OperationError, aws-sdk-go-v2 aws/transport/http ResponseError.
 */
export function apiErrorText({ code, message, call }: AwsError): string {
  if (call === undefined) return `api error ${code}: ${message}`;
  const isBare = call.startsWith('Elastic Load Balancing') && isTyped(code);
  const inner = isBare ? `${code}: ${message}` : `api error ${code}: ${message}`;
  return (
    `operation error ${call}, https response error StatusCode: ${STATUS[code] ?? 400}, ` +
    `RequestID: ${requestId(`${call} ${inner}`)}, ${inner}`
  );
}

function requestId(text: string): string {
  const words = [0, 1, 2, 3].map((seed) => mixedFnv1a(text, seed).toString(16).padStart(8, '0'));
  const hex = words.join('');
  const [first, second] = [hex.slice(0, 8), hex.slice(8, 12)];
  return `${first}-${second}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
