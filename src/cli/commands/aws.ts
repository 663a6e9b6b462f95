/** cli/commands/aws — `ekstwin aws …`: the user's own aws, on the running twin. */
import { Command } from 'commander';

export function awsCommand(): Command {
  return new Command('aws')
    .summary('run your own aws on the running twin')
    .argument('[words...]', 'what aws is given')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const { runOnTwin } = await import('../running-answer.ts');
      process.exitCode = await runOnTwin('aws', words);
    });
}
