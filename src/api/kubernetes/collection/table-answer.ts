/**
 * api/kubernetes/collection/table-answer — lists, objects and watches as tables, the form `kubectl
 * get` prints.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/response.go asTable.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { Answer, TextParts } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { metadataText, objectText } from '../objects/object-text.ts';
import { apiVersionOf } from '../objects/served-kind.ts';
import { toServed } from '../objects/versions.ts';
import { rowPrinterOf } from '../table/printers.ts';
import { type IncludeObject, type TableHead, tableRow } from '../table/table.ts';
import type { EventText } from '../watch/watch-group.ts';
import type { StoredObject } from './collection.ts';
import { enclosed, listed } from './list-text.ts';
import { listMeta, type Page } from './page.ts';

/** What rows shall carry, or the refusal. */
export function includedIn(query: URLSearchParams): IncludeObject | ApiStatus {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (asked === 'None' || asked === 'Metadata' || asked === 'Object') return asked;
  return statusBadRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`);
}

/** `{"kind":"Table",…,"rows":[…]}`, a row at a time. */
function tableText(
  { state, kind, form }: ApiRequest,
  entries: readonly StoredObject[],
  included: IncludeObject,
  metadata: object,
  withoutColumns = false,
): TextParts {
  const { twin } = state.running;
  const printer = rowPrinterOf(twin.store, kind.storage, kind.version);
  const nowMs = twin.clock.now();
  const apiVersion = `meta.k8s.io/${form.version === 'v1beta1' ? 'v1beta1' : 'v1'}`;
  const columnDefinitions = withoutColumns ? [] : printer.columns;
  const head: TableHead = { kind: 'Table', apiVersion, metadata, columnDefinitions };
  const convert = toServed(kind);
  const objectOf = ({ value, revision }: StoredObject): string =>
    included === 'Object'
      ? objectText(value, revision, apiVersionOf(kind), convert)
      : metadataText(value, revision, apiVersion);
  // Cells are read from what is stored; its metadata is the same in every version.
  const rows = listed(entries, (entry) => {
    const row = JSON.stringify(tableRow(printer, entry.value, nowMs));
    return included === 'None' ? row : `${row.slice(0, -1)},"object":${objectOf(entry)}}`;
  });
  return enclosed(`${JSON.stringify(head).slice(0, -1)},"rows":[`, rows, ']}');
}

function answer(
  given: ApiRequest,
  entries: readonly StoredObject[],
  metadata: object,
): Answer | ApiStatus {
  const included = includedIn(given.query);
  if (typeof included !== 'string') return included;
  return { code: 200, body: tableText(given, entries, included, metadata) };
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
    const table = tableText(given, [entry], included, metadata, withoutColumns);
    withoutColumns = true;
    return `{"type":"${type}","object":${[...table.parts].join('')}}\n`;
  };
}
