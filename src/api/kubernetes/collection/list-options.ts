/**
 * api/kubernetes/collection/list-options — the parameters of lists and watches that contradict each
 * other or cannot be read.
 *
 * Upstream: kubernetes/apimachinery pkg/apis/meta/internalversion/validation/validation.go
 * ValidateListOptions.
 */
import { statusBadRequest, statusInvalid } from '../../../cluster/api-status.ts';
import { type FieldError, forbidden, notSupported } from '../../../cluster/field-error.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';

const LIST_OPTIONS = { apiVersion: 'meta.k8s.io/v1', kind: 'ListOptions' };
const MATCH = 'resourceVersionMatch';
const NUMBERS = ['limit', 'timeoutSeconds'];

/** The refusal of a query, or undefined. */
export function listOptionsRefusal(
  query: URLSearchParams,
  isWatch: boolean,
): ApiStatus | undefined {
  for (const name of NUMBERS) {
    const text = query.get(name) ?? '';
    if (text === '' || /^[+-]?\d+$/.test(text)) continue;
    return statusBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const errors = isWatch ? watchErrors(query) : listErrors(query);
  return errors.length === 0 ? undefined : statusInvalid(LIST_OPTIONS, '', errors);
}

function listErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const match = query.get(MATCH) ?? '';
  const revision = query.get('resourceVersion') ?? '';
  if (match !== '') {
    if (revision === '') {
      errors.push(forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
    }
    if ((query.get('continue') ?? '') !== '') {
      errors.push(forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && revision === '0') {
      const detail = `${MATCH} "exact" is forbidden for resourceVersion "0"`;
      errors.push(forbidden(MATCH, detail));
    }
  }
  if (query.has('sendInitialEvents')) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const match = query.get(MATCH) ?? '';
  const sends = query.has('sendInitialEvents');
  if (sends && match !== 'NotOlderThan') {
    const detail = `sendInitialEvents requires setting ${MATCH} to NotOlderThan`;
    errors.push(forbidden(MATCH, detail));
  }
  if (match !== '' && !sends) {
    const detail = `${MATCH} is forbidden for watch unless sendInitialEvents is provided`;
    errors.push(forbidden(MATCH, detail));
  }
  return errors;
}
