/**
 * api/kubernetes/table-answer — lists, objects and watches as tables, the form `kubectl get`
 * prints.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/response.go asTable.
 */
import { statusBadRequest } from '../../cluster/api-status.ts';
import type { ApiStatus } from '../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { type Answer, ok } from './answer.ts';
import type { ApiRequest } from './api-request.ts';
import type { StoredObject } from './collection.ts';
import { leaving } from './object-text.ts';
import { listMeta, type Page } from './page.ts';
import { toServed } from './versions.ts';
import type { EventText } from './watch-group.ts';

type Included = 'None' | 'Metadata' | 'Object';

function includedIn(query: URLSearchParams): Included | ApiStatus {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (asked === 'None' || asked === 'Metadata' || asked === 'Object') return asked;
  return statusBadRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`);
}

const COLUMNS = [
  { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
  { name: 'Age', type: 'string', format: '', description: '', priority: 0 },
];

function rowOf(given: ApiRequest, { value, revision }: StoredObject, included: Included) {
  const cells = [value.metadata.name, '1s'];
  if (included === 'None') return { cells, object: null };
  const whole = leaving(toServed(given.kind)(value), revision);
  if (included === 'Object') return { cells, object: whole };
  const object = {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: whole.metadata,
  };
  return { cells, object };
}

function table(given: ApiRequest, metadata: object, entries: readonly StoredObject[]) {
  const included = includedIn(given.query);
  if (typeof included !== 'string') return included;
  return ok({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: COLUMNS,
    rows: entries.map((entry) => rowOf(given, entry, included)),
  });
}

/** A page as a table. */
export const listTable = (given: ApiRequest, page: Page): Answer | ApiStatus =>
  table(given, listMeta(page), page.items);

/** One object as a table. */
export const objectTable = (given: ApiRequest, entry: StoredObject): Answer | ApiStatus =>
  table(given, { resourceVersion: String(entry.revision) }, [entry]);

/** Events whose objects are tables of one row; the first carries the columns. */
export function watchTableText(given: ApiRequest): EventText {
  const asked = includedIn(given.query);
  const included = typeof asked === 'string' ? asked : 'Metadata';
  let columnDefinitions: readonly unknown[] | undefined = COLUMNS;
  return (type, value: KubernetesObject, revision) => {
    const entry = { key: '', value, revision, created: revision };
    const object = {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: String(revision) },
      columnDefinitions: columnDefinitions ?? null,
      rows: [rowOf(given, entry, included)],
    };
    columnDefinitions = undefined;
    return `${JSON.stringify({ type, object })}\n`;
  };
}
