/**
 * api/kubernetes/write/patch — PATCH of an object or of its status, in the forms that clients send.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/patch.go PatchResource.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { decodingRefusal } from '../../../cluster/decoding.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import { patchedBy } from '../../../cluster/patch-object.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { storedAt } from '../objects/get.ts';
import { leaving, objectText } from '../objects/object-text.ts';
import { apiVersionOf } from '../objects/served-kind.ts';
import { toServed, toStored } from '../objects/versions.ts';
import { apply } from './apply.ts';
import { APPLY_TYPE, type Patch, patchIn, patchTypeRefusal } from './patch-body.ts';
import { bytesOf, mediaTypeOf, sizeRefusal } from './request-body.ts';
import { strictlyPatched } from './strictness.ts';
import { nameRefusal, replace } from './update.ts';
import { writeOptionsOf } from './write-options.ts';
import { tracking } from './writer.ts';
import { answerOf, carryOut, type Hands } from './written.ts';

export async function patch(given: ApiRequest): Promise<Outcome> {
  const { request, query, kind } = given;
  const unknown = patchTypeRefusal(request);
  if (unknown !== undefined) return unknown;
  const options = writeOptionsOf(request, query, 'PatchOptions');
  if (isApiStatus(options)) return options;
  const bytes = await bytesOf(request);
  if (bytes === 'gone') return 'taken';
  if (isApiStatus(bytes)) return bytes;
  if (mediaTypeOf(request) === APPLY_TYPE) return apply(given, options, bytes);
  const asked = patchIn(request, bytes);
  if (isApiStatus(asked)) return asked;
  const tracks = tracking(given, options);
  const entry = await carryOut(given, options.isDryRun, (hands) => {
    const whole = patched(given, hands, asked);
    if (isApiStatus(whole)) return whole;
    const after = strictlyPatched(given, options, whole, bytes.toString());
    if (isApiStatus(after)) return after;
    // Many small patches make a large object too.
    const wholeBytes = bytes.length + sizeOf(given, hands);
    return sizeRefusal(after, wholeBytes) ?? replace(given, hands, toStored(kind, after), tracks);
  });
  return answerOf(given, entry);
}

/** The live object in the version of the URL, with the patch carried out. */
function patched(
  given: ApiRequest,
  hands: Hands,
  { type, body }: Patch,
): KubernetesObject | ApiStatus {
  const { kind } = given;
  const entry = storedAt(given, hands.store);
  if (isApiStatus(entry)) return entry;
  const live = leaving(toServed(kind)(entry.value), entry.revision);
  const after = patchedBy(live, type, body);
  if (isApiStatus(after)) return after;
  const object = after as unknown as KubernetesObject;
  if (typeof object.metadata !== 'object' || object.metadata === null) {
    return statusBadRequest('the object has no metadata after the patch');
  }
  const refused = nameRefusal(given, object) ?? decodingRefusal(object);
  return refused ?? object;
}

/** How long the object is before the patch. */
function sizeOf(given: ApiRequest, hands: Hands): number {
  const entry = storedAt(given, hands.store);
  if (isApiStatus(entry)) return 0;
  const { kind } = given;
  return objectText(entry.value, entry.revision, apiVersionOf(kind), toServed(kind)).length;
}
