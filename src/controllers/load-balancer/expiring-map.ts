/**
 * controllers/load-balancer/expiring-map — answers of AWS, kept for a while: the controller does
 * not ask again before they are so many milliseconds old.
 *
 * Upstream: kubernetes/apimachinery pkg/util/cache/expiring.go.
 */
import type { Clock, Millis } from '../../sim/clock.ts';

interface Held<Value> {
  readonly value: Value;
  readonly untilMs: Millis;
}

/** Entries looked through for expired ones: every so many writes. */
const SWEEP_EVERY = 4_096;

export class ExpiringMap<Value> {
  readonly #clock: Clock;
  readonly #ttlMs: Millis;
  readonly #held = new Map<string, Held<Value>>();
  #writes = 0;

  constructor(clock: Clock, ttlMs: Millis) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  get(key: string): Value | undefined {
    const held = this.#held.get(key);
    return held === undefined || held.untilMs <= this.#clock.now() ? undefined : held.value;
  }

  set(key: string, value: Value): void {
    this.#held.set(key, { value, untilMs: this.#clock.now() + this.#ttlMs });
    if (++this.#writes % SWEEP_EVERY !== 0) return;
    for (const [key, { untilMs }] of this.#held)
      if (untilMs <= this.#clock.now()) this.#held.delete(key);
  }

  delete(key: string): void {
    this.#held.delete(key);
  }
}
