/** cli/commands/kubectl — `ekstwin kubectl …`: the user's own kubectl, on the running twin. */
import { Command } from 'commander';

export function kubectlCommand(): Command {
  return new Command('kubectl')
    .summary('run your own kubectl on the running twin')
    .argument('[words...]', 'what kubectl is given')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const { runOnTwin } = await import('../running-answer.ts');
      process.exitCode = await runOnTwin('kubectl', words);
    });
}
