/**
 * api/kubernetes/write/create — POST of an object to its collection.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/create.go createHandler.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { decodingRefusal } from '../../../cluster/decoding.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { userOf } from '../access/bearer-token.ts';
import { impersonatedUser } from '../access/impersonation.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { toStored } from '../objects/versions.ts';
import { failure } from '../rest-status.ts';
import { bytesOf, jsonTextOf, objectIn, sizeRefusal, typedObject } from './request-body.ts';
import { strictlyRead } from './strictness.ts';
import { type WriteOptions, writeOptionsOf } from './write-options.ts';
import { tracking } from './writer.ts';
import { answerOf, carryOut, entryOf } from './written.ts';

export async function create(given: ApiRequest): Promise<Outcome> {
  const { request, query } = given;
  const options = writeOptionsOf(request, query, 'CreateOptions');
  if (isApiStatus(options)) return options;
  const bytes = await bytesOf(request);
  if (bytes === 'gone') return 'taken';
  if (isApiStatus(bytes)) return bytes;
  const object = newObject(given, options, bytes);
  if (isApiStatus(object)) return object;
  const tooLarge = sizeRefusal(object, bytes.length);
  if (tooLarge !== undefined) {
    // Whatever else is wrong with it is said first: etcd comes last.
    const tried = given.state.running.twin.kubernetes.rehearsal().verbs.create(object);
    return isApiStatus(tried) ? tried : tooLarge;
  }
  const tracks = tracking(given, options);
  const entry = await carryOut(given, options.isDryRun, (hands) => {
    const result = hands.verbs.create(object, tracks);
    return isApiStatus(result) ? result : entryOf(given, hands, result);
  });
  return answerOf(given, entry, 201);
}

/** The object of a body, in the version and the namespace it will be stored with. */
function newObject(
  given: ApiRequest,
  options: WriteOptions,
  bytes: Buffer,
): KubernetesObject | ApiStatus {
  const { request, kind, target } = given;
  const decoded = objectIn(request, bytes, kind.resource.kind);
  if (isApiStatus(decoded)) return decoded;
  const typed = typedObject(decoded, kind);
  if (isApiStatus(typed)) return typed;
  const misfit = decodingRefusal(typed);
  if (misfit !== undefined) return misfit;
  const object = strictlyRead(given, options, typed, jsonTextOf(request, bytes));
  if (isApiStatus(object)) return object;
  const { name, generateName, namespace, resourceVersion } = object.metadata;
  if ((resourceVersion ?? '') !== '' && resourceVersion !== '0') {
    return failure(500, '', 'resourceVersion should not be set on objects to be created');
  }
  if (!name && !generateName) return nameRequired(given);
  const own = inNamespace(object, namespace, target.namespace, kind.resource.namespaced);
  return isApiStatus(own) ? own : toStored(kind, withRequestor(given, own));
}

/** A certificate is asked for by who asks (certificates/strategy.go PrepareForCreate). */
function withRequestor({ request, state }: ApiRequest, object: KubernetesObject): KubernetesObject {
  if (!object.apiVersion.startsWith('certificates.k8s.io/')) return object;
  const user = impersonatedUser(request) ?? userOf(request, state.running.served);
  return { ...object, spec: { ...(object.spec as object | undefined), ...user } };
}

function nameRequired({ kind }: ApiRequest): ApiStatus {
  const { group, kind: name } = kind.resource;
  const qualified = group === '' ? name : `${name}.${group}`;
  const message = 'Required value: name or generateName is required';
  return failure(422, 'Invalid', `${qualified} "" is invalid: metadata.name: ${message}`, {
    ...(group === '' ? {} : { group }),
    kind: name,
    causes: [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }],
  });
}

/** rest/create.go EnsureObjectNamespaceMatchesRequestNamespace. */
export function inNamespace(
  object: KubernetesObject,
  own: string | undefined,
  requested: string | undefined,
  isNamespaced: boolean,
): KubernetesObject | ApiStatus {
  if (!isNamespaced) return object;
  if (own && requested !== undefined && own !== requested) {
    return statusBadRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const namespace = requested ?? own;
  if (namespace === undefined || namespace === own) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
