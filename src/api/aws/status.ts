/** api/aws/status — the HTTP status of an error, and what JSON services call the common errors. */
import type { Protocol, ServiceModel } from './model.ts';

/** EC2 API reference, "Error codes"; others: "Common errors" of each reference. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  AuthFailure: 401,
  DryRunOperation: 412,
  IncompleteSignature: 400,
  InternalError: 500,
  InternalFailure: 500,
  InternalServerException: 500,
  MissingAuthenticationToken: 403,
  OptInRequired: 403,
  RequestLimitExceeded: 503,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Unavailable: 503,
  UnauthorizedOperation: 403,
};

/** Errors as a model declares them, by the code that is sent and by the SDK's name. */
const declared = new WeakMap<ServiceModel, ReadonlyMap<string, number>>();

function declaredBy(model: ServiceModel): ReadonlyMap<string, number> {
  let statuses = declared.get(model);
  if (statuses === undefined) {
    const entries = Object.entries(model.errors).flatMap(([name, [code, status]]) => [
      [name, status] as const,
      [code, status] as const,
    ]);
    statuses = new Map(entries);
    declared.set(model, statuses);
  }
  return statuses;
}

/** 400 for what no table has: most of AWS's errors are the client's. */
export const statusOf = (code: string, model?: ServiceModel): number =>
  (model === undefined ? undefined : declaredBy(model).get(code)) ?? STATUS[code] ?? 400;

const IN_JSON: Readonly<Record<string, string>> = {
  IncompleteSignature: 'IncompleteSignatureException',
  InternalFailure: 'InternalServerException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  RequestExpired: 'InvalidSignatureException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  Throttling: 'ThrottlingException',
  UnsupportedOperation: 'UnsupportedOperationException',
};

/** The code a service of this protocol uses for an error that all of AWS's services have. */
export const codeFor = (protocol: Protocol, code: string): string =>
  protocol === 'restJson1' || protocol === 'awsJson1.1' ? (IN_JSON[code] ?? code) : code;
