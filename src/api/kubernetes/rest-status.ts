/**
 * api/kubernetes/rest-status — refusals of the wire itself, before any verb is asked: unknown
 * paths, tokens, methods, media types, versions that are gone.
 *
 * Upstream: kubernetes/apimachinery pkg/api/errors/errors.go; kubernetes/apiserver
 * pkg/endpoints/handlers/negotiation/errors.go, pkg/storage/errors.go.
 */
import type { ApiStatus, StatusCause } from '../../cluster/kubernetes.ts';

interface Extra {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** A refusal with the parts of `details` that are known. */
export function failure(
  code: number,
  reason: string,
  message: string,
  details?: Extra,
  metadata: Readonly<Record<string, unknown>> = {},
): ApiStatus {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: metadata as Record<string, never>,
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

export const statusUnauthorized = (): ApiStatus => failure(401, 'Unauthorized', 'Unauthorized');

/** 404 of a path that names no resource. */
export const statusNoResource = (): ApiStatus =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {});

/** 405 of a verb the resource does not have. */
export const statusMethodNotAllowed = (): ApiStatus =>
  failure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );

export const statusNotAcceptable = (accepted: readonly string[]): ApiStatus =>
  failure(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
  );

export const statusUnsupportedMediaType = (accepted: readonly string[]): ApiStatus =>
  failure(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: ' +
      accepted.join(', '),
  );

export const statusTooLarge = (limit: number): ApiStatus =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);

/** 410: what was asked for is older than what is kept. */
export const statusExpired = (message: string, again?: string): ApiStatus =>
  failure(410, 'Expired', message, undefined, again === undefined ? {} : { continue: again });

/** 504: a client knows a revision that has not happened here (storage/errors.go). */
export const statusTooLargeRevision = (asked: number, current: number): ApiStatus => {
  const message = 'Too large resource version';
  return failure(504, 'Timeout', `${message}: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message, field: '' }],
    retryAfterSeconds: 1,
  });
};

/** 501: a door the real server has and nobody stands behind here. */
export const statusNotSimulated = (what: string): ApiStatus =>
  failure(501, 'NotImplemented', `ekstwin does not simulate ${what}`);
