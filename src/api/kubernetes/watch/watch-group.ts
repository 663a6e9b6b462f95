/**
 * api/kubernetes/watch/watch-group — watches that ask for the same thing. What changed is judged
 * and written once for all of them, gathered for a turn of the event loop, and sent as one buffer.
 *
 * Upstream: kubernetes/apiserver pkg/storage/cacher/cache_watcher.go convertToWatchEvent.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Change, Collection } from '../collection/collection.ts';
import { isSelected, type Selection } from '../collection/selection.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Writes an event's line, newline included. */
export type EventText = (
  type: WatchEventType,
  object: KubernetesObject,
  revision: number,
) => string;

export interface Watcher {
  /** Several lines at once; the bytes are shared with others. */
  send(bytes: Buffer): void;
}

/** What a change is to somebody who sees the selection only; '' when nothing. */
export function eventLine(change: Change, selection: Selection, text: EventText): string {
  const { value, previous, revision } = change;
  const isIn = value !== undefined && isSelected(selection, value);
  const wasIn = previous !== undefined && isSelected(selection, previous);
  if (isIn) return text(wasIn ? 'MODIFIED' : 'ADDED', value, revision);
  // What left the selection leaves as it was while in it.
  return wasIn ? text('DELETED', previous, revision) : '';
}

/** As many watchers are told in the same turn of the event loop. */
const AT_ONCE_MAX = 8;
/** More wait a millisecond for each so many, for what else there will be to send. */
const WATCHERS_PER_MS = 4;
const GATHER_MAX_MS = 40;

export class WatchGroup {
  readonly #watchers = new Set<Watcher>();
  readonly #selection: Selection;
  readonly #text: EventText;
  readonly #stop: () => void;
  readonly #onEmpty: () => void;
  #pending: string[] = [];
  #isScheduled = false;

  /** @param onEmpty  called when the last watcher has left; the group is closed then */
  constructor(collection: Collection, selection: Selection, text: EventText, onEmpty: () => void) {
    this.#selection = selection;
    this.#text = text;
    this.#onEmpty = onEmpty;
    this.#stop = collection.onChange((change) => {
      const line = eventLine(change, this.#selection, this.#text);
      if (line !== '') this.#push(line);
    });
  }

  /** From now on; what is pending was before. Returns the way to leave. */
  join(watcher: Watcher): () => void {
    this.flush();
    this.#watchers.add(watcher);
    return () => {
      if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
      this.#stop();
      this.#onEmpty();
    };
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    for (const watcher of this.#watchers) watcher.send(bytes);
  }

  #push(line: string): void {
    this.#pending.push(line);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const send = (): void => {
      this.#isScheduled = false;
      this.flush();
    };
    // Each send costs every watcher a write and a record of TLS.
    if (this.#watchers.size <= AT_ONCE_MAX) setImmediate(send);
    else setTimeout(send, Math.min(GATHER_MAX_MS, this.#watchers.size / WATCHERS_PER_MS));
  }
}
