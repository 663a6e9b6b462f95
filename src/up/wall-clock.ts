/** up/wall-clock — the machine's clock and timers, as the pacer and its tests know them. */

export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
  start(forMs: number, run: () => void): unknown;
  stop(timer: unknown): void;
  /** Runs it after what the network has for us. */
  soon(run: () => void): void;
}

export const WALL_CLOCK: WallClock = {
  now: () => Date.now(),
  start: (forMs, run) => setTimeout(run, forMs),
  stop: (timer) => clearTimeout(timer as NodeJS.Timeout),
  soon: (run) => void setImmediate(run),
};
