/**
 * api/kubernetes/write/update — PUT of an object or of its status.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/update.go UpdateResource, rest.go
 * checkName.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { decodingRefusal } from '../../../cluster/decoding.ts';
import {
  type ApiStatus,
  isApiStatus,
  type WriteOptions as VerbOptions,
} from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { storeKey } from '../../../model/kubernetes/resources.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { notFound } from '../objects/served-kind.ts';
import { toStored } from '../objects/versions.ts';
import { bytesOf, jsonTextOf, objectIn, sizeRefusal, typedObject } from './request-body.ts';
import { strictlyRead } from './strictness.ts';
import { type WriteOptions, writeOptionsOf } from './write-options.ts';
import { tracking } from './writer.ts';
import { answerOf, carryOut, entryOf, type Hands } from './written.ts';

export async function update(given: ApiRequest): Promise<Outcome> {
  const { request, query } = given;
  const options = writeOptionsOf(request, query, 'UpdateOptions');
  if (isApiStatus(options)) return options;
  const bytes = await bytesOf(request);
  if (bytes === 'gone') return 'taken';
  if (isApiStatus(bytes)) return bytes;
  const object = replacement(given, options, bytes);
  if (isApiStatus(object)) return object;
  const tracks = tracking(given, options);
  const entry = await carryOut(given, options.isDryRun, (hands) =>
    replace(given, hands, object, tracks),
  );
  return answerOf(given, entry);
}

function replacement(
  given: ApiRequest,
  options: WriteOptions,
  bytes: Buffer,
): KubernetesObject | ApiStatus {
  const { request, kind, target } = given;
  const decoded = objectIn(request, bytes, kind.resource.kind);
  if (isApiStatus(decoded)) return decoded;
  const typed = typedObject(decoded, kind);
  if (isApiStatus(typed)) return typed;
  const misfit = decodingRefusal(typed) ?? sizeRefusal(typed, bytes.length);
  if (misfit !== undefined) return misfit;
  const object = strictlyRead(given, options, typed, jsonTextOf(request, bytes));
  if (isApiStatus(object)) return object;
  const moved = nameRefusal(given, object);
  if (moved !== undefined) return moved;
  const { namespace } = target;
  const metadata = namespace === undefined ? object.metadata : { ...object.metadata, namespace };
  return toStored(kind, { ...object, metadata });
}

/** The object must be the one the URL names. */
export function nameRefusal(
  { target }: ApiRequest,
  { metadata }: KubernetesObject,
): ApiStatus | undefined {
  const { name = '', namespace } = metadata;
  if (name === '') {
    return statusBadRequest('name must be provided');
  }
  if (name !== target.name) {
    return statusBadRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (target.namespace !== undefined && namespace && namespace !== target.namespace) {
    return statusBadRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request ` +
        `(${target.namespace})`,
    );
  }
  return undefined;
}

/** Replaces the object, or the part a subresource is the door of, at the revision it names. */
export function replace(
  given: ApiRequest,
  hands: Hands,
  object: KubernetesObject,
  options?: VerbOptions,
) {
  const { kind, target } = given;
  const { resourceVersion, ...metadata } = object.metadata;
  const asked =
    resourceVersion === undefined || resourceVersion === '' ? undefined : resourceVersion;
  const bare = { ...object, metadata };
  const key = storeKey(kind.storage, metadata.name, metadata.namespace);
  if (hands.store.entry(kind.storage.storeKind, key) === undefined) {
    return notFound(kind, metadata.name);
  }
  const expected = asked === undefined ? undefined : Number(asked);
  const result =
    target.subresource === 'status'
      ? hands.verbs.updateStatus(bare, expected, options)
      : hands.verbs.update(bare, expected, options);
  return isApiStatus(result) ? result : entryOf(given, hands, result);
}
