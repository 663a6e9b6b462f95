/**
 * cluster/field-error — one complaint of validation, worded as the API server words it.
 *
 * Upstream: kubernetes/apimachinery pkg/util/validation/field/errors.go Error.ErrorBody.
 */
import type { StatusCause } from './kubernetes.ts';

export interface FieldError {
  /** `spec.ports[0].nodePort`. */
  readonly field: string;
  readonly type: FieldErrorType;
  /** `Invalid value: 8080: provided port is not in the valid range…`. */
  readonly body: string;
}

type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

const SAYS: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
};

/** A value that prints as these words: Go's `%#v` of a struct. */
interface GoText {
  readonly go: string;
}

/** What Go prints for a value inside a field error. */
const shown = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return goQuoted(value);
  if (typeof value === 'object' && 'go' in value) return (value as GoText).go;
  if (Array.isArray(value)) return goStrings('string', value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** Go's `%q`: JSON's quoting but for what JSON writes as `\u00xx`. */
export const goQuoted = (text: string): string =>
  JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');

/** Go's `%#v` of a slice of strings: `[]string{"a", "b"}`. */
export const goStrings = (type: string, values: readonly string[] | undefined): string =>
  values === undefined
    ? `[]${type}(nil)`
    : `[]${type}{${values.map((value) => goQuoted(value)).join(', ')}}`;

const error = (type: FieldErrorType, field: string, value: string, detail: string): FieldError => ({
  field,
  type,
  body: `${SAYS[type]}${value}${detail === '' ? '' : `: ${detail}`}`,
});

export const required = (field: string, detail = ''): FieldError =>
  error('FieldValueRequired', field, '', detail);

export const forbidden = (field: string, detail: string): FieldError =>
  error('FieldValueForbidden', field, '', detail);

export const invalid = (field: string, value: unknown, detail: string): FieldError =>
  error('FieldValueInvalid', field, `: ${shown(value)}`, detail);

/** A value of another type: `value` names the type it has. */
export const typeInvalid = (field: string, value: string, detail: string): FieldError =>
  error('FieldValueTypeInvalid', field, `: ${shown(value)}`, detail);

export const duplicate = (field: string, value: unknown): FieldError =>
  error('FieldValueDuplicate', field, `: ${shown(value)}`, '');

export const notFound = (field: string, value: unknown): FieldError =>
  error('FieldValueNotFound', field, `: ${shown(value)}`, '');

/** `supported` in the order upstream lists them: most sets are sorted, some slices are not. */
export const notSupported = (
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError =>
  error(
    'FieldValueNotSupported',
    field,
    `: ${shown(value)}`,
    `supported values: ${supported.map((it) => goQuoted(it)).join(', ')}`,
  );

export const tooLong = (field: string, maxBytes: number): FieldError =>
  error('FieldValueTooLong', field, '', `must have at most ${maxBytes} bytes`);

/** The cause a Status lists for it. */
export const causeOf = ({ type, body, field }: FieldError): StatusCause => ({
  reason: type,
  message: body,
  field,
});
