/**
 * sim/clock — the one way to wait. Controllers and daemons see this interface only, so the same
 * code runs under virtual time (`Simulation`) and under the wall clock (`RealClock`).
 */

/** Milliseconds since the twin's epoch. */
export type Millis = number;

export interface WaitOptions {
  /**
   * A background wait does not keep `settle` going: an idle poll, an hourly sweep. A wait whose end
   * can change what the twin looks like is foreground.
   */
  readonly background?: boolean;
}

export interface Timer {
  cancel(): void;
}

/** Something tasks park on until another task says it happened. Never polls. */
export interface Signal {
  /** Wakes every waiter, at the current instant, in the order they began to wait. */
  notify(): void;
  wait(): Promise<void>;
  /** Waits for `notify`, but `forMs` at most; says which came first. */
  waitAtMost(forMs: Millis, options?: WaitOptions): Promise<'notified' | 'elapsed'>;
}

export interface Clock {
  now(): Millis;
  /** Resolves when `forMs` have passed. Only inside a spawned task; one wait at a time per task. */
  sleep(forMs: Millis, options?: WaitOptions): Promise<void>;
  /** Calls `run` once `forMs` have passed, unless cancelled before. */
  after(forMs: Millis, run: () => void, options?: WaitOptions): Timer;
  /** Starts a task. A task that throws fails the whole run: that is a broken invariant. */
  spawn(task: () => Promise<void>): void;
  signal(): Signal;
}
