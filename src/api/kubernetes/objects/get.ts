/** api/kubernetes/objects/get — GET of one object, or of its status. */

import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { storeKey } from '../../../model/kubernetes/resources.ts';
import type { Answer } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import type { StoredObject } from '../collection/collection.ts';
import { answerOf } from '../write/written.ts';
import { metadataText } from './object-text.ts';
import { notFound } from './served-kind.ts';

/** The object of the URL as it is stored. */
export function storedAt(
  { state, kind, target }: ApiRequest,
  store: TwinStore = state.running.twin.store,
): StoredObject | ApiStatus {
  const name = target.name!;
  const key = storeKey(kind.storage, name, target.namespace);
  const entry = store.entry(kind.storage.storeKind, key);
  return (entry as StoredObject | undefined) ?? notFound(kind, name);
}

export function get(given: ApiRequest): Answer | ApiStatus {
  const entry = storedAt(given);
  if ('value' in entry && given.form.as === 'PartialObjectMetadata') {
    return { code: 200, body: `${metadataText(entry.value, entry.revision)}\n` };
  }
  return answerOf(given, entry as StoredObject | ApiStatus);
}
