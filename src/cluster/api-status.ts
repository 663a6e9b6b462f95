/**
 * cluster/api-status — refusals in the API server's words: 404, 409, 403, 422.
 *
 * Upstream: kubernetes/apimachinery pkg/api/errors/errors.go NewNotFound, NewAlreadyExists,
 * NewConflict, NewForbidden, NewInvalid; pkg/util/errors/errors.go Aggregate.Error.
 */
import { groupOf, type Resource, resourceOf } from '../model/kubernetes/resources.ts';
import { causeOf, type FieldError } from './field-error.ts';
import type { ApiStatus, StatusCause } from './kubernetes.ts';

type Typed = { readonly apiVersion: string; readonly kind: string };

interface Details {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
}

const status = (code: number, reason: string, message: string, details: Details): ApiStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details: {
    ...(details.name === undefined || details.name === '' ? {} : { name: details.name }),
    ...(details.group === undefined || details.group === '' ? {} : { group: details.group }),
    ...(details.kind === undefined ? {} : { kind: details.kind }),
    ...(details.causes === undefined ? {} : { causes: details.causes }),
  },
  code,
});

/**
 * Plural and group of an object: what messages name it by; unknown kinds are guessed as kubectl
 * does.
 */
const pluralOf = (object: Typed): { plural: string; group: string } => {
  const resource: Resource | undefined = resourceOf(object);
  if (resource !== undefined) return { plural: resource.plural, group: resource.group };
  const lower = object.kind.toLowerCase();
  const plural = lower.endsWith('s')
    ? `${lower}es`
    : lower.endsWith('y')
      ? `${lower.slice(0, -1)}ies`
      : `${lower}s`;
  return { plural, group: groupOf(object.apiVersion) };
};

const qualified = ({ plural, group }: { plural: string; group: string }): string =>
  group === '' ? plural : `${plural}.${group}`;

/** 404. */
export const statusNotFound = (object: Typed, name: string): ApiStatus => {
  const it = pluralOf(object);
  const message = `${qualified(it)} "${name}" not found`;
  return status(404, 'NotFound', message, { name, group: it.group, kind: it.plural });
};

/** 409: create of a name that is taken. */
export const statusAlreadyExists = (object: Typed, name: string): ApiStatus => {
  const it = pluralOf(object);
  const message = `${qualified(it)} "${name}" already exists`;
  return status(409, 'AlreadyExists', message, { name, group: it.group, kind: it.plural });
};

/** 409: the object is not what the writer read. */
export const statusConflict = (object: Typed, name: string, detail: string): ApiStatus => {
  const it = pluralOf(object);
  const message = `Operation cannot be fulfilled on ${qualified(it)} "${name}": ${detail}`;
  return status(409, 'Conflict', message, { name, group: it.group, kind: it.plural });
};

/** The detail of a 409 whose revision is stale. */
export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** 403. */
export const statusForbidden = (object: Typed, name: string, detail: string): ApiStatus => {
  const it = pluralOf(object);
  const message =
    name === ''
      ? `${qualified(it)} is forbidden: ${detail}`
      : `${qualified(it)} "${name}" is forbidden: ${detail}`;
  return status(403, 'Forbidden', message, { name, group: it.group, kind: it.plural });
};

/** 422 with every complaint. */
export const statusInvalid = (
  object: Typed,
  name: string,
  errors: readonly FieldError[],
): ApiStatus => {
  const group = groupOf(object.apiVersion);
  const qualifiedKind = group === '' ? object.kind : `${object.kind}.${group}`;
  const texts = [...new Set(errors.map(({ field, body }) => `${field}: ${body}`))];
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const message = `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${all}`;
  const causes = errors.map(causeOf);
  return status(422, 'Invalid', message, { name, group, kind: object.kind, causes });
};

/** 422 without causes: a patch that could not be carried out. */
export const statusPatchRefused = (): ApiStatus =>
  status(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/** 400. */
export const statusBadRequest = (message: string): ApiStatus =>
  status(400, 'BadRequest', message, {});

/** 404 of a kind or version that is not served, in kubectl's words (meta.NoKindMatchError). */
export const statusNoMatch = ({ apiVersion, kind }: Typed): ApiStatus =>
  status(404, 'NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`, {});

/** 500: what upstream did not expect; the text is all there is. */
export const statusInternal = (message: string): ApiStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: '',
  code: 500,
});

/** 500 with a reason: what a storage could not do (errors.go NewInternalError). */
export const statusInternalError = (message: string): ApiStatus => ({
  ...statusInternal(`Internal error occurred: ${message}`),
  reason: 'InternalError',
  details: { causes: [{ reason: '', message, field: '' }] },
});

/** 400: a patch or a PUT that would move the object (apiserver handlers/rest.go checkName). */
export const statusOtherName = (
  what: 'name' | 'namespace',
  given: string,
  own: string,
): ApiStatus =>
  statusBadRequest(
    `the ${what} of the object (${given}) does not match the ${what} on the URL (${own})`,
  );
