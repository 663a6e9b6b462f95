/**
 * api/kubernetes/write/delete — DELETE of an object, or of all that a selection means.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/delete.go DeleteResource,
 * DeleteCollection; pkg/registry/generic/registry/store.go finalizeDelete.
 */
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import { storeKey } from '../../../model/kubernetes/resources.ts';
import type { Answer, Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import type { StoredObject } from '../collection/collection.ts';
import { listAnswer } from '../collection/list-text.ts';
import { isSelected, selectionOf } from '../collection/selection.ts';
import { notFound } from '../objects/served-kind.ts';
import { type DeleteRequest, deleteRequestIn } from './delete-options.ts';
import { bytesOf, objectIn } from './request-body.ts';
import { answerOf, carryOut, type Hands } from './written.ts';

/** Kinds whose last state is answered; others get a Status (`ReturnDeletedObject` upstream). */
const RETURNED: ReadonlySet<string> = new Set([
  'Pod',
  'Service',
  'ServiceAccount',
  'PodTemplate',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ResourceQuota',
]);

export async function deleteOne(given: ApiRequest): Promise<Outcome> {
  const asked = await deleteRequestOf(given);
  if (asked === 'gone') return 'taken';
  if (isApiStatus(asked)) return asked;
  const { kind, target } = given;
  const key = storeKey(kind.storage, target.name!, target.namespace);
  const done = await carryOut(given, asked.isDryRun, (hands) => remove(given, hands, key, asked));
  if (isApiStatus(done)) return done;
  return answerOfDelete(given, done, asked);
}

interface Removed {
  readonly entry: StoredObject;
  /** False when finalizers or a grace period hold it. */
  readonly isGone: boolean;
}

function remove(
  { kind, target }: ApiRequest,
  { verbs, store }: Hands,
  key: string,
  { options }: DeleteRequest,
): Removed | ApiStatus {
  const { storeKind } = kind.storage;
  const before = store.entry(storeKind, key);
  if (before === undefined) return notFound(kind, target.name!);
  const result = verbs.delete(storeKind, key, options);
  if (result !== true) return result;
  const after = store.entry(storeKind, key);
  const entry = (after ?? before) as StoredObject;
  return { entry, isGone: after === undefined };
}

function answerOfDelete(
  given: ApiRequest,
  { entry, isGone }: Removed,
  { options }: DeleteRequest,
): Answer | ApiStatus {
  const { kind, uid } = { kind: given.kind.resource, uid: entry.value.metadata.uid };
  if (!isGone) return answerOf(given, entry, options.propagation === 'Foreground' ? 202 : 200);
  if (RETURNED.has(kind.kind) && kind.group === '') return answerOf(given, entry);
  return {
    code: 200,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: entry.value.metadata.name,
        ...(kind.group === '' ? {} : { group: kind.group }),
        kind: kind.plural,
        ...(uid === undefined ? {} : { uid }),
      },
    },
  };
}

export async function deleteCollection(given: ApiRequest): Promise<Outcome> {
  const { kind, target, query, state } = given;
  const selection = selectionOf(kind, target.namespace, query);
  if (isApiStatus(selection)) return selection;
  const asked = await deleteRequestOf(given);
  if (asked === 'gone') return 'taken';
  if (isApiStatus(asked)) return asked;
  const meant = state.collections
    .of(kind.storage)
    .entries()
    .filter(({ value }) => isSelected(selection, value));
  await carryOut(given, asked.isDryRun, (hands) => {
    for (const { key } of meant) {
      if (hands.store.entry(kind.storage.storeKind, key) === undefined) continue;
      hands.verbs.delete(kind.storage.storeKind, key, asked.options);
    }
  });
  return answerOfList(given, meant);
}

const answerOfList = (given: ApiRequest, items: readonly StoredObject[]): Answer =>
  listAnswer(given.kind, { items, revision: given.state.collections.revision });

/** The options of the body, or of the query where there is no body. */
async function deleteRequestOf({
  request,
  query,
}: ApiRequest): Promise<DeleteRequest | ApiStatus | 'gone'> {
  const bytes = await bytesOf(request);
  if (bytes === 'gone' || isApiStatus(bytes)) return bytes;
  const body = bytes.length === 0 ? {} : objectIn(request, bytes, 'DeleteOptions');
  return isApiStatus(body) ? body : deleteRequestIn(body, query);
}
