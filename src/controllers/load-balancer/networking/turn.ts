/** controllers/load-balancer/networking/turn — one at a time: a mutex under the twin's clock. */
import type { Clock, Signal } from '../../../sim/clock.ts';

export class Turn {
  readonly #freed: Signal;
  #isTaken = false;

  constructor(clock: Clock) {
    this.#freed = clock.signal();
  }

  /** Runs `work` once nobody else's runs. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isTaken) await this.#freed.wait();
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#isTaken = false;
      this.#freed.notify();
    }
  }
}
