/**
 * api/kubernetes/patch — PATCH of an object or of its status, in the forms that clients send.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/patch.go PatchResource.
 */
import { statusBadRequest } from '../../cluster/api-status.ts';
import { decodingRefusal } from '../../cluster/decoding.ts';
import { type ApiStatus, isApiStatus } from '../../cluster/kubernetes.ts';
import { patchedBy } from '../../cluster/patch-object.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { storeKey } from '../../model/kubernetes/resources.ts';
import type { Outcome } from './answer.ts';
import type { ApiRequest } from './api-request.ts';
import { goJsonError } from './go-json-error.ts';
import { leaving } from './object-text.ts';
import { bytesOf, mediaTypeOf, sizeRefusal } from './request-body.ts';
import { statusUnsupportedMediaType } from './rest-status.ts';
import { notFound } from './served-kind.ts';
import { nameRefusal, replace } from './update.ts';
import { toServed, toStored } from './versions.ts';
import { writeOptionsOf } from './write-options.ts';
import { answerOf, carryOut, type Hands } from './written.ts';

type PatchType = 'json' | 'merge' | 'strategic';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

export async function patch(given: ApiRequest): Promise<Outcome> {
  const { request, query, kind } = given;
  const media = mediaTypeOf(request);
  const type = PATCH_TYPES[media];
  if (type === undefined) {
    return statusUnsupportedMediaType(Object.keys(PATCH_TYPES));
  }
  const options = writeOptionsOf(request, query, 'PatchOptions');
  if (isApiStatus(options)) return options;
  const bytes = await bytesOf(request);
  if (bytes === 'gone') return 'taken';
  if (isApiStatus(bytes)) return bytes;
  const text = bytes.toString();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return statusBadRequest(`error decoding patch: ${goJsonError(text)}`);
  }
  const entry = await carryOut(given, options.isDryRun, (hands) => {
    const after = patched(given, hands, type, body);
    if (isApiStatus(after)) return after;
    return sizeRefusal(after, bytes.length) ?? replace(given, hands, toStored(kind, after));
  });
  return answerOf(given, entry);
}

/** The live object in the version of the URL, with the patch carried out. */
function patched(
  given: ApiRequest,
  hands: Hands,
  type: PatchType,
  body: unknown,
): KubernetesObject | ApiStatus {
  const { kind, target } = given;
  const name = target.name!;
  const key = storeKey(kind.storage, name, target.namespace);
  const entry = hands.store.entry(kind.storage.storeKind, key);
  if (entry === undefined) return notFound(kind, name);
  const live = leaving(toServed(kind)(entry.value as KubernetesObject), entry.revision);
  const after = patchedBy(live, type, body);
  if (isApiStatus(after)) return after;
  const object = after as unknown as KubernetesObject;
  if (typeof object.metadata !== 'object' || object.metadata === null) {
    return statusBadRequest('the object has no metadata after the patch');
  }
  const refused = nameRefusal(given, object) ?? decodingRefusal(object);
  return refused ?? object;
}
