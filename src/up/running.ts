/** up/running — a twin as both APIs have it while it is up: paced, and its changes kept. */
import { type RunningTwin, type Served, StorageError } from '../api/running-twin.ts';
import type { ImageAnswers } from '../shell/http/image-answers.ts';
import type { Twin } from '../twin/twin.ts';
import { BackgroundSleep } from './background-sleep.ts';
import type { Journal } from './keeping.ts';
import type { Pacer } from './pacer.ts';

/** The twin as the APIs see it. */
export function runningTwin(
  twin: Twin,
  served: Served,
  pacer: Pacer,
  journal: Journal,
  answers?: ImageAnswers,
): RunningTwin {
  const background = new BackgroundSleep(twin.clock);
  return {
    twin,
    served,
    answers,
    commit: async (change, options) => {
      if (journal.trouble !== undefined) throw new StorageError(journal.trouble);
      pacer.catchUp();
      const result = change();
      if (options?.isOwn === true) pacer.wake();
      else {
        background.changed();
        pacer.poke();
      }
      await journal.kept();
      return result;
    },
    sleep: async (forMs, options) => {
      pacer.catchUp();
      if (options?.background === true) {
        const sleeping = background.sleep(forMs);
        pacer.wake();
        return sleeping;
      }
      const sleeping = new Promise<void>((resolve) => void twin.clock.after(forMs, resolve));
      pacer.poke();
      return sleeping;
    },
  };
}
