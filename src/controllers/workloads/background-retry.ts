/**
 * controllers/workloads/background-retry — looking again after a refusal that only something else
 * can mend (a quota, a missing namespace, a webhook): with back-off, and without keeping time
 * going.
 */
import type { Clock, Millis } from '../../sim/clock.ts';
import { done, type Request, type Result, requeue } from '../../sim/controller.ts';

/** kube-controller-manager's work queues: 5 ms doubling to 1,000 s. */
const FIRST_MS = 5;
const LAST_MS = 1_000_000;

export class BackgroundRetry {
  readonly #clock: Clock;
  readonly #failures = new Map<Request, { readonly times: number; readonly dueMs: Millis }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The result of a reconcile that was refused something. One timer at a time. */
  refused(request: Request, reason: string): Result {
    const before = this.#failures.get(request);
    const nowMs = this.#clock.now();
    if (before !== undefined && before.dueMs > nowMs) return done;
    const times = (before?.times ?? 0) + 1;
    const waitMs = Math.min(FIRST_MS * 2 ** (times - 1), LAST_MS);
    this.#failures.set(request, { times, dueMs: nowMs + waitMs });
    return requeue(waitMs, reason, { background: true });
  }

  succeeded(request: Request): void {
    this.#failures.delete(request);
  }
}
