/** cli/commands/status — `ekstwin status`: is a twin running, and where is it reached? */
import { Command, Option } from 'commander';

export function statusCommand(): Command {
  return new Command('status')
    .summary('whether a twin runs, and where it is reached')
    .description('Exit status 0: a twin is up and answers; 1: none is.')
    .option('--name <name>', 'which, where several run')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json']))
    .action(async (flags: { readonly name?: string; readonly output?: 'json' }) => {
      const { status } = await import('../running-answer.ts');
      process.exitCode = await status(flags.name, flags.output === 'json');
    });
}
