/**
 * cluster/event-recorder — what happened to an object, counted rather than repeated.
 *
 * Upstream: kubernetes/client-go tools/record/events_cache.go: the same event about the same object
 * raises `count` and `lastTimestamp`. Upstream forgets events after an hour; here the oldest go
 * when
 * there are `EVENTS_MAX`, so that a cluster of 150,000 pods does not keep 750,000.
 */
import type { TwinStore } from '../model/kinds.ts';
import type { Event } from '../model/kubernetes/core.ts';
import { EPOCH_MS } from '../model/time.ts';
import type { Cluster } from './cluster.ts';
import type { EventInput, ObjectLike } from './kubernetes.ts';

/** Event objects kept. */
const EVENTS_MAX = 50_000;

export class EventRecorder {
  readonly #cluster: Cluster;
  readonly #store: TwinStore;
  readonly #max: number;
  readonly #byAggregate = new Map<string, string>();
  readonly #sources = new Map<string, Event['source']>();
  /** Two rings side by side, oldest at `#oldest`: what was counted, and under which key. */
  readonly #aggregates: string[] = [];
  readonly #keys: string[] = [];
  #oldest = 0;
  /** Event objects that were dropped to keep the number of them down. */
  dropped = 0;

  constructor(cluster: Cluster, max = EVENTS_MAX) {
    this.#cluster = cluster;
    this.#store = cluster.store;
    this.#max = max;
    for (const { key, value } of cluster.store.entries('Event')) {
      const about = value.involvedObject;
      this.#keep(aggregateOf(about.kind, about, value), key);
    }
  }

  record(about: ObjectLike, event: EventInput): void {
    const aggregate = aggregateOf(about.kind, about.metadata, event);
    const known = this.#byAggregate.get(aggregate);
    const before = known === undefined ? undefined : this.#store.get('Event', known);
    const now = this.#cluster.now();
    if (known !== undefined && before !== undefined) {
      this.#store.put('Event', known, { ...before, count: before.count + 1, lastTimestamp: now });
      return;
    }
    const stored = this.#build(about, event, now);
    const key = `${stored.metadata.namespace}/${stored.metadata.name}`;
    this.#store.put('Event', key, stored);
    this.#keep(aggregate, key);
  }

  #build(about: ObjectLike, event: EventInput, now: string): Event {
    const { namespace, name, uid } = about.metadata;
    // Upstream names events by the nanosecond; the revision makes ours unique in the same instant.
    const at = (EPOCH_MS + Math.floor(this.#cluster.clock.now())).toString(16);
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

  #keep(aggregate: string, key: string): void {
    this.#byAggregate.set(aggregate, key);
    if (this.#keys.length < this.#max) {
      this.#aggregates.push(aggregate);
      this.#keys.push(key);
      return;
    }
    const at = this.#oldest;
    const oldestAggregate = this.#aggregates[at]!;
    const oldestKey = this.#keys[at]!;
    this.#aggregates[at] = aggregate;
    this.#keys[at] = key;
    this.#oldest = (at + 1) % this.#max;
    if (this.#byAggregate.get(oldestAggregate) === oldestKey) {
      this.#byAggregate.delete(oldestAggregate);
    }
    if (this.#store.delete('Event', oldestKey) === true) this.dropped++;
  }
}

interface Named {
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string | undefined;
}

/** What makes two events the same. */
const aggregateOf = (
  kind: string,
  { namespace = '', name, uid = '' }: Named,
  { reason, message }: { readonly reason: string; readonly message: string },
): string => `${kind}|${namespace}|${name}|${uid}|${reason}|${message}`;
