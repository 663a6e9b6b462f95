/**
 * up/pacer — a twin's simulation, paced by the wall clock: it runs in short slices, so that the
 * APIs are answered in between.
 *
 * The rule: the twin's clock goes as the wall does. Above 1x, work that is under way goes faster,
 * for at most `HURRIED_MS` of the twin's time after the last change, so that what never comes to
 * rest does not run away; when nothing is under way, a clock that is ahead waits for the wall.
 */
import { EPOCH_MS } from '../model/time.ts';
import type { Millis } from '../sim/clock.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { WallClock } from './wall-clock.ts';

/** How many times faster than the wall work goes; `max` = as fast as it computes. */
export type Speed = number | 'max';

/** How long the APIs may have to wait for a slice. */
const SLICE_MS = 10;
/** An idle twin's clock is at most this far behind. */
const TICK_MS = 500;
const HURRIED_MS = 30 * 60_000;

export class Pacer {
  readonly #clock: Simulation;
  readonly #wall: WallClock;
  readonly #speed: Speed;
  readonly #onFailure: (cause: unknown) => void;
  /** When the twin's clock was last brought on. */
  #seenAt: number;
  /** How far behind the wall the twin lives: at 1x not at all, above it what hurry has left. */
  #lagMs: Millis;
  #hurriedUntil: Millis;
  #timer: unknown;
  #isDue = false;
  #isRunning = false;
  #isStopped = true;

  constructor(
    clock: Simulation,
    wall: WallClock,
    speed: Speed,
    onFailure: (cause: unknown) => void,
  ) {
    this.#clock = clock;
    this.#wall = wall;
    this.#speed = speed;
    this.#onFailure = onFailure;
    this.#seenAt = wall.now();
    this.#lagMs = speed === 1 ? 0 : Math.max(0, this.#wallMs() - clock.now());
    this.#hurriedUntil = clock.now() + HURRIED_MS;
  }

  start(): void {
    this.#isStopped = false;
    this.#seenAt = this.#wall.now();
    this.#turnSoon();
  }

  /** Time stands still from now on; `start` goes on from there. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#wall.stop(this.#timer);
    this.#timer = undefined;
  }

  /** Brings the twin's clock to the wall's as far as nothing is due before: for a read or a write. */
  catchUp(): void {
    if (this.#isStopped || this.#isRunning || this.#rate() !== 1) return;
    this.#clock.catchUp(this.#target(1));
    this.#look();
  }

  /** Something changed: what follows from it begins now, and may be hurried. */
  poke(): void {
    this.#hurriedUntil = this.#clock.now() + HURRIED_MS;
    this.#turnSoon();
  }

  /** Something may be due sooner than what was waited for; nothing is hurried for it. */
  wake(): void {
    this.#turnSoon();
  }

  /** How fast time goes now. */
  #rate(): Speed {
    if (this.#speed === 1 || !this.#clock.isBusy()) return 1;
    return this.#clock.now() < this.#hurriedUntil ? this.#speed : 1;
  }

  #wallMs(): Millis {
    return this.#wall.now() - EPOCH_MS;
  }

  #target(rate: Speed): Millis {
    if (rate === 'max') return this.#hurriedUntil;
    const now = this.#clock.now();
    if (rate === 1) return Math.max(now, Math.floor(this.#wallMs() - this.#lagMs));
    const passed = Math.max(0, this.#wall.now() - this.#seenAt);
    return Math.min(Math.floor(now + passed * rate), this.#hurriedUntil);
  }

  /** Hurried work uses the lag up; what takes long to compute does not add to it. */
  #look(): void {
    this.#seenAt = this.#wall.now();
    this.#lagMs = Math.max(0, Math.min(this.#lagMs, this.#wallMs() - this.#clock.now()));
  }

  #turnSoon(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    if (this.#timer !== undefined) this.#wall.stop(this.#timer);
    this.#timer = undefined;
    this.#wall.soon(() => {
      this.#isDue = false;
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    if (this.#isStopped || this.#isRunning) return;
    this.#isRunning = true;
    try {
      const rate = this.#rate();
      const until = this.#wall.now() + SLICE_MS;
      const isCalm = () => rate !== 1 && !this.#clock.isBusy();
      const isThere = await this.#clock.runSlice(
        this.#target(rate),
        () => this.#wall.now() >= until || isCalm(),
      );
      this.#isRunning = false;
      this.#look();
      if (!isThere) this.#turnSoon();
      else this.#turnLater();
    } catch (cause) {
      this.#isRunning = false;
      this.stop();
      this.#onFailure(cause);
    }
  }

  #turnLater(): void {
    if (this.#isStopped || this.#isDue) return;
    const rate = this.#rate();
    const next = this.#clock.nextWakeAtMs();
    if (rate === 'max' && next !== undefined) {
      this.#turnSoon();
      return;
    }
    const ahead = rate === 1 ? Math.max(0, this.#clock.now() - this.#wallMs()) : 0;
    const due = next === undefined ? TICK_MS : (next - this.#clock.now()) / Number(rate) + ahead;
    this.#timer = this.#wall.start(Math.max(1, Math.min(TICK_MS, Math.ceil(due))), () => {
      this.#timer = undefined;
      void this.#turn();
    });
  }
}
