/**
 * shell/patience — how long somebody waits for a run: until they hang up, until a deadline, or for
 * as many commands as a run may have. Every wait of a program goes through here.
 */
import type { Millis } from '../sim/clock.ts';

/** The client went away: whatever runs for it ends. */
export class HungUp extends Error {}

/** Ctrl-C: the program in front ends. */
export class Interrupted extends Error {}

/** `timeout` ended it. */
export class DeadlinePassed extends Error {}

/** A run that would never end by itself is ended. */
export class Exhausted extends Error {}

/** Commands of one run at most; a loop of so many waits for nothing. */
const COMMANDS_MAX = 200_000;
/** Characters that the programs of one run write at most, to wherever. */
const WRITTEN_MAX = 32_000_000;
/** Between commands others have their turn this often. */
const TURN = 200;
const TURN_MS = 1;
/** A loop that never ends shares the machine with everybody. */
const UNENDING_TURN_MS = 50;

/** As a client's streams have them. */
export interface Callbacks {
  onHangUp(callback: () => void): void;
  onInterrupt?(callback: () => void): void;
}

/** What all the waits of one run share. */
interface Shared {
  readonly now: () => Millis;
  readonly sleep: (forMs: Millis) => Promise<void>;
  /** Wakes whoever waits: the client went away, or typed Ctrl-C. */
  wake: () => void;
  woken: Promise<void>;
  isHungUp: boolean;
  isInterrupted: boolean;
  commands: number;
  written: number;
  readonly isUnending: boolean;
}

export class Patience {
  readonly #shared: Shared;
  readonly #deadline: Millis;

  private constructor(shared: Shared, deadline: Millis) {
    this.#shared = shared;
    this.#deadline = deadline;
  }

  /**
   * @param streams  call back when the client goes away, or wants the program in front to end
   * @param isUnending  commands and output are not counted
   */
  static of(
    now: () => Millis,
    sleep: (forMs: Millis) => Promise<void>,
    streams: Callbacks,
    isUnending = false,
  ): Patience {
    const shared: Shared = {
      now,
      sleep,
      wake: () => {},
      woken: Promise.resolve(),
      isHungUp: false,
      isInterrupted: false,
      commands: 0,
      written: 0,
      isUnending,
    };
    const patience = new Patience(shared, Number.POSITIVE_INFINITY);
    patience.restored();
    streams.onHangUp(() => {
      shared.isHungUp = true;
      shared.wake();
    });
    streams.onInterrupt?.(() => {
      shared.isInterrupted = true;
      shared.wake();
    });
    return patience;
  }

  /** After an interrupt, before the next command. */
  restored(): void {
    const shared = this.#shared;
    shared.isInterrupted = false;
    shared.woken = new Promise((resolve) => {
      shared.wake = resolve;
    });
  }

  /** The same, but no longer than a while from now. */
  atMost(forMs: Millis): Patience {
    const deadline = Math.min(this.#deadline, this.#shared.now() + forMs);
    return new Patience(this.#shared, deadline);
  }

  now(): Millis {
    return this.#shared.now();
  }

  /** @throws HungUp, Interrupted, DeadlinePassed */
  async sleep(forMs: Millis): Promise<void> {
    const left = this.#deadline - this.now();
    const wait = Math.max(0, Math.min(forMs, left));
    if (wait > 0) await this.whileThere(this.#shared.sleep(wait));
    this.#check();
    if (forMs > left) throw new DeadlinePassed();
  }

  /** Something else to wait for, which a hang-up ends. @throws HungUp */
  async whileThere<Result>(task: Promise<Result>): Promise<Result> {
    const result = await Promise.race([task, this.#shared.woken.then(() => undefined)]);
    this.#check();
    return result as Result;
  }

  /** For every text that a program writes. @throws Exhausted */
  spend(characters: number): void {
    this.#shared.written += characters;
    if (this.#shared.written > WRITTEN_MAX && !this.#shared.isUnending) throw new Exhausted();
  }

  /** Before every command. @throws HungUp, DeadlinePassed, Exhausted */
  async turn(): Promise<void> {
    const shared = this.#shared;
    shared.commands++;
    this.#check();
    if (shared.commands > COMMANDS_MAX && !shared.isUnending) throw new Exhausted();
    if (shared.commands % TURN !== 0) return;
    await this.sleep(shared.isUnending ? UNENDING_TURN_MS : TURN_MS);
  }

  #check(): void {
    if (this.#shared.isHungUp) throw new HungUp();
    if (this.#shared.isInterrupted) throw new Interrupted();
  }
}
