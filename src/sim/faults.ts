/**
 * sim/faults — what may go wrong, as named probabilities, in one object. Decorators read it; the
 * code under test never knows. Follows tigerbeetle's packet simulator in shape.
 */
import type { Millis } from './clock.ts';
import type { EventFaults } from './controller.ts';
import type { Random } from './random.ts';

export interface Faults {
  /** An EC2 call is answered RequestLimitExceeded. */
  readonly throttle: number;
  /** An EC2 call fails inside AWS (InternalError), having done nothing. */
  readonly internalError: number;
  /** A call that takes addresses is answered InsufficientFreeAddressesInSubnet. */
  readonly insufficientAddresses: number;
  /** An EC2 call takes up to `slowMs` longer. */
  readonly slow: number;
  readonly slowMs: Millis;
  /** A store event is handed to a controller twice. */
  readonly duplicateEvent: number;
  /** A store event is not handed over; the controller relists after `relistAfterMs`. */
  readonly lostEvent: number;
  readonly relistAfterMs: Millis;
}

export const noFaults: Faults = {
  throttle: 0,
  internalError: 0,
  insufficientAddresses: 0,
  slow: 0,
  slowMs: 0,
  duplicateEvent: 0,
  lostEvent: 0,
  relistAfterMs: 1_000,
};

/** The part of the faults that sits between the store and controllers. */
export function eventFaults(random: Random, faults: () => Faults): EventFaults {
  return {
    deliveries() {
      const { duplicateEvent, lostEvent } = faults();
      if (duplicateEvent === 0 && lostEvent === 0) return 1;
      const drawn = random.next();
      if (drawn < lostEvent) return 0;
      return drawn < lostEvent + duplicateEvent ? 2 : 1;
    },
    get relistAfterMs() {
      return faults().relistAfterMs;
    },
  };
}
