/**
 * api/kubernetes/collection/table-answer — lists, objects and watches as tables, the form `kubectl
 * get` prints.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/response.go asTable.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { type Answer, ok } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { leaving } from '../objects/object-text.ts';
import { toServed } from '../objects/versions.ts';
import { rowPrinterOf } from '../table/printers.ts';
import { type IncludeObject, type Table, tableOf } from '../table/table.ts';
import type { EventText } from '../watch/watch-group.ts';
import type { StoredObject } from './collection.ts';
import { listMeta, type Page } from './page.ts';

/** What rows shall carry, or the refusal. */
export function includedIn(query: URLSearchParams): IncludeObject | ApiStatus {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (asked === 'None' || asked === 'Metadata' || asked === 'Object') return asked;
  return statusBadRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`);
}

function tableText(
  { state, kind, form }: ApiRequest,
  entries: readonly StoredObject[],
  includeObject: IncludeObject,
  options: { readonly metadata: object; readonly withoutColumns?: boolean },
): Table {
  const { twin } = state.running;
  const table = tableOf(
    rowPrinterOf(twin.store, kind.storage, kind.version),
    // Cells are read from what is stored; its metadata is the same in every version.
    entries.map(({ value, revision }) => leaving(value, revision)),
    {
      includeObject,
      nowMs: twin.clock.now(),
      version: form.version === 'v1beta1' ? 'v1beta1' : 'v1',
      ...options,
    },
  );
  if (includeObject !== 'Object') return table;
  const convert = toServed(kind);
  const rows = table.rows.map((row) => ({
    ...row,
    object: convert(row.object as KubernetesObject),
  }));
  return { ...table, rows };
}

function answer(
  given: ApiRequest,
  entries: readonly StoredObject[],
  metadata: object,
): Answer | ApiStatus {
  const included = includedIn(given.query);
  if (typeof included !== 'string') return included;
  return ok(tableText(given, entries, included, { metadata }));
}

/** A page as a table. */
export const listTable = (given: ApiRequest, page: Page): Answer | ApiStatus =>
  answer(given, page.items, listMeta(page));

/** One object as a table. */
export const objectTable = (given: ApiRequest, entry: StoredObject): Answer | ApiStatus =>
  answer(given, [entry], { resourceVersion: String(entry.revision) });

/** Events whose objects are tables of one row; the first carries the columns. */
export function watchTableText(given: ApiRequest, included: IncludeObject): EventText {
  let withoutColumns = false;
  return (type, value, revision) => {
    const entry = { key: '', value, revision, created: revision };
    const metadata = { resourceVersion: String(revision) };
    const object = tableText(given, [entry], included, { metadata, withoutColumns });
    withoutColumns = true;
    return `${JSON.stringify({ type, object })}\n`;
  };
}
