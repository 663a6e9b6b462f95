/**
 * cluster/event-recorder — what happened to an object, counted rather than repeated.
 *
 * Upstream: kubernetes/client-go tools/record/events_cache.go: the same event about the same object
 * raises `count` and `lastTimestamp`. Upstream forgets events after an hour; here the oldest go
 * when there are `EVENTS_MAX`, so that a cluster of 150,000 pods does not keep 900,000.
 *
 * Deferred, events wait in a ring until somebody wants to read: most of those 900,000 are then
 * never built.
 */
import type { TwinStore } from '../model/kinds.ts';
import type { Event } from '../model/kubernetes/core.ts';
import { EPOCH_MS, timestamp } from '../model/time.ts';
import type { Cluster } from './cluster.ts';
import type { EventInput, ObjectLike } from './kubernetes.ts';

/** Event objects kept. */
const EVENTS_MAX = 50_000;

export interface EventRecorderOptions {
  /** Events are stored when `flush` is called, not as they happen. */
  readonly deferred?: boolean | undefined;
  readonly max?: number | undefined;
}

/** An event that waits to be stored. */
interface Pending {
  readonly about: ObjectLike;
  readonly event: EventInput;
  readonly atMs: number;
}

export class EventRecorder {
  readonly #cluster: Cluster;
  readonly #store: TwinStore;
  readonly #max: number;
  /** Events of one object and reason; there are rarely more than a few different messages. */
  readonly #kept = new Map<string, Kept[]>();
  readonly #sources = new Map<string, Event['source']>();
  /** A ring, oldest at `#oldest`. */
  readonly #ring: Kept[] = [];
  #oldest = 0;
  /** Event objects that were dropped to keep the number of them down. */
  dropped = 0;

  readonly #deferred: boolean;
  #pending: Pending[] = [];
  /** Oldest pending event once the ring is full. */
  #oldestPending = 0;
  #textSecond = Number.NaN;
  #text = '';

  constructor(cluster: Cluster, { deferred = false, max = EVENTS_MAX }: EventRecorderOptions = {}) {
    this.#cluster = cluster;
    this.#store = cluster.store;
    this.#max = max;
    this.#deferred = deferred;
    for (const { key, value } of cluster.store.entries('Event')) {
      const about = value.involvedObject;
      this.#keep(subjectOf(about.kind, about, value.reason), value.message, key);
    }
  }

  record(about: ObjectLike, event: EventInput): void {
    const atMs = this.#cluster.clock.now();
    if (!this.#deferred) {
      this.#write({ about, event, atMs });
      return;
    }
    // Only what names the object is kept, not the object as it then was.
    const { apiVersion, kind, metadata } = about;
    const pending = { about: { apiVersion, kind, metadata }, event, atMs };
    if (this.#pending.length < this.#max) {
      this.#pending.push(pending);
      return;
    }
    this.#pending[this.#oldestPending] = pending;
    this.#oldestPending = (this.#oldestPending + 1) % this.#max;
    this.dropped++;
  }

  /** Stores the events that wait, oldest first. */
  flush(): void {
    const [pending, from] = [this.#pending, this.#oldestPending];
    this.#pending = [];
    this.#oldestPending = 0;
    for (let i = 0; i < pending.length; i++) this.#write(pending[(from + i) % pending.length]!);
  }

  #write({ about, event, atMs }: Pending): void {
    const subject = subjectOf(about.kind, about.metadata, event.reason);
    const known = this.#kept.get(subject)?.find(({ message }) => message === event.message);
    const before = known === undefined ? undefined : this.#store.get('Event', known.key);
    const at = this.#timestamp(atMs);
    if (known !== undefined && before !== undefined) {
      const counted = { ...before, count: before.count + 1, lastTimestamp: at };
      this.#store.put('Event', known.key, counted);
      return;
    }
    const stored = this.#build(about, event, at, atMs);
    const key = `${stored.metadata.namespace}/${stored.metadata.name}`;
    this.#store.put('Event', key, stored);
    this.#keep(subject, event.message, key);
  }

  /** The time as text; events of the same second share it. */
  #timestamp(atMs: number): string {
    const second = Math.floor(atMs / 1000);
    if (second !== this.#textSecond) {
      this.#textSecond = second;
      this.#text = timestamp(atMs);
    }
    return this.#text;
  }

  #build(about: ObjectLike, event: EventInput, now: string, atMs: number): Event {
    const { namespace, name, uid } = about.metadata;
    // Upstream names events by the nanosecond; the revision makes ours unique in the same instant.
    const at = (EPOCH_MS + Math.floor(atMs)).toString(16);
    const { revision } = this.#store;
    const order = (revision + 0x100000).toString(16).slice(-5);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name}.${at}${order}`,
        namespace: namespace ?? 'default',
        // Nothing refers to an event by its uid; drawing one would cost more than the rest.
        uid: `00000000-0000-4000-8000-${(revision + 2 ** 48).toString(16).slice(-12)}`,
        creationTimestamp: now,
      },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
      },
      reason: event.reason,
      message: event.message,
      type: event.type,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: this.#source(event.component, event.host),
    };
  }

  /** One source object for all events of a component on a host. */
  #source(component: string, host: string | undefined): Event['source'] {
    const key = host === undefined ? component : `${component}@${host}`;
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = Object.freeze(host === undefined ? { component } : { component, host });
      this.#sources.set(key, source);
    }
    return source;
  }

  #keep(subject: string, message: string, key: string): void {
    const kept: Kept = { subject, message, key };
    const others = this.#kept.get(subject);
    if (others === undefined) this.#kept.set(subject, [kept]);
    else others.push(kept);
    if (this.#ring.length < this.#max) {
      this.#ring.push(kept);
      return;
    }
    const oldest = this.#ring[this.#oldest]!;
    this.#ring[this.#oldest] = kept;
    this.#oldest = (this.#oldest + 1) % this.#max;
    const rest = (this.#kept.get(oldest.subject) ?? []).filter((it) => it !== oldest);
    if (rest.length === 0) this.#kept.delete(oldest.subject);
    else this.#kept.set(oldest.subject, rest);
    if (this.#store.delete('Event', oldest.key) === true) this.dropped++;
  }
}

/** One kept event: whom and why it is about, and where it is stored. */
interface Kept {
  readonly subject: string;
  readonly message: string;
  readonly key: string;
}

interface Named {
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string | undefined;
}

/** Whom and why an event is about; a uid stands for the rest of an object's name. */
const subjectOf = (kind: string, { namespace = '', name, uid }: Named, reason: string): string =>
  uid === undefined ? `${kind}|${namespace}|${name}|${reason}` : `${uid}|${reason}`;
