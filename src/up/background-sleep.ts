/**
 * up/background-sleep — waits of what is not under way: programs in pods that loop. For half a
 * minute after a change they are hurried as work is, for it may be what they wait for; then they go
 * by the wall.
 */
import type { Clock, Millis, Timer } from '../sim/clock.ts';

const HURRIED_MS = 30_000;

interface Sleeper {
  readonly untilMs: Millis;
  readonly wake: () => void;
  timer: Timer;
}

export class BackgroundSleep {
  readonly #clock: Clock;
  readonly #sleeping = new Set<Sleeper>();
  #hurriedUntil: Millis;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#hurriedUntil = clock.now() + HURRIED_MS;
  }

  sleep(forMs: Millis): Promise<void> {
    const untilMs = this.#clock.now() + forMs;
    const background = untilMs > this.#hurriedUntil;
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleeping.delete(sleeper);
        resolve();
      };
      const timer = this.#clock.after(forMs, wake, { background });
      const sleeper: Sleeper = { untilMs, wake, timer };
      if (background) this.#sleeping.add(sleeper);
    });
  }

  /** Something changed. */
  changed(): void {
    this.#hurriedUntil = this.#clock.now() + HURRIED_MS;
    for (const sleeper of this.#sleeping) {
      if (sleeper.untilMs > this.#hurriedUntil) continue;
      sleeper.timer.cancel();
      sleeper.timer = this.#clock.after(sleeper.untilMs - this.#clock.now(), sleeper.wake);
      this.#sleeping.delete(sleeper);
    }
  }
}
