/**
 * api/kubernetes/write/strictness — fields of a body that nobody reads, or that stand there twice:
 * refused, told in a Warning header, or dropped, as the request says.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/{create,patch}.go (fieldValidation),
 * pkg/warning; kubernetes/apimachinery pkg/util/net/http.go NewWarningHeader.
 */
import type { ServerResponse } from 'node:http';
import { unevaluatedRules, unknownCustomFields } from '../../../cluster/custom-resource.ts';
import { statusCannotHandle } from '../../../cluster/decoding.ts';
import {
  duplicateFields,
  strictDecodingError,
  unknownFields,
  withoutUnknownFields,
} from '../../../cluster/field-validation.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { ApiRequest } from '../api-request.ts';
import type { ServedKind } from '../objects/served-kind.ts';
import { failure } from '../rest-status.ts';
import { keptOnly } from './kept-only.ts';
import type { WriteOptions } from './write-options.ts';

/** Tells the client something beside the answer; kubectl prints it as `Warning: …`. */
export function warn(response: ServerResponse, text: string): void {
  // Headers hold Latin-1 at most.
  const quoted = JSON.stringify(text.replaceAll(/[^\x20-\x7e]/g, '?'));
  response.appendHeader('Warning', `299 - ${quoted}`);
}

/**
 * The object with what its type has, or the refusal.
 *
 * @param text  the body, where it was JSON
 */
export function strictlyRead(
  { response, kind }: ApiRequest,
  { fieldValidation }: WriteOptions,
  object: KubernetesObject,
  text: string | undefined,
): KubernetesObject | ApiStatus {
  if (object.kind === 'CustomResourceDefinition') {
    for (const text of unevaluatedRules(object)) warn(response, text);
  }
  const idle = keptOnly(object.kind);
  if (idle !== undefined) warn(response, idle);
  const unknown = unknownIn(kind, object);
  const read = unknown.length === 0 ? object : withoutUnknownFields(object);
  if (fieldValidation === 'Ignore') return read;
  const twice = text === undefined ? [] : duplicateFields(text);
  const problems = [...unknown, ...twice];
  if (problems.length === 0) return object;
  if (fieldValidation === 'Strict') {
    return statusCannotHandle(object, strictDecodingError(problems));
  }
  for (const problem of problems) warn(response, problem);
  return read;
}

/** By its type, and by the schema of who defined it; the cluster prunes by the latter itself. */
const unknownIn = ({ resource }: ServedKind, object: KubernetesObject): string[] => [
  ...unknownFields(object),
  ...unknownCustomFields(resource, object),
];

/** The same of what a patch made. */
export function strictlyPatched(
  { response, kind }: ApiRequest,
  { fieldValidation }: WriteOptions,
  object: KubernetesObject,
  patch: string,
): KubernetesObject | ApiStatus {
  const unknown = unknownIn(kind, object);
  if (unknown.length === 0) return object;
  const read = withoutUnknownFields(object);
  if (fieldValidation === 'Ignore') return read;
  if (fieldValidation === 'Strict') {
    const message = `Invalid value: ${JSON.stringify(patch)}: ${strictDecodingError(unknown)}`;
    const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
    return failure(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
  }
  for (const problem of unknown) warn(response, problem);
  return read;
}
