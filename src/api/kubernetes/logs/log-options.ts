/**
 * api/kubernetes/logs/log-options — which part of a container's log a client asks for.
 *
 * Upstream: kubernetes/api core/v1 types.go PodLogOptions; kubernetes/kubernetes
 * pkg/apis/core/validation/validation.go ValidatePodLogOptions.
 */
import { statusBadRequest, statusInvalid } from '../../../cluster/api-status.ts';
import { type FieldError, forbidden, invalid } from '../../../cluster/field-error.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import { parseTimestamp } from '../../../model/time.ts';
import type { Millis } from '../../../sim/clock.ts';
import { flagOf } from '../api-request.ts';

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Nothing older than this, in the twin's time. */
  readonly sinceMs: Millis | undefined;
  /** So many lines from the end. */
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
}

const NUMBERS = ['tailLines', 'limitBytes', 'sinceSeconds'] as const;

/** Go's strconv, as the API server's decoding of a query says it. */
const notANumber = (text: string): ApiStatus =>
  statusBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);

/** Reads the query; or why it is refused. */
export function logOptions(
  name: string,
  query: URLSearchParams,
  nowMs: Millis,
): LogOptions | ApiStatus {
  const numbers: { [Name in (typeof NUMBERS)[number]]?: number } = {};
  for (const field of NUMBERS) {
    const text = query.get(field);
    if (text === null || text === '') continue;
    if (!/^[+-]?\d+$/.test(text)) return notANumber(text);
    numbers[field] = Number(text);
  }
  const { tailLines, limitBytes, sinceSeconds } = numbers;
  const sinceTime = query.get('sinceTime') ?? undefined;
  const at = sinceTime === undefined ? undefined : parseTimestamp(sinceTime);
  if (sinceTime !== undefined && at === undefined) {
    const shown = JSON.stringify(sinceTime);
    return statusBadRequest(`parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse`);
  }
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  if (sinceSeconds !== undefined && at !== undefined)
    errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  if (errors.length > 0) {
    return statusInvalid({ apiVersion: 'v1', kind: 'PodLogOptions' }, name, errors);
  }
  return {
    follow: flagOf(query, 'follow'),
    previous: flagOf(query, 'previous'),
    timestamps: flagOf(query, 'timestamps'),
    sinceMs: sinceSeconds === undefined ? at : nowMs - sinceSeconds * 1_000,
    tailLines,
    limitBytes,
  };
}
