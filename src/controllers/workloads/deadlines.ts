/**
 * controllers/workloads/deadlines — one timer per object that can be taken back. A requeue cannot:
 * a rollout that ended would keep time going until its deadline.
 */
import type { Clock, Millis, Timer, WaitOptions } from '../../sim/clock.ts';
import type { Request } from '../../sim/controller.ts';

export class Deadlines {
  readonly #clock: Clock;
  readonly #look: (request: Request) => void;
  readonly #timers = new Map<Request, Timer>();
  #stopped = false;

  /** @param look  called when a deadline passes; a synchronous reconcile */
  constructor(clock: Clock, look: (request: Request) => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** True while the object has a deadline. */
  has(request: Request): boolean {
    return this.#timers.has(request);
  }

  /** Sets the object's deadline anew; undefined takes it back. */
  set(request: Request, inMs: Millis | undefined, options: WaitOptions = {}): void {
    this.#timers.get(request)?.cancel();
    this.#timers.delete(request);
    if (inMs === undefined || this.#stopped) return;
    const timer = this.#clock.after(
      inMs,
      () => {
        this.#timers.delete(request);
        this.#look(request);
      },
      options,
    );
    this.#timers.set(request, timer);
  }

  /** Takes all deadlines back, and takes no more: the controller has stopped. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
