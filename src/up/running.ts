/** up/running — a twin as both APIs have it while it is up: paced, and its changes kept. */
import { type RunningTwin, type Served, StorageError } from '../api/running-twin.ts';
import type { ImageAnswers } from '../shell/http/image-answers.ts';
import type { Twin } from '../twin/twin.ts';
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
  return {
    twin,
    served,
    answers,
    commit: async (change) => {
      if (journal.trouble !== undefined) throw new StorageError(journal.trouble);
      pacer.catchUp();
      const result = change();
      pacer.poke();
      await journal.kept();
      return result;
    },
    sleep: (forMs, options) =>
      new Promise((resolve) => {
        pacer.catchUp();
        twin.clock.after(forMs, resolve, options);
        pacer.poke();
      }),
  };
}
