/** cli/install-answer — installs a component in the running twin, and says what it did not heed. */
import { InputError } from '../model/input-error.ts';
import { installOnRunning } from '../up/ask-running.ts';
import type { Installed } from '../up/install.ts';
import { placesOf } from '../up/places.ts';
import { requireRunning } from '../up/running-state.ts';
import type { InstallFlags } from './commands/install.ts';
import { noteLines } from './session.ts';

export async function install(component: string, flags: InstallFlags): Promise<void> {
  const { namespace, set: settings, name } = flags;
  const state = requireRunning(placesOf(name));
  const { answer } = await installOnRunning(state, { component, namespace, settings });
  const installed = answer as Installed;
  if ('problem' in installed) {
    throw new InputError(installed.where, installed.problem, installed.hint);
  }
  const notes = installed.ignored.map((path) => ({
    where: `--set ${path}`,
    text: 'nothing in the twin reads this value',
  }));
  for (const line of noteLines(notes)) console.error(line);
  console.log(`${component} is installed in ${namespace}: ${installed.applied.join(', ')} applied`);
}
