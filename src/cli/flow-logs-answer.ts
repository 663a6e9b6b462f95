/** cli/flow-logs-answer — asks the running twin for the lines of one flow log and prints them. */
import { InputError } from '../model/input-error.ts';
import { flowLogOfRunning } from '../up/ask-running.ts';
import { placesOf } from '../up/places.ts';
import { requireRunning } from '../up/running-state.ts';

/** @throws InputError when no twin runs, or it has no such flow log */
export async function printFlowLog(id: string): Promise<void> {
  const text = await flowLogOfRunning(requireRunning(placesOf()), id);
  if (text === undefined) {
    throw new InputError(
      `flow-logs ${id}`,
      `the flow log ID '${id}' does not exist`,
      'ekstwin get flow-logs lists them; aws ec2 create-flow-logs makes one',
    );
  }
  process.stdout.write(text);
}
