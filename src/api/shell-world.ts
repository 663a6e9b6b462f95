/** api/shell-world — a running twin as programs of its shell see it: their flows are recorded. */
import { flowJournalOf } from '../analysis/flow-logs/flow-journal.ts';
import type { ShellWorld } from '../shell/session.ts';
import type { RunningTwin } from './running-twin.ts';

/** What runs here waits in the twin's time, and what it sends is in the twin's flow logs. */
export function shellWorldOf(running: RunningTwin): ShellWorld {
  const { twin } = running;
  const journal = flowJournalOf(twin);
  return {
    twin,
    sleep: (forMs) => running.sleep(forMs),
    answers: running.answers,
    onTrace: (flow) => journal.saw(flow),
  };
}
