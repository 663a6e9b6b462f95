/**
 * api/kubernetes/collection/list — GET of a collection: selectors, the revision asked for, pages.
 *
 * Upstream: kubernetes/apiserver pkg/storage/etcd3/store.go GetList; the semantics of
 * resourceVersion as kubernetes.io/docs/reference/using-api/api-concepts tells them.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { Answer } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { qualifiedName } from '../objects/served-kind.ts';
import { statusExpired, statusTooLargeRevision } from '../rest-status.ts';
import type { StoredObject } from './collection.ts';
import { continueTokenOf, parseContinueToken } from './continue-token.ts';
import { listAnswer } from './list-text.ts';
import type { Page } from './page.ts';
import { isSelected, type Selection, selectionOf } from './selection.ts';
import { listTable } from './table-answer.ts';

const TOO_OLD_TOKEN =
  'The provided continue parameter is too old to display a consistent list result. You can start ' +
  'a new list without the continue parameter, or use the continue token in this response to ' +
  'retrieve the remainder of the results. Continuing with the provided token results in an ' +
  'inconsistent list - objects that were created, modified, or deleted between the time the first ' +
  'chunk was returned and now may show up in the list.';

export function list(given: ApiRequest): Answer | ApiStatus {
  const { kind, target, query, form } = given;
  const selection = selectionOf(kind, target.namespace, query, target.name);
  if (isApiStatus(selection)) return selection;
  const page = pageOf(given, selection);
  if (isApiStatus(page)) return page;
  if (form.as === 'Table') return listTable(given, page);
  return listAnswer(kind, page, form.as === 'PartialObjectMetadataList');
}

/** The items of a request, in pages when it asks for pages. */
function pageOf(given: ApiRequest, selection: Selection): Page | ApiStatus {
  const { state, kind, query } = given;
  const limit = Number(query.get('limit') ?? 0);
  const token = query.get('continue') ?? '';
  const name = qualifiedName(kind.storage);
  const { collections, snapshots } = state;
  const asOf = token === '' ? firstView(given) : laterView(given, token);
  if (isApiStatus(asOf)) return asOf;
  const { entries, revision, start } = asOf;
  const items = selected(entries, selection, start, limit > 0 ? limit : Number.POSITIVE_INFINITY);
  if (items.next === undefined) return { items: items.found, revision };
  if (revision === collections.revision || token === '') snapshots.keep(name, revision, entries);
  const lastKey = keyInKind(items.found.at(-1)!.key);
  // With selectors nobody knows how many of the rest are meant (list.go remainingItemCount).
  const remaining =
    selection.labels === undefined && selection.fields === undefined
      ? countFrom(entries, selection, items.next)
      : undefined;
  return {
    items: items.found,
    revision,
    continueToken: continueTokenOf(revision, lastKey),
    remaining,
  };
}

interface View {
  readonly entries: readonly StoredObject[];
  readonly revision: number;
  readonly start: string;
}

function firstView({ state, kind, query }: ApiRequest): View | ApiStatus {
  const { collections, snapshots } = state;
  const asked = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const { revision } = collections;
  const entries = collections.of(kind.storage).entries();
  const now: View = { entries, revision, start: '' };
  if (asked === '' || asked === '0') return now;
  const wanted = Number(asked);
  if (!Number.isInteger(wanted) || wanted < 0) {
    return statusBadRequest(`Invalid value: "${asked}": invalid resource version`);
  }
  if (wanted > revision) return statusTooLargeRevision(wanted, revision);
  if (match !== 'Exact') return now;
  if (wanted === revision) return now;
  const kept = snapshots.get(qualifiedName(kind.storage), wanted);
  if (kept !== undefined) return { entries: kept, revision: wanted, start: '' };
  return statusExpired(`The resourceVersion for the provided list is too old.`);
}

function laterView({ state, kind, query }: ApiRequest, text: string): View | ApiStatus {
  const { collections, snapshots } = state;
  const token = parseContinueToken(text);
  if (token === undefined) {
    return statusBadRequest('invalid continue token: the token cannot be read');
  }
  const asked = query.get('resourceVersion') ?? '';
  if (asked !== '' && asked !== '0') {
    return statusBadRequest('specifying resource version is not allowed when using continue');
  }
  const { start } = token;
  const { revision } = collections;
  const entries = collections.of(kind.storage).entries();
  if (token.revision < 0 || token.revision === revision) return { entries, revision, start };
  const kept = snapshots.get(qualifiedName(kind.storage), token.revision);
  if (kept !== undefined) return { entries: kept, revision: token.revision, start };
  return statusExpired(TOO_OLD_TOKEN, continueTokenOf(-1, start.replace(/\0$/, '')));
}

/** The key without what marks kinds that have no place of their own. */
const keyInKind = (key: string): string => key.slice(key.indexOf(':') + 1);

interface Found {
  readonly found: readonly StoredObject[];
  /** Where the first object that did not fit any more is; undefined when all did. */
  readonly next: number | undefined;
}

/** Up to `limit` selected objects from `start` on. */
function selected(
  entries: readonly StoredObject[],
  selection: Selection,
  start: string,
  limit: number,
): Found {
  const found: StoredObject[] = [];
  for (let i = firstAtOrAfter(entries, start); i < entries.length; i++) {
    const entry = entries[i]!;
    if (!isSelected(selection, entry.value)) continue;
    if (found.length >= limit) return { found, next: i };
    found.push(entry);
  }
  return { found, next: undefined };
}

function firstAtOrAfter(entries: readonly StoredObject[], start: string): number {
  if (start === '') return 0;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyInKind(entries[middle]!.key) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countFrom(entries: readonly StoredObject[], selection: Selection, from: number): number {
  if (selection.namespace === undefined) return entries.length - from;
  let count = 0;
  for (let i = from; i < entries.length; i++) if (isSelected(selection, entries[i]!.value)) count++;
  return count;
}
