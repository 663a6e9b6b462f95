/**
 * sim/controller — the reconcile contract, in controller-runtime's words.
 *
 * Upstream: kubernetes-sigs/controller-runtime pkg/reconcile/reconcile.go, client-go
 * util/workqueue. Level-based: a request names an object, never carries it nor the event.
 */
import type { Clock, Millis, WaitOptions } from './clock.ts';
import type { Store, StoreEvent } from './store.ts';

/** Names one object: `namespace/name`, `name`, or an AWS id. */
export type Request = string;

export type Result =
  | { readonly kind: 'done' }
  /** Look again after `requeueAfterMs`; not an error. */
  | {
      readonly kind: 'requeue';
      readonly requeueAfterMs: Millis;
      readonly reason: string;
      /** The look-again is an idle poll (see `WaitOptions.background`). */
      readonly background?: boolean;
    }
  /** It failed; look again with exponential back-off. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      /** What it needs is in the making: however long the back-off, it is no idle poll. */
      readonly underWay?: boolean;
    };

export const done: Result = { kind: 'done' };

export const requeue = (
  requeueAfterMs: Millis,
  reason: string,
  options: WaitOptions = {},
): Result => ({
  kind: 'requeue',
  requeueAfterMs,
  reason,
  ...(options.background === true ? { background: true } : {}),
});

export const retry = (reason: string): Result => ({ kind: 'retry', reason });

/** Which objects a change concerns. */
export interface Watch<Kinds extends object> {
  readonly kind: keyof Kinds & string;
  /** Requests for a change; empty when it does not matter. */
  readonly requestsFor: (event: StoreEvent<Kinds>) => Iterable<Request>;
}

/** A watch whose handler sees the event with its own kind's type. */
export function watch<Kinds extends object, Kind extends keyof Kinds & string>(
  kind: Kind,
  requestsFor: (event: StoreEvent<Kinds, Kind>) => Iterable<Request>,
): Watch<Kinds> {
  return { kind, requestsFor: requestsFor as unknown as Watch<Kinds>['requestsFor'] };
}

/** The handler for a controller's own kind: the object itself. */
export const itself = (event: { readonly key: string }): Iterable<Request> => [event.key];

export interface Controller<Kinds extends object> {
  readonly name: string;
  readonly watches: readonly Watch<Kinds>[];
  /** Changes of one object within this time are looked at once; default 1 ms. */
  readonly batchMs?: Millis;
  /** Reconciles that may be under way at once; default 1. A request never runs twice at once. */
  readonly concurrency?: number;
  /**
   * Back-off beyond this is an idle poll: what did not mend by then needs somebody to mend it.
   * Default: never.
   */
  readonly idleRetryMs?: Millis;
  reconcile(request: Request): Result | Promise<Result>;
  /** Takes back the timers and tasks of its own; told once, when its run stops. */
  stop?(): void;
}

/** What may go wrong between the store and a controller: see sim/faults. */
export interface EventFaults {
  /** How often this event is handed over; 0 = lost until the next relist. */
  deliveries(controller: string): number;
  /** Relist after a lost event; upstream's reflector does so when its watch ends. */
  readonly relistAfterMs: Millis;
}

/** workqueue.DefaultTypedControllerRateLimiter: 5 ms doubling to 1,000 s. */
const RETRY_BASE_MS = 5;
const RETRY_MAX_MS = 1_000_000;

/** Runs a controller until `stop`: lists what is there, then follows changes. */
export class ControllerRun<Kinds extends object> {
  readonly #clock: Clock;
  readonly #store: Store<Kinds>;
  readonly #controller: Controller<Kinds>;
  readonly #faults: EventFaults | undefined;
  /** In order of arrival; a request is here once, however often it was asked for. */
  readonly #waiting = new Set<Request>();
  readonly #active = new Set<Request>();
  /** Asked for again while being reconciled. */
  readonly #dirty = new Set<Request>();
  readonly #failures = new Map<Request, number>();
  readonly #stops: (() => void)[] = [];
  #drainDue = false;
  #stopped = false;

  constructor(
    clock: Clock,
    store: Store<Kinds>,
    controller: Controller<Kinds>,
    faults?: EventFaults,
  ) {
    this.#clock = clock;
    this.#store = store;
    this.#controller = controller;
    this.#faults = faults;
    for (const { kind, requestsFor } of controller.watches) {
      this.#stops.push(store.subscribe(kind, (event) => this.#deliver(requestsFor, event)));
    }
    this.#relist();
  }

  /** Asks for a reconcile now. */
  add(request: Request): void {
    if (this.#stopped) return;
    if (this.#active.has(request)) this.#dirty.add(request);
    else this.#waiting.add(request);
    this.#scheduleDrain();
  }

  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
    this.#waiting.clear();
    this.#controller.stop?.();
  }

  #deliver(requestsFor: Watch<Kinds>['requestsFor'], event: StoreEvent<Kinds>): void {
    const deliveries = this.#faults?.deliveries(this.#controller.name) ?? 1;
    if (deliveries === 0) {
      this.#clock.after(this.#faults!.relistAfterMs, () => this.#relist());
      // The object may be gone by then, so what a delete concerned is kept, as a tombstone is.
      if (event.value === undefined) {
        const requests = [...requestsFor(event)];
        this.#clock.after(this.#faults!.relistAfterMs, () => {
          for (const request of requests) this.add(request);
        });
      }
      return;
    }
    for (let i = 0; i < deliveries; i++) for (const r of requestsFor(event)) this.add(r);
  }

  #relist(): void {
    if (this.#stopped) return;
    for (const { kind, requestsFor } of this.#controller.watches) {
      for (const { key, value, revision } of this.#store.entries(kind)) {
        const event = { kind, key, value, revision, previous: undefined };
        for (const request of requestsFor(event)) this.add(request);
      }
    }
  }

  #scheduleDrain(): void {
    if (this.#drainDue) return;
    this.#drainDue = true;
    this.#clock.after(this.#controller.batchMs ?? 1, () => {
      this.#drainDue = false;
      this.#drain();
    });
  }

  #drain(): void {
    const limit = this.#controller.concurrency ?? 1;
    for (const request of this.#waiting) {
      if (this.#active.size >= limit) return;
      this.#waiting.delete(request);
      this.#active.add(request);
      // Spawned before it runs: a reconcile may park on the clock at once.
      this.#clock.spawn(async () => {
        const outcome = this.#controller.reconcile(request);
        if (!(outcome instanceof Promise)) return this.#finish(request, outcome);
        this.#finish(request, await outcome);
        this.#drain();
      });
      if (this.#stopped) return;
    }
  }

  #finish(request: Request, result: Result): void {
    this.#active.delete(request);
    if (this.#stopped) return;
    if (this.#dirty.delete(request)) this.add(request);
    if (result.kind === 'retry') {
      const failures = this.#failures.get(request) ?? 0;
      this.#failures.set(request, failures + 1);
      const delayMs = Math.min(RETRY_BASE_MS * 2 ** failures, RETRY_MAX_MS);
      const isLong = delayMs > (this.#controller.idleRetryMs ?? RETRY_MAX_MS);
      const background = isLong && result.underWay !== true;
      this.#clock.after(delayMs, () => this.add(request), { background });
      return;
    }
    this.#failures.delete(request);
    if (result.kind === 'done') return;
    this.#clock.after(result.requeueAfterMs, () => this.add(request), {
      background: result.background === true,
    });
  }
}
