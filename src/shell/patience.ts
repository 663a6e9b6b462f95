/**
 * shell/patience — how long somebody waits for a run: until they hang up, until a deadline, or for
 * as many commands as a run may have. Every wait of a program goes through here.
 */
import type { Millis } from '../sim/clock.ts';

/** The client went away: whatever runs for it ends. */
export class HungUp extends Error {}

/** `timeout` ended it. */
export class DeadlinePassed extends Error {}

/** A run that would never end by itself is ended. */
export class Exhausted extends Error {}

/** Commands of one run at most; a loop of so many waits for nothing. */
const COMMANDS_MAX = 200_000;
/** Between commands others have their turn this often. */
const TURN = 200;
const TURN_MS = 1;

/** What all the waits of one run share. */
interface Shared {
  readonly now: () => Millis;
  readonly sleep: (forMs: Millis) => Promise<void>;
  readonly hangUp: Promise<void>;
  isHungUp: boolean;
  commands: number;
}

export class Patience {
  readonly #shared: Shared;
  readonly #deadline: Millis;

  private constructor(shared: Shared, deadline: Millis) {
    this.#shared = shared;
    this.#deadline = deadline;
  }

  /** @param onHangUp  is given what to call when the client goes away */
  static of(
    now: () => Millis,
    sleep: (forMs: Millis) => Promise<void>,
    onHangUp: (callback: () => void) => void,
  ): Patience {
    let wake = (): void => {};
    const hangUp = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const shared: Shared = { now, sleep, hangUp, isHungUp: false, commands: 0 };
    onHangUp(() => {
      shared.isHungUp = true;
      wake();
    });
    return new Patience(shared, Number.POSITIVE_INFINITY);
  }

  /** The same, but no longer than a while from now. */
  atMost(forMs: Millis): Patience {
    const deadline = Math.min(this.#deadline, this.#shared.now() + forMs);
    return new Patience(this.#shared, deadline);
  }

  now(): Millis {
    return this.#shared.now();
  }

  /** @throws HungUp, DeadlinePassed */
  async sleep(forMs: Millis): Promise<void> {
    const left = this.#deadline - this.now();
    const wait = Math.max(0, Math.min(forMs, left));
    if (wait > 0) await this.whileThere(this.#shared.sleep(wait));
    if (this.#shared.isHungUp) throw new HungUp();
    if (forMs > left) throw new DeadlinePassed();
  }

  /** Something else to wait for, which a hang-up ends. @throws HungUp */
  async whileThere<Result>(task: Promise<Result>): Promise<Result> {
    const result = await Promise.race([task, this.#shared.hangUp.then(() => undefined)]);
    if (this.#shared.isHungUp) throw new HungUp();
    return result as Result;
  }

  /** Before every command. @throws HungUp, DeadlinePassed, Exhausted */
  async turn(): Promise<void> {
    const shared = this.#shared;
    shared.commands++;
    if (shared.isHungUp) throw new HungUp();
    if (shared.commands > COMMANDS_MAX) throw new Exhausted();
    if (shared.commands % TURN === 0) await this.sleep(TURN_MS);
  }
}
