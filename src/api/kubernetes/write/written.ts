/**
 * api/kubernetes/write/written — carries out a write: for good through the twin's commit, or on a
 * scratch copy when it is a dry run; and answers with the object as it is then stored.
 */
import { type ApiStatus, isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { storeKeyOf } from '../../../model/kubernetes/resources.ts';
import type { Answer } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import type { StoredObject } from '../collection/collection.ts';
import { objectTable } from '../collection/table-answer.ts';
import { objectText } from '../objects/object-text.ts';
import { apiVersionOf } from '../objects/served-kind.ts';
import { toServed } from '../objects/versions.ts';

/** The verbs and the store a write works with. */
export interface Hands {
  readonly verbs: Kubernetes;
  readonly store: TwinStore;
}

/** Runs the change. What it reads and writes it gets from its hands. */
export async function carryOut<Result>(
  given: ApiRequest,
  isDryRun: boolean,
  change: (hands: Hands) => Result,
): Promise<Result> {
  const { running } = given.state;
  const { kubernetes, store } = running.twin;
  if (isDryRun) return change(kubernetes.rehearsal());
  return running.commit(() => change({ verbs: kubernetes, store }));
}

/** An object just written, with its revision. */
export function entryOf(given: ApiRequest, hands: Hands, object: KubernetesObject): StoredObject {
  const key = storeKeyOf(object);
  const entry = hands.store.entry(given.kind.storage.storeKind, key);
  // It may have left with its last finalizer.
  const revision = entry?.revision ?? hands.store.revision;
  return { key, value: object, revision, created: entry?.created ?? revision };
}

/** The answer of a write: the object, or the refusal as it is. */
export function answerOf(
  given: ApiRequest,
  entry: StoredObject | ApiStatus,
  code = 200,
): Answer | ApiStatus {
  if (isApiStatus(entry)) return entry;
  const { kind, form } = given;
  if (form.as === 'Table') {
    const table = objectTable(given, entry);
    return isApiStatus(table) ? table : { ...table, code };
  }
  return {
    code,
    body: `${objectText(entry.value, entry.revision, apiVersionOf(kind), toServed(kind))}\n`,
  };
}
