/**
 * api/kubernetes/delete — DELETE of an object, or of all that a selection means.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/delete.go DeleteResource,
 * DeleteCollection; pkg/registry/generic/registry/store.go finalizeDelete.
 */
import { type ApiStatus, type DeleteOptions, isApiStatus } from '../../cluster/kubernetes.ts';
import { storeKey } from '../../model/kubernetes/resources.ts';
import type { Answer, Outcome } from './answer.ts';
import type { ApiRequest } from './api-request.ts';
import type { StoredObject } from './collection.ts';
import { listAnswer } from './list-text.ts';
import { bytesOf, objectIn } from './request-body.ts';
import { failure } from './rest-status.ts';
import { isSelected, selectionOf } from './selection.ts';
import { notFound } from './served-kind.ts';
import { optionRefusal } from './write-options.ts';
import { answerOf, carryOut, type Hands } from './written.ts';

interface DeleteRequest {
  readonly options: DeleteOptions;
  readonly isDryRun: boolean;
}

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

const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;

/** DeleteOptions of the body, or of the query where there is no body. */
async function deleteRequestOf(given: ApiRequest): Promise<DeleteRequest | ApiStatus | 'gone'> {
  const { request, query } = given;
  const bytes = await bytesOf(request);
  if (bytes === 'gone' || isApiStatus(bytes)) return bytes;
  const body = bytes.length === 0 ? {} : objectIn(request, bytes, 'DeleteOptions');
  if (isApiStatus(body)) return body;
  const text = (name: string): unknown => body[name] ?? query.get(name) ?? undefined;
  const dryRun = [body.dryRun ?? query.getAll('dryRun')].flat();
  for (const value of dryRun) {
    if (value !== 'All') return optionRefusal('DeleteOptions', 'dryRun', String(value), ['All']);
  }
  const policy = text('propagationPolicy');
  const propagation = PROPAGATIONS.find((it) => it === policy);
  if (policy !== undefined && policy !== '' && propagation === undefined) {
    return optionRefusal('DeleteOptions', 'propagationPolicy', String(policy), [
      ...PROPAGATIONS,
      'nil',
    ]);
  }
  const orphans = text('orphanDependents');
  const grace = text('gracePeriodSeconds');
  const seconds = grace === undefined ? undefined : Number(grace);
  if (seconds !== undefined && !Number.isInteger(seconds)) {
    return failure(400, 'BadRequest', `invalid gracePeriodSeconds: ${String(grace)}`);
  }
  return {
    isDryRun: dryRun.length > 0,
    options: {
      gracePeriodSeconds: seconds,
      propagation:
        propagation ??
        (orphans === undefined ? undefined : String(orphans) === 'true' ? 'Orphan' : 'Background'),
      preconditions: preconditionsOf(body.preconditions),
    },
  };
}

function preconditionsOf(given: unknown): DeleteOptions['preconditions'] {
  if (typeof given !== 'object' || given === null) return undefined;
  const { uid, resourceVersion } = given as { uid?: string; resourceVersion?: string };
  return {
    uid,
    revision: resourceVersion === undefined ? undefined : Number(resourceVersion),
  };
}
