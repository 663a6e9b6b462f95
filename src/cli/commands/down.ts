/** cli/commands/down — `ekstwin down`: stops the running twin, and waits until it has. */
import { Command } from 'commander';

export function downCommand(): Command {
  return new Command('down')
    .summary('stop the running twin')
    .option('--name <name>', 'which, where several run')
    .action(async (flags: { readonly name?: string }) => {
      const { down } = await import('../running-answer.ts');
      await down(flags.name);
    });
}
