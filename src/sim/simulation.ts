/**
 * sim/simulation — virtual time. Tasks run until all of them are parked; then time jumps to the
 * next wake. A run is a function of (seed, initial state, inputs); a failing run is its seed.
 *
 * A task may await only what this room offers (sleep, signal) or a promise that settles without
 * them; anything else would let time jump while work is under way.
 */
import type { Clock, Millis, Signal, Timer, WaitOptions } from './clock.ts';
import { type Random, seeded } from './random.ts';
import { type Wake, WakeHeap } from './wake-heap.ts';

export type Settled =
  | { readonly kind: 'settled'; readonly atMs: Millis }
  /** Something still had foreground work when the limit was reached. */
  | { readonly kind: 'limit'; readonly atMs: Millis };

export class Simulation implements Clock {
  readonly seed: number;
  readonly random: Random;
  /** Wakes executed so far; the benchmark's "events". */
  wakes = 0;
  readonly #heap = new WakeHeap();
  #now: Millis;
  #order = 0;
  #running = 0;
  #idle: (() => void) | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(seed: number, startMs: Millis = 0) {
    this.seed = seed;
    this.random = seeded(seed);
    this.#now = startMs;
  }

  now(): Millis {
    return this.#now;
  }

  sleep(forMs: Millis, options: WaitOptions = {}): Promise<void> {
    return new Promise((resolve) => {
      this.#schedule(forMs, options.background === true, () => this.#resume(resolve));
      this.#park();
    });
  }

  after(forMs: Millis, run: () => void, options: WaitOptions = {}): Timer {
    const wake = this.#schedule(forMs, options.background === true, run);
    return { cancel: () => this.#heap.cancel(wake) };
  }

  spawn(task: () => Promise<void>): void {
    this.#running++;
    task()
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#park());
  }

  signal(): Signal {
    let waiting: (() => void)[] = [];
    return {
      notify: () => {
        if (waiting.length === 0) return;
        const woken = waiting;
        waiting = [];
        for (const wake of woken) wake();
      },
      wait: () =>
        new Promise((resolve) => {
          waiting.push(() => this.#schedule(0, false, () => this.#resume(resolve)));
          this.#park();
        }),
      waitAtMost: (forMs, options = {}) =>
        new Promise((resolve) => {
          let over = false;
          const finish = (how: 'notified' | 'elapsed') => () => {
            if (over) return;
            over = true;
            if (how === 'elapsed') waiting = waiting.filter((other) => other !== notified);
            this.#resume(() => resolve(how));
          };
          const timer = this.after(forMs, finish('elapsed'), options);
          const notified = (): void => {
            timer.cancel();
            this.#schedule(0, false, finish('notified'));
          };
          waiting.push(notified);
          this.#park();
        }),
    };
  }

  /** Runs until only background waits are left, or virtual time would pass `limitMs` from now. */
  async settle(limitMs: Millis = Number.POSITIVE_INFINITY): Promise<Settled> {
    const end = this.#now + limitMs;
    for (;;) {
      await this.#quiet();
      if (this.#heap.foreground === 0) return { kind: 'settled', atMs: this.#now };
      const next = this.#heap.peek();
      if (next === undefined || next.at > end) return { kind: 'limit', atMs: this.#now };
      this.#step();
    }
  }

  /** Runs everything, background waits too, until virtual time is `atMs`. */
  async runUntil(atMs: Millis): Promise<void> {
    await this.runSlice(atMs, () => false);
  }

  /**
   * As {@link runUntil}, but stops between two wakes when `isEnough` says so: for a host that has
   * other things to do.
   *
   * @returns whether virtual time is `atMs` now
   */
  async runSlice(atMs: Millis, isEnough: () => boolean): Promise<boolean> {
    for (;;) {
      await this.#quiet();
      if (isEnough()) return false;
      const next = this.#heap.peek();
      if (next === undefined || next.at > atMs) {
        this.#now = Math.max(this.#now, atMs);
        return true;
      }
      this.#step();
    }
  }

  /**
   * Moves time on to `atMs`, but not past the next wake: nothing runs. For a host whose clock went
   * on while nothing was due.
   */
  catchUp(atMs: Millis): void {
    if (this.#running > 0) return;
    const next = this.#heap.peek()?.at ?? atMs;
    this.#now = Math.max(this.#now, Math.min(atMs, next));
  }

  /** When the next wait is over; undefined when nothing waits. */
  nextWakeAtMs(): Millis | undefined {
    return this.#heap.peek()?.at;
  }

  /** Is anything under way that can change what the twin looks like? */
  isBusy(): boolean {
    return this.#heap.foreground > 0;
  }

  #step(): void {
    const wake = this.#heap.pop()!;
    this.#now = wake.at;
    this.wakes++;
    wake.run();
  }

  #schedule(forMs: Millis, background: boolean, run: () => void): Wake {
    const at = this.#now + Math.max(0, forMs);
    const wake = { at, order: this.#order++, background, run, cancelled: false };
    this.#heap.push(wake);
    return wake;
  }

  #resume(resolve: () => void): void {
    this.#running++;
    resolve();
  }

  #park(): void {
    this.#running--;
    if (this.#running < 0) {
      this.#failure ??= { cause: new Error('a task parked twice at once, or outside spawn') };
    }
    if (this.#running <= 0) this.#idle?.();
  }

  /** Resolves when all tasks are parked. Throws what one threw, with the seed that replays it. */
  async #quiet(): Promise<void> {
    while (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      this.#idle = undefined;
    }
    if (this.#failure === undefined) return;
    const { cause } = this.#failure;
    this.#failure = undefined;
    this.#running = 0;
    throw cause;
  }
}
