/**
 * sim/real-clock — the wall clock behind the same interface, for a twin that stays up.
 *
 * The core has no timers of its own: whoever runs it gives them (Node's, a browser's).
 */
import type { Clock, Millis, Signal, Timer, WaitOptions } from './clock.ts';

/** The host's timers; `setTimeout`-shaped. */
export interface HostTimers {
  /** Milliseconds, monotonic. */
  now(): number;
  start(forMs: number, run: () => void): unknown;
  stop(timer: unknown): void;
}

export class RealClock implements Clock {
  readonly #timers: HostTimers;
  readonly #startedAt: number;
  readonly #startMs: Millis;
  /** Virtual milliseconds per real one. */
  readonly #speed: number;
  readonly #onFailure: (cause: unknown) => void;

  constructor(
    timers: HostTimers,
    onFailure: (cause: unknown) => void,
    { startMs = 0, speed = 1 }: { readonly startMs?: Millis; readonly speed?: number } = {},
  ) {
    this.#timers = timers;
    this.#startedAt = timers.now();
    this.#startMs = startMs;
    this.#speed = speed;
    this.#onFailure = onFailure;
  }

  now(): Millis {
    return Math.floor(this.#startMs + (this.#timers.now() - this.#startedAt) * this.#speed);
  }

  sleep(forMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.after(forMs, resolve);
    });
  }

  after(forMs: Millis, run: () => void, _options?: WaitOptions): Timer {
    const guarded = (): void => {
      try {
        run();
      } catch (cause) {
        this.#onFailure(cause);
      }
    };
    const timer = this.#timers.start(Math.max(0, forMs) / this.#speed, guarded);
    return { cancel: () => this.#timers.stop(timer) };
  }

  spawn(task: () => Promise<void>): void {
    task().catch(this.#onFailure);
  }

  signal(): Signal {
    let waiting: (() => void)[] = [];
    return {
      notify: () => {
        const woken = waiting;
        waiting = [];
        for (const wake of woken) wake();
      },
      wait: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
        }),
      waitAtMost: (forMs, options) =>
        new Promise((resolve) => {
          const notified = (): void => {
            timer.cancel();
            resolve('notified');
          };
          const elapsed = (): void => {
            waiting = waiting.filter((other) => other !== notified);
            resolve('elapsed');
          };
          const timer = this.after(forMs, elapsed, options);
          waiting.push(notified);
        }),
    };
  }
}
