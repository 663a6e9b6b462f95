/**
 * load-balancer/target-group-binding/deferral — a binding that was skipped because nothing seems to
 * have changed is looked at for real half an hour to three quarters later, once in ten hours: what
 * somebody changed in AWS is found then.
 *
 * Upstream: aws-load-balancer-controller@225f4456
 * controllers/elbv2/targetgroupbinding_deferred_reconciler.go.
 */
import type { Clock, Timer } from '../../../sim/clock.ts';
import type { Random } from '../../../sim/random.ts';
import { ExpiringMap } from '../expiring-map.ts';

const DELAY_MS = 1_800_000;
const JITTER_MS = 900_000;
/** --sync-period. */
const SYNC_PERIOD_MS = 36_000_000;

export class Deferral {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #processed: ExpiringMap<true>;
  readonly #reset: (key: string) => void;
  readonly #timers = new Set<Timer>();

  /** @param reset  forgets the binding's checkpoint */
  constructor(clock: Clock, random: Random, reset: (key: string) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#processed = new ExpiringMap(clock, SYNC_PERIOD_MS);
    this.#reset = reset;
  }

  /** The binding was skipped. */
  enqueue(key: string): void {
    if (this.#processed.get(key) === true) return;
    this.#processed.set(key, true);
    const delayMs = DELAY_MS + this.#random.int(JITTER_MS);
    const timer = this.#clock.after(
      delayMs,
      () => {
        this.#timers.delete(timer);
        this.#reset(key);
      },
      { background: true },
    );
    this.#timers.add(timer);
  }

  /** The binding was looked at for real. */
  markProcessed(key: string): void {
    if (this.#processed.get(key) === undefined) this.#processed.set(key, true);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }
}
