/**
 * load-balancer/target-group-binding/look-again — bindings that upstream looks at every fifteen
 * seconds until their targets are healthy, or until rules can be written. Nothing is polled here:
 * a change of what they wait for makes the next of these looks due, at the time upstream has it.
 */
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import type { Clock, Millis } from '../../../sim/clock.ts';
import { done, type Request, type Result, requeue } from '../../../sim/controller.ts';

/** How long the controller believes what it knows of interfaces and groups. */
const BELIEVED_MS = 600_000;

interface Waiting {
  readonly why: 'monitor targetHealth' | 'networking';
  readonly targetGroupArn: string;
  readonly sinceMs: Millis;
  /** Woken by what it waits for only, so it keeps to its time. */
  isEarly: boolean;
}

export class LookAgain {
  readonly #clock: Clock;
  readonly #everyMs: Millis;
  readonly #waiting = new Map<Request, Waiting>();
  readonly #byTargetGroup = new Map<string, Set<Request>>();
  /** When the binding's next wakes are. */
  readonly #due = new Map<Request, Millis>();
  readonly #dueIdly = new Map<Request, Millis>();
  /** When an interface or a security group last changed. */
  #cloudChangedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, everyMs: Millis) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** What to answer for a binding that has to be looked at again. */
  after(key: Request, why: Waiting['why'], { spec }: TargetGroupBinding): Result {
    const { targetGroupARN: targetGroupArn = '' } = spec;
    this.#leave(key);
    const sinceMs = this.#clock.now();
    this.#waiting.set(key, { why, targetGroupArn, sinceMs, isEarly: false });
    const others = this.#byTargetGroup.get(targetGroupArn) ?? new Set();
    this.#byTargetGroup.set(targetGroupArn, others.add(key));
    // What changed a while ago may not be known here yet.
    const isBelieved = why === 'networking' && sinceMs < this.#cloudChangedMs + BELIEVED_MS;
    return this.#wake(key, this.#everyMs, why, !isBelieved);
  }

  /** Wakes the binding once for all who want it woken by then, as upstream's queue does. */
  #wake(key: Request, inMs: Millis, why: Waiting['why'], background: boolean): Result {
    const due = background ? this.#dueIdly : this.#due;
    const now = this.#clock.now();
    if ((due.get(key) ?? now) > now) return done;
    due.set(key, now + inMs);
    return requeue(inMs, why, { background });
  }

  forget(key: Request): void {
    this.#due.delete(key);
    this.#dueIdly.delete(key);
    this.#leave(key);
  }

  #leave(key: Request): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    const others = this.#byTargetGroup.get(waiting.targetGroupArn)!;
    others.delete(key);
    if (others.size === 0) this.#byTargetGroup.delete(waiting.targetGroupArn);
  }

  /** The bindings that wait for the health of a group's targets. */
  targetChanged(targetGroupArn: string): Iterable<Request> {
    const keys = this.#byTargetGroup.get(targetGroupArn);
    if (keys === undefined) return NOTHING;
    for (const key of keys) this.#waiting.get(key)!.isEarly = true;
    return [...keys];
  }

  /** The bindings whose rules could not be written. */
  cloudChanged(): Iterable<Request> {
    this.#cloudChangedMs = this.#clock.now();
    if (this.#waiting.size === 0) return NOTHING;
    const keys: Request[] = [];
    for (const [key, waiting] of this.#waiting) {
      if (waiting.why !== 'networking') continue;
      waiting.isEarly = true;
      keys.push(key);
    }
    return keys;
  }

  /** Something else changed: the binding is looked at as soon as may be. */
  changed(key: Request): Request {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) waiting.isEarly = false;
    return key;
  }

  /** The rest of the wait for a binding that was only woken by what it waits for. */
  waitsStill(key: Request): Result | undefined {
    const waiting = this.#waiting.get(key);
    if (waiting?.isEarly !== true) return undefined;
    waiting.isEarly = false;
    const restMs = waiting.sinceMs + this.#everyMs - this.#clock.now();
    return restMs > 0 ? this.#wake(key, restMs, waiting.why, false) : undefined;
  }
}

const NOTHING: readonly Request[] = [];
