/**
 * api/kubernetes/watch/watch — one client's stream of changes: what there is, what has changed
 * since a revision, then everything as it happens, with bookmarks; a client that does not read is
 * let go.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/watch.go, get.go (minRequestTimeout),
 * pkg/storage/cacher/cacher.go Watch.
 */
import type { ServerResponse } from 'node:http';
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Outcome } from '../answer.ts';
import { type ApiRequest, flagOf } from '../api-request.ts';
import { isSelected, type Selection, selectionOf } from '../collection/selection.ts';
import { includedIn, watchTableText } from '../collection/table-answer.ts';
import { metadataText, objectText } from '../objects/object-text.ts';
import { apiVersionOf } from '../objects/served-kind.ts';
import { toServed } from '../objects/versions.ts';
import { statusExpired, statusTooLargeRevision } from '../rest-status.ts';
import { type EventText, eventLine } from './watch-group.ts';

/** What may wait for a client; one that is further behind would have to list again anyway. */
const UNSENT_MAX_BYTES = 16 * 1024 * 1024;
const BOOKMARK_EVERY_MS = 60_000;
/** Without timeoutSeconds a watch lasts between this and twice as long. */
const LASTS_AT_LEAST_S = 1_800;

export function watch(given: ApiRequest): Outcome {
  const { kind, target, query, form, state } = given;
  const selection = selectionOf(kind, target.namespace, query, target.name);
  if (isApiStatus(selection)) return selection;
  const isTable = form.as === 'Table';
  const included = includedIn(query);
  if (typeof included !== 'string') return included;
  const text = isTable ? watchTableText(given, included) : jsonText(given);
  const first = firstLines(given, selection, text);
  if (isApiStatus(first) && first.code !== 410) return first;
  const { response } = given;
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, private',
  });
  response.flushHeaders();
  if (isApiStatus(first)) {
    response.end(`${JSON.stringify({ type: 'ERROR', object: first })}\n`);
    return 'taken';
  }
  if (first !== '') response.write(first);
  // A table's columns come with its first event, so every such watch writes its own.
  const form_ = isTable ? `table ${++tables}` : (form.as ?? 'json');
  const group = state.collections.group(kind.storage, selection, form_, text);
  const leave = group.join({ send: (bytes) => send(response, bytes) });
  keepOpen(given, leave);
  return 'taken';
}

let tables = 0;

const send = (response: ServerResponse, bytes: Buffer): void => {
  if (response.writableLength > UNSENT_MAX_BYTES) response.destroy();
  else response.write(bytes);
};

/** Bookmarks while it lasts, and its end. */
function keepOpen(given: ApiRequest, leave: () => void): void {
  const { response, query, state, form } = given;
  const asked = Number(query.get('timeoutSeconds') ?? 0);
  const lastsMs = (asked > 0 ? asked : LASTS_AT_LEAST_S * (1 + Math.random())) * 1000;
  const wantsBookmarks = flagOf(query, 'allowWatchBookmarks') && form.as !== 'Table';
  const bookmarks = wantsBookmarks
    ? setInterval(() => response.write(bookmark(given)), BOOKMARK_EVERY_MS)
    : undefined;
  const end = (): void => {
    if (!response.destroyed) response.end();
    stop();
  };
  const timer = setTimeout(end, Math.min(lastsMs, 2 ** 31 - 1));
  const stop = (): void => {
    leave();
    clearTimeout(timer);
    clearInterval(bookmarks);
    state.watches.remove(end);
  };
  state.watches.add(end);
  response.on('close', stop);
  response.on('error', stop);
}

/** How an event is written for everybody who watches in this form. */
function jsonText({ kind, form }: ApiRequest): EventText {
  const isPartial = form.as === 'PartialObjectMetadata';
  const apiVersion = apiVersionOf(kind);
  const convert = toServed(kind);
  return (type, object, revision) => {
    const text = isPartial
      ? metadataText(object, revision)
      : objectText(object, revision, apiVersion, convert);
    return `{"type":"${type}","object":${text}}\n`;
  };
}

function bookmark({ kind, state, form }: ApiRequest, annotations?: object): string {
  const isPartial = form.as === 'PartialObjectMetadata';
  const object = {
    kind: isPartial ? 'PartialObjectMetadata' : kind.resource.kind,
    apiVersion: isPartial ? 'meta.k8s.io/v1' : apiVersionOf(kind),
    metadata: {
      resourceVersion: String(state.collections.revision),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

/** What a watch begins with: the objects there are, or what changed since the client looked. */
function firstLines(given: ApiRequest, selection: Selection, text: EventText): string | ApiStatus {
  const { kind, query, state } = given;
  const { collections } = state;
  const asked = query.get('resourceVersion') ?? '';
  const revision = Number(asked);
  if (asked !== '' && (!Number.isInteger(revision) || revision < 0)) {
    return statusBadRequest(`Invalid value: "${asked}": invalid resource version`);
  }
  const collection = collections.of(kind.storage);
  const sendsAll = query.has('sendInitialEvents')
    ? flagOf(query, 'sendInitialEvents')
    : asked === '' || asked === '0';
  if (revision > collections.revision) {
    return statusTooLargeRevision(revision, collections.revision);
  }
  const lines: string[] = [];
  if (sendsAll) {
    for (const { value, revision: at } of collection.entries()) {
      if (isSelected(selection, value)) lines.push(text('ADDED', value as KubernetesObject, at));
    }
    const endsMarked = query.has('sendInitialEvents') && flagOf(query, 'allowWatchBookmarks');
    if (endsMarked) lines.push(bookmark(given, { 'k8s.io/initial-events-end': 'true' }));
    return lines.join('');
  }
  if (asked === '' || asked === '0') return '';
  const changes = collection.since(revision);
  if ('oldest' in changes) {
    return statusExpired(`too old resource version: ${revision} (${changes.oldest})`);
  }
  for (const change of changes) lines.push(eventLine(change, selection, text));
  return lines.join('');
}
