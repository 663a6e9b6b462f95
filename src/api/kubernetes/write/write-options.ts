/**
 * api/kubernetes/write/write-options — what a write says beside its object: dryRun, fieldManager,
 * fieldValidation.
 *
 * Upstream: kubernetes/apimachinery pkg/apis/meta/v1/validation/validation.go.
 */
import type { IncomingMessage } from 'node:http';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import { failure } from '../rest-status.ts';

export interface WriteOptions {
  readonly isDryRun: boolean;
  /** Who owns the fields that are written; the first word of the User-Agent unless said. */
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** A 422 about an option, in the words of its validation. */
export function optionRefusal(
  options: OptionsKind,
  field: string,
  value: string,
  supported: readonly string[],
): ApiStatus {
  const quoted = supported.map((it) => JSON.stringify(it)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${quoted}`;
  return failure(422, 'Invalid', `${options}.meta.k8s.io "" is invalid: ${field}: ${message}`, {
    group: 'meta.k8s.io',
    kind: options,
    causes: [{ reason: 'FieldValueNotSupported', message, field }],
  });
}

const VALIDATIONS = ['Ignore', 'Strict', 'Warn'] as const;

/** Reads the options of a query; Warn is what the server does unless told otherwise. */
export function writeOptionsOf(
  request: IncomingMessage,
  query: URLSearchParams,
  options: OptionsKind,
): WriteOptions | ApiStatus {
  for (const value of query.getAll('dryRun')) {
    if (value !== 'All' && value !== '') return optionRefusal(options, 'dryRun', value, ['All']);
  }
  const asked = query.get('fieldValidation') ?? '';
  const fieldValidation =
    asked === '' ? 'Warn' : VALIDATIONS.find((it) => it.toLowerCase() === asked.toLowerCase());
  if (fieldValidation === undefined) {
    return optionRefusal(options, 'fieldValidation', asked, VALIDATIONS);
  }
  const agent = (request.headers['user-agent'] ?? '').split('/')[0]!;
  return {
    isDryRun: query.getAll('dryRun').includes('All'),
    fieldManager: query.get('fieldManager') || agent || 'unknown',
    fieldValidation,
  };
}
